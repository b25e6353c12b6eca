package io.kubeshark.capture;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.linux.NetworkNamespace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** An interface whose other end is this process: without link headers (tun, ARPHRD_NONE), or with Ethernet's (tap). */
final class Tun implements AutoCloseable {
  private static final int O_RDWR = 2;
  private static final long TUNSETIFF = 0x400454caL;
  static final short TUN = 0x1001; // IFF_TUN | IFF_NO_PI
  static final short TAP = 0x1002;
  private final int fd;

  private Tun(int fd) {
    this.fd = fd;
  }

  private static MethodHandle function(String name, FunctionDescriptor type, int variadic) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type, Linker.Option.firstVariadicArg(variadic));
  }

  static Tun open(TestNetwork network, String namespace, short kind, String name, String address) throws Exception {
    Tun tun = NetworkNamespace.call(network.path(namespace), () -> attach(kind, name));
    network.up(namespace, name, address);
    return tun;
  }

  private static Tun attach(short kind, String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int fd = (int) function("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), 2).invokeExact(arena.allocateFrom("/dev/net/tun"), O_RDWR);
      MemorySegment request = arena.allocate(40, 8); // struct ifreq
      request.setString(0, name);
      request.set(JAVA_SHORT, 16, kind);
      int failed = (int) function("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2).invokeExact(fd, TUNSETIFF, request);
      assertThat(failed).as("TUNSETIFF").isZero();
      return new Tun(fd);
    } catch (Throwable e) {
      throw new IOException(e);
    }
  }

  /** The frame arrives at the interface as if from outside. */
  void arrives(byte[] frame) {
    Linker linker = Linker.nativeLinker();
    MethodHandle write = linker.downcallHandle(linker.defaultLookup().find("write").orElseThrow(), FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    try (Arena arena = Arena.ofConfined()) {
      long written = (long) write.invokeExact(fd, arena.allocateFrom(JAVA_BYTE, frame), (long) frame.length);
      assertThat(written).isEqualTo(frame.length);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws Exception {
    Linker linker = Linker.nativeLinker();
    MethodHandle close = linker.downcallHandle(linker.defaultLookup().find("close").orElseThrow(), FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    try {
      int ignored = (int) close.invokeExact(fd);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
