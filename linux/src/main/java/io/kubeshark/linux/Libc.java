package io.kubeshark.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The functions of libc that this module calls. The first argument of each is where errno goes: {@link #errnoSlot()}. */
final class Libc {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO_OPTION = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> SLOT =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

  static final MethodHandle SOCKET = function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  static final MethodHandle SETSOCKOPT =
      function("setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  static final MethodHandle GETSOCKOPT =
      function("getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  static final MethodHandle BIND = function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  static final MethodHandle MMAP =
      function("mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  static final MethodHandle MUNMAP = function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  static final MethodHandle POLL = function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  static final MethodHandle EVENTFD = function("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  static final MethodHandle READ = function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  static final MethodHandle WRITE = function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  // Variadic in C: the calling convention of some platforms differs for the arguments behind the dots, and on x86-64 AL counts them.
  static final MethodHandle OPEN = function("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
  static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  static final MethodHandle SETNS = function("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  static final MethodHandle IF_NAMEINDEX = function("if_nameindex", FunctionDescriptor.of(ADDRESS));
  static final MethodHandle IF_FREENAMEINDEX = function("if_freenameindex", FunctionDescriptor.ofVoid(ADDRESS));
  static final MethodHandle SYSCONF = function("sysconf", FunctionDescriptor.of(JAVA_LONG, JAVA_INT));
  private static final MethodHandle STRERROR = function("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private static final int ERROR_TEXT_BYTES_MAX = 256;

  private Libc() {}

  private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... more) {
    MemorySegment address = LINKER.defaultLookup().find(name).orElseThrow(() -> new UnsatisfiedLinkError("libc has no function " + name));
    Linker.Option[] options = new Linker.Option[more.length + 1];
    options[0] = ERRNO_OPTION;
    System.arraycopy(more, 0, options, 1, more.length);
    return LINKER.downcallHandle(address, type, options);
  }

  /** This thread's place for errno. */
  static MemorySegment errnoSlot() {
    return SLOT.get();
  }

  static int errno() {
    return (int) ERRNO.get(SLOT.get(), 0L);
  }

  static String errorText(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errnoSlot(), errno);
      return text.reinterpret(ERROR_TEXT_BYTES_MAX).getString(0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** @param result of a call that answers a negative number on failure */
  static int checked(int result, String call, String object) throws SystemCallException {
    if (result < 0) throw new SystemCallException(call, object, errno());
    return result;
  }

  static int open(String path, int flags) throws SystemCallException {
    int fd;
    try (Arena arena = Arena.ofConfined()) {
      fd = (int) OPEN.invokeExact(errnoSlot(), arena.allocateFrom(path), flags);
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return checked(fd, "open", path);
  }

  /** Errors are not reported: nothing here is written through a descriptor that could lose it. */
  static void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(errnoSlot(), fd);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A method handle declares Throwable; a downcall throws only what is a bug of ours. */
  static RuntimeException unexpected(Throwable e) {
    if (e instanceof RuntimeException runtime) return runtime;
    if (e instanceof Error error) throw error;
    return new IllegalStateException(e);
  }
}
