package io.kubeshark.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * An AF_PACKET socket with a TPACKET_V3 ring (linux/if_packet.h, Documentation/networking/packet_mmap.rst). The socket belongs to the
 * network namespace of the thread that opened it; everything else may be called from any thread, one at a time.
 */
public final class PacketSocket implements AutoCloseable {
  /** Binds to all interfaces, present and to come. */
  public static final int ANY_INTERFACE = 0;
  /** Lets the kernel choose a fanout group that nobody has. */
  public static final int NEW_FANOUT_GROUP = -1;
  /** linux/filter.h BPF_MAXINSNS. */
  public static final int FILTER_INSTRUCTIONS_MAX = 4096;

  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int ETH_P_ALL = 3;
  private static final int SOL_SOCKET = 1;
  private static final int SO_ERROR = 4;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int SOL_PACKET = 263;
  private static final int PACKET_RX_RING = 5;
  private static final int PACKET_STATISTICS = 6;
  private static final int PACKET_VERSION = 10;
  private static final int PACKET_FANOUT = 18;
  private static final int TPACKET_V3 = 2;
  private static final int FANOUT_HASH = 0;
  private static final int FANOUT_UNIQUE_ID = 0x2000;
  private static final int FRAME_BYTES = 2048; // V3 packs frames as they come; the kernel only wants the product to be right
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private final String name;
  private final int fd;
  private final Arena arena = Arena.ofShared();
  private boolean closed;

  private PacketSocket(String name, int fd) {
    this.name = name;
    this.fd = fd;
  }

