package io.kubeshark.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** libpcap's filter compiler; loaded when the first filter is asked for. */
final class Libpcap {
  private static final List<String> FILES = List.of("libpcap.so.0.8", "libpcap.so.1");
  private static final int NETMASK_UNKNOWN = -1;
  private static final int OPTIMIZE = 1;
  private static final int MESSAGE_BYTES_MAX = 256; // PCAP_ERRBUF_SIZE

  private final MethodHandle openDead;
  private final MethodHandle close;
  private final MethodHandle compile;
  private final MethodHandle error;
  private final MethodHandle freeCode;

  private static final class Loaded {
    static final Libpcap LIBRARY = load();
  }

  private Libpcap(SymbolLookup library) {
    openDead = function(library, "pcap_open_dead", FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT));
    close = function(library, "pcap_close", FunctionDescriptor.ofVoid(ADDRESS));
    compile = function(library, "pcap_compile", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
    error = function(library, "pcap_geterr", FunctionDescriptor.of(ADDRESS, ADDRESS));
    freeCode = function(library, "pcap_freecode", FunctionDescriptor.ofVoid(ADDRESS));
  }

  private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(library.find(name).orElseThrow(), type);
  }

  private static Libpcap load() {
    return load(FILES);
  }

  /** @return null if none of the files can be loaded */
  static Libpcap load(List<String> files) {
    for (String file : files) {
      try {
        return new Libpcap(SymbolLookup.libraryLookup(file, Arena.global()));
      } catch (IllegalArgumentException e) {
        // Not installed under this name: the next one.
      }
    }
    return null;
  }

  static Libpcap loaded() throws BpfFilterException {
    return orMissing(Loaded.LIBRARY);
  }

  static Libpcap orMissing(Libpcap library) throws BpfFilterException {
    if (library == null) throw new BpfFilterException("a capture filter needs libpcap, which is not installed: apt-get install libpcap0.8");
    return library;
  }

  long[] compile(String expression, int linkType, int snapLength) throws BpfFilterException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment handle = (MemorySegment) openDead.invokeExact(dlt(linkType), snapLength);
      if (handle.address() == 0) throw new OutOfMemoryError("pcap_open_dead");
      try {
        MemorySegment program = local.allocate(16, 8); // struct bpf_program: unsigned count, instructions *
        int failed = (int) compile.invokeExact(handle, program, local.allocateFrom(expression), OPTIMIZE, NETMASK_UNKNOWN);
        if (failed != 0) throw new BpfFilterException("the capture filter '" + expression + "' cannot be used: " + message(handle));
        long count = program.get(JAVA_INT, 0) & 0xffffffffL;
        long[] instructions = program.get(ADDRESS, 8).reinterpret(count * 8).toArray(JAVA_LONG);
        freeCode.invokeExact(program);
        return instructions;
      } finally {
        close.invokeExact(handle);
      }
    } catch (BpfFilterException e) {
      throw e;
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
  }

  private String message(MemorySegment handle) throws Throwable {
    MemorySegment text = (MemorySegment) error.invokeExact(handle);
    return text.reinterpret(MESSAGE_BYTES_MAX).getString(0);
  }

  /** Files number link types by LINKTYPE_, libpcap's functions by DLT_; they differ for raw IP (pcap-common.c). */
  private static int dlt(int linkType) {
    return linkType == 101 || linkType == 14 ? 12 : linkType;
  }
}
