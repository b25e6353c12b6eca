package io.kubeshark.capture;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.kubeshark.linux.InterfaceList;
import io.kubeshark.linux.PacketSocket;
import io.kubeshark.linux.SystemCallException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Map;

/**
 * One interface's ring, which survives the interface: closed while that is away, opened again when it is back. One thread, except for
 * {@link #counts}.
 *
 * <pre>
 *   block:  kernel fills ──(full, or RETIRE_MS old)──► ours: status bit 0 set ──(copied)──► kernel's again: status 0
 * </pre>
 */
final class Ring implements AutoCloseable {
  /** How late a packet may come out of a ring that does not fill: milliseconds. */
  static final int RETIRE_MS = 10;
  static final int BLOCK_BYTES_SMALL = 128 * 1024; // holds any packet, segmentation offload's 64 KiB included
  static final int BLOCK_BYTES_LARGE = 1 << 20;
  /** A block with one packet is given up as well, after {@link #RETIRE_MS}: so many blocks make a reader's pause of 640 ms harmless. */
  private static final int LARGE_BLOCKS_MIN = 64;
  private static final int BLOCKS_MIN = 4;
  private static final VarHandle STATUS = JAVA_INT.varHandle();
  private static final int STATUS_OURS = 1;

  final String name;
  private final int blockBytes;
  private final int blockCount;
  private PacketSocket socket;
  private MemorySegment memory;
  private int next;
  private int fanoutGroup = PacketSocket.NEW_FANOUT_GROUP;
  private int interfaceIndex;
  private volatile CaptureStatistics.Ring counts;

  /** @param ringBytes rounded down to whole blocks, but never under {@value #BLOCKS_MIN} small ones */
  Ring(String name, long ringBytes) {
    this.name = name;
    this.blockBytes = blockBytes(ringBytes);
    this.blockCount = (int) Math.max(BLOCKS_MIN, ringBytes / blockBytes);
    this.counts = new CaptureStatistics.Ring(name, 0, 0, 0);
  }

  static int blockBytes(long ringBytes) {
    return ringBytes / BLOCK_BYTES_LARGE >= LARGE_BLOCKS_MIN ? BLOCK_BYTES_LARGE : BLOCK_BYTES_SMALL;
  }

  /**
   * Opens the socket in the calling thread's namespace. Nothing comes through before {@link #start}.
   *
   * @param shared with other threads' rings: {@code group} is theirs, or PacketSocket.NEW_FANOUT_GROUP
   */
  void open(boolean shared, int group) throws IOException {
    interfaceIndex = indexOf(name);
    PacketSocket opened = PacketSocket.open(name);
    try {
      opened.attachFilter(RingFilter.NOTHING);
      memory = opened.mapRing(blockBytes, blockCount, RETIRE_MS);
      opened.bind(interfaceIndex);
      if (shared) fanoutGroup = opened.joinFanout(group);
      socket = opened;
      next = 0;
    } finally {
      if (socket == null) opened.close();
    }
  }

  private static int indexOf(String name) throws IOException {
    if (name.equals(AfPacketOptions.ANY)) return PacketSocket.ANY_INTERFACE;
    Map<String, Integer> interfaces = InterfaceList.indexByName();
    Integer index = interfaces.get(name);
    if (index != null) return index;
    throw new CaptureException("interface '" + name + "' does not exist; there are: " + String.join(", ", interfaces.keySet()), null);
  }

  void start(long[] filter) throws SystemCallException {
    socket.attachFilter(filter);
  }

  /** Copies the next ready block and gives it back to the kernel. @return false if none is ready */
  boolean take(RingBlock into) {
    long at = (long) next * blockBytes;
    if (((int) STATUS.getAcquire(memory, at + RingBlock.STATUS) & STATUS_OURS) == 0) return false;
    int used = memory.get(JAVA_INT, at + RingBlock.BYTES_USED);
    MemorySegment.copy(memory, JAVA_BYTE, at, into.array, 0, used);
    STATUS.setRelease(memory, at + RingBlock.STATUS, 0);
    next = next + 1 == blockCount ? 0 : next + 1;
    return true;
  }

  /** Adds what the kernel counted since the last call to {@link #counts}. */
  void takeCounts() throws SystemCallException {
    PacketSocket.Counts news = socket.takeCounts();
    CaptureStatistics.Ring old = counts;
    counts = new CaptureStatistics.Ring(name, old.packets() + news.packets(), old.droppedPackets() + news.drops(), old.freezes() + news.freezes());
  }

  /** Clears a pending error. @return whether the interface is gone for good (one that is only down comes back by itself) */
  boolean interfaceGone() throws IOException {
    socket.takeError();
    if (interfaceIndex == PacketSocket.ANY_INTERFACE) return false;
    Integer index = InterfaceList.indexByName().get(name);
    return index == null || index != interfaceIndex;
  }

  CaptureStatistics.Ring counts() {
    return counts;
  }

  int fanoutGroup() {
    return fanoutGroup;
  }

  int descriptor() {
    return socket.descriptor();
  }

  boolean isOpen() {
    return socket != null;
  }

  @Override
  public void close() {
    if (socket == null) return;
    socket.close();
    socket = null;
    memory = null;
  }
}