  /**
   * Nothing arrives before {@link #bind}: the socket is made with protocol 0, otherwise it would begin with packets of all interfaces.
   *
   * @param name what it is for, in error messages
   */
  public static PacketSocket open(String name) throws SystemCallException {
    int fd;
    try {
      fd = (int) Libc.SOCKET.invokeExact(Libc.errnoSlot(), AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
    return new PacketSocket(name, Libc.checked(fd, "socket(AF_PACKET)", name));
  }

  /**
   * Asks for the ring and maps it. The pages are the kernel's and cannot be swapped: no memory-lock limit applies.
   *
   * @param retireMs after how many milliseconds a block with packets is handed over although it is not full
   * @return the ring, valid until {@link #close}
   */
  public MemorySegment mapRing(int blockBytes, int blockCount, int retireMs) throws SystemCallException {
    setInt(PACKET_VERSION, TPACKET_V3, "PACKET_VERSION");
    try (Arena local = Arena.ofConfined()) {
      MemorySegment request = local.allocate(7 * 4L, 4);
      request.setAtIndex(JAVA_INT, 0, blockBytes);
      request.setAtIndex(JAVA_INT, 1, blockCount);
      request.setAtIndex(JAVA_INT, 2, FRAME_BYTES);
      request.setAtIndex(JAVA_INT, 3, Math.toIntExact((long) blockBytes / FRAME_BYTES * blockCount));
      request.setAtIndex(JAVA_INT, 4, retireMs);
      setOption(SOL_PACKET, PACKET_RX_RING, request, "PACKET_RX_RING");
    }
    return map((long) blockBytes * blockCount);
  }

  private MemorySegment map(long length) throws SystemCallException {
    MemorySegment mapped;
    try {
      mapped = (MemorySegment) Libc.MMAP.invokeExact(Libc.errnoSlot(), MemorySegment.NULL, length, PROT_READ_WRITE, MAP_SHARED, fd, 0L);
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
    if (mapped.address() == -1) throw new SystemCallException("mmap of " + length + " bytes", name, Libc.errno());
    return mapped.reinterpret(length, arena, PacketSocket::unmap);
  }

  private static void unmap(MemorySegment ring) {
    try {
      int ignored = (int) Libc.MUNMAP.invokeExact(Libc.errnoSlot(), ring, ring.byteSize());
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
  }

  /** From now on packets arrive. @param interfaceIndex or {@link #ANY_INTERFACE} */
  public void bind(int interfaceIndex) throws SystemCallException {
    int result;
    try (Arena local = Arena.ofConfined()) {
      MemorySegment address = local.allocate(20, 4); // struct sockaddr_ll
      address.set(JAVA_SHORT, 0, (short) AF_PACKET);
      address.set(NETWORK_SHORT, 2, (short) ETH_P_ALL);
      address.set(JAVA_INT, 4, interfaceIndex);
      result = (int) Libc.BIND.invokeExact(Libc.errnoSlot(), fd, address, (int) address.byteSize());
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
    Libc.checked(result, "bind", name);
  }

  /**
   * Shares this interface's packets with the other sockets of the group, by flow: both directions of a connection reach the same socket.
   * The socket must be bound.
   *
   * @param group as another socket's call answered, or {@link #NEW_FANOUT_GROUP}
   * @return the group
   */
  public int joinFanout(int group) throws SystemCallException {
    int argument = group == NEW_FANOUT_GROUP ? (FANOUT_HASH | FANOUT_UNIQUE_ID) << 16 : group | FANOUT_HASH << 16;
    setInt(PACKET_FANOUT, argument, "PACKET_FANOUT");
    try (Arena local = Arena.ofConfined()) {
      MemorySegment value = local.allocate(JAVA_INT);
      getOption(SOL_PACKET, PACKET_FANOUT, value, "PACKET_FANOUT");
      return value.get(JAVA_INT, 0) & 0xffff;
    }
  }

  /** Replaces the filter, without a moment in between. @param instructions classic BPF, each a {@link BpfInstruction} */
  public void attachFilter(long[] instructions) throws SystemCallException {
    if (instructions.length > FILTER_INSTRUCTIONS_MAX) {
      throw new IllegalArgumentException("a filter of " + instructions.length + " instructions; the kernel takes " + FILTER_INSTRUCTIONS_MAX);
    }
    try (Arena local = Arena.ofConfined()) {
      MemorySegment code = local.allocateFrom(JAVA_LONG, instructions);
      MemorySegment program = local.allocate(16, 8); // struct sock_fprog
      program.set(JAVA_SHORT, 0, (short) instructions.length);
      program.set(ADDRESS, 8, code);
      setOption(SOL_SOCKET, SO_ATTACH_FILTER, program, "SO_ATTACH_FILTER");
    }
  }

  /** What the ring saw and dropped. The kernel resets its counts with each question, so only one may ask. */
  public record Counts(long packets, long drops, long freezes) {}

  /** Counts since the last call (or the opening); dropped packets are in both numbers. */
  public Counts takeCounts() throws SystemCallException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment stats = local.allocate(12, 4); // struct tpacket_stats_v3
      getOption(SOL_PACKET, PACKET_STATISTICS, stats, "PACKET_STATISTICS");
      return new Counts(unsigned(stats, 0), unsigned(stats, 1), unsigned(stats, 2));
    }
  }

  private static long unsigned(MemorySegment segment, int index) {
    return segment.getAtIndex(JAVA_INT, index) & 0xffffffffL;
  }

  /** The pending error (errno, 0: none), which is thereby cleared: {@link SystemCallException#ENETDOWN} when the interface goes down. */
  public int takeError() throws SystemCallException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment value = local.allocate(JAVA_INT);
      getOption(SOL_SOCKET, SO_ERROR, value, "SO_ERROR");
      return value.get(JAVA_INT, 0);
    }
  }

  private void setInt(int option, int value, String optionName) throws SystemCallException {
    try (Arena local = Arena.ofConfined()) {
      setOption(SOL_PACKET, option, local.allocateFrom(JAVA_INT, value), optionName);
    }
  }

  private void setOption(int level, int option, MemorySegment value, String optionName) throws SystemCallException {
    int result;
    try {
      result = (int) Libc.SETSOCKOPT.invokeExact(Libc.errnoSlot(), fd, level, option, value, (int) value.byteSize());
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
    Libc.checked(result, "setsockopt(" + optionName + ")", name);
  }

  private void getOption(int level, int option, MemorySegment value, String optionName) throws SystemCallException {
    int result;
    try (Arena local = Arena.ofConfined()) {
      MemorySegment length = local.allocateFrom(JAVA_INT, (int) value.byteSize());
      result = (int) Libc.GETSOCKOPT.invokeExact(Libc.errnoSlot(), fd, level, option, value, length);
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
    Libc.checked(result, "getsockopt(" + optionName + ")", name);
  }

  /** For {@link PollSet}. */
  public int descriptor() {
    return fd;
  }

  /** The ring is unmapped: reading it afterwards throws IllegalStateException. */
  @Override
  public void close() {
    if (closed) return;
    closed = true;
    arena.close();
    Libc.close(fd);
  }
}
