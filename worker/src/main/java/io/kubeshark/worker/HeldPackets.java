package io.kubeshark.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Copies of packets whose pod the API server has not told of yet, in their order: kubelet tells an address a second or two after the pod
 * began to use it. Within a budget; one owner.
 *
 * <pre>
 *   0 length of all (4)   4 captured (4)   8 wire (4)   12 link type (4)   16 interface (4)   20 vlan (4)   24 flags (4)   28 time (8)   36 frame
 * </pre>
 */
final class HeldPackets {
  /** How long a packet waits. */
  static final long WAIT_NS = 3_000_000_000L;
  static final int BYTES_MAX = 1 << 20;
  private static final int BYTES_AT_FIRST = 64 << 10;
  private static final int HEADER_BYTES = 36;
  /** Addresses that were waited for in vain are not waited for again for so long: not everything behind a pod-like interface is a pod. */
  static final long GIVEN_UP_NS = 30_000_000_000L;
  /** The newest of those with the same last bits. */
  private static final int GIVEN_UP_MAX = 256;

  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /** Gets each packet that waits. */
  interface Taker {
    /** @return whether it waits no longer */
    boolean take(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags);
  }

  private byte[] buffer = new byte[0];
  private int end;
  /** High, low, until when; three for each. */
  private final long[] givenUp = new long[3 * GIVEN_UP_MAX];

  boolean isEmpty() {
    return end == 0;
  }

  /** Time of the oldest one; there must be one. */
  long oldestNs() {
    return (long) LONG.get(buffer, 28);
  }

  /** @return false: no room, it does not wait */
  boolean add(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    int length = HEADER_BYTES + capturedLength + 3 & ~3;
    if (length > BYTES_MAX - end) return false;
    if (length > buffer.length - end) buffer = Arrays.copyOf(buffer, Math.clamp((end + length) * 2L, BYTES_AT_FIRST, BYTES_MAX));
    INT.set(buffer, end, length);
    INT.set(buffer, end + 4, capturedLength);
    INT.set(buffer, end + 8, wireLength);
    INT.set(buffer, end + 12, linkType);
    INT.set(buffer, end + 16, interfaceIndex);
    INT.set(buffer, end + 20, vlan);
    INT.set(buffer, end + 24, flags);
    LONG.set(buffer, end + 28, timeNs);
    System.arraycopy(array, offset, buffer, end + HEADER_BYTES, capturedLength);
    end += length;
    return true;
  }

  /** Those that go on waiting keep their order. */
  void offer(Taker taker) {
    int kept = 0;
    for (int at = 0; at < end; ) {
      int length = i32(at);
      boolean gone = taker.take(buffer, at + HEADER_BYTES, i32(at + 4), i32(at + 8), (long) LONG.get(buffer, at + 28), i32(at + 12), i32(at + 16), i32(at + 20), i32(at + 24));
      if (!gone) {
        if (kept < at) System.arraycopy(buffer, at, buffer, kept, length);
        kept += length;
      }
      at += length;
    }
    end = kept;
  }

  private int i32(int at) {
    return (int) INT.get(buffer, at);
  }

  void giveUp(long high, long low, long nowNs) {
    int at = slot(high, low);
    givenUp[at] = high;
    givenUp[at + 1] = low;
    givenUp[at + 2] = nowNs + GIVEN_UP_NS;
  }

  boolean givenUp(long high, long low, long nowNs) {
    int at = slot(high, low);
    return givenUp[at] == high && givenUp[at + 1] == low && nowNs < givenUp[at + 2];
  }

  private static int slot(long high, long low) {
    return (int) ((high ^ low) & GIVEN_UP_MAX - 1) * 3;
  }
}
