package io.kubeshark.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Private addresses that nobody named within the wait, for some time. Of two with the same place the later one stays. */
final class NamingGivenUp {
  private static final int ADDRESSES_MAX = 1024;
  private static final VarHandle BE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final long V4 = 0xffffL;

  private final long[] high = new long[ADDRESSES_MAX];
  private final long[] low = new long[ADDRESSES_MAX];
  private final long[] untilNs = new long[ADDRESSES_MAX];

  void add(byte[] ip, int offset, long untilNs) {
    int place = place(ip, offset);
    high[place] = (long) BE64.get(ip, offset);
    low[place] = (long) BE64.get(ip, offset + 8);
    this.untilNs[place] = untilNs;
  }

  boolean contains(byte[] ip, int offset, long nowNs) {
    int place = place(ip, offset);
    return low[place] == (long) BE64.get(ip, offset + 8) && high[place] == (long) BE64.get(ip, offset) && untilNs[place] - nowNs > 0;
  }

  private static int place(byte[] ip, int offset) {
    long mixed = ((long) BE64.get(ip, offset) * 31 + (long) BE64.get(ip, offset + 8)) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 54);
  }

  /** RFC 1918, RFC 6598 (shared address space), RFC 4193 (unique local addresses): where pods, services and nodes live. */
  static boolean isPrivate(byte[] ip, int offset) {
    long high = (long) BE64.get(ip, offset);
    long low = (long) BE64.get(ip, offset + 8);
    if (high != 0 || low >>> 32 != V4) return high >>> 57 == 0xfc >>> 1;
    int v4 = (int) low;
    return v4 >>> 24 == 10 || v4 >>> 20 == (172 << 4 | 1) || v4 >>> 16 == (192 << 8 | 168) || v4 >>> 22 == (100 << 2 | 1);
  }
}
