package io.kubeshark.reassembly;

import io.kubeshark.core.LedgerCode;

/**
 * IP fragments until their datagram is whole (RFC 791 section 3.2, RFC 8200 section 4.5). They may come in any order; where they overlap,
 * the first copy wins and the later one is booked as DUPLICATE. What does not become whole within the time or memory limit ends as
 * FRAGMENT_INCOMPLETE, oldest first.
 */
final class FragmentTable {
  static final int DATAGRAMS_MAX = 4096;
  static final int DATAGRAM_BYTES_MAX = 65_535;
  /** Separate runs of bytes within one datagram: more is an attack. */
  static final int RUNS_MAX = 64;

  private static final int BUCKETS = 1024;

  private static final class Datagram {
    long srcHigh;
    long srcLow;
    long dstHigh;
    long dstLow;
    int id;
    int origin;
    int key;
    /** From the fragment at offset 0. */
    int protocol;
    Segment buffer;
    /** -1 until the last fragment came. */
    int totalLength = -1;
    int storedBytes;
    long frameBytes;
    long paddingBytes;
    long firstNs;
    final int[] starts = new int[RUNS_MAX];
    final int[] ends = new int[RUNS_MAX];
    int runs;
    Datagram inBucket;
    Datagram older;
    Datagram newer;
  }

  private final Accounts accounts;
  private final SegmentPool pool;
  private final long timeoutNs;
  private final Datagram[] buckets = new Datagram[BUCKETS];
  private Datagram oldest;
  private Datagram newest;
  private int count;
  private long incomplete;
  /** Buffers of datagrams that became whole: read until the next frame. */
  private Segment done;
  private Verdict verdict;

  FragmentTable(Accounts accounts, long budgetBytes, long timeoutNs) {
    this.accounts = accounts;
    this.pool = new SegmentPool(budgetBytes);
    this.timeoutNs = timeoutNs;
  }

  /** Datagrams that were given up. */
  long incomplete() {
    return incomplete;
  }

  int waiting() {
    return count;
  }

  /** After {@link #add} returned -1: FRAGMENT (kept, or booked here) or MALFORMED (not booked). */
  Verdict verdict() {
    return verdict;
  }

  /** A new frame begins: what the last one completed is not read any more. */
  void release() {
    while (done != null) {
      Segment segment = done;
      done = segment.next;
      pool.give(segment);
    }
  }

  /**
   * Takes the fragment at {@code p.at}. When it makes its datagram whole, {@code p} goes on with the datagram's bytes and its transport
   * protocol is returned; else -1.
   */
  int add(Packet p, int id, int protocol, int offset, boolean more) {
    int length = p.wireEnd - p.at;
    if (length <= 0 || more && (length & 7) != 0 || offset + length > DATAGRAM_BYTES_MAX) return refuse(Verdict.MALFORMED);
    if (p.end < p.wireEnd) {
      bookCut(p, length);
      return refuse(Verdict.FRAGMENT);
    }
    int key = key(p, id, p.ipv6 ? 0 : protocol);
    Datagram d = find(p, id, key);
    if (d == null) d = open(p, id, key, protocol);
    if (!more && d.totalLength >= 0 && d.totalLength != offset + length || d.totalLength >= 0 && offset + length > d.totalLength) {
      return refuse(Verdict.MALFORMED);
    }
    if (d.runs == RUNS_MAX || !grow(d, offset + length)) {
      d.frameBytes += p.accountedLength;
      d.paddingBytes += p.paddingBytes;
      accounts.pending += p.accountedLength;
      d.storedBytes += length;
      giveUp(d);
      return refuse(Verdict.FRAGMENT);
    }
    if (!more) d.totalLength = offset + length;
    if (offset == 0) d.protocol = protocol;
    int fresh = store(d, p, offset, length);
    accounts.add(null, LedgerCode.DUPLICATE, length - fresh);
    d.storedBytes += fresh;
    d.frameBytes += p.accountedLength - (length - fresh);
    d.paddingBytes += p.paddingBytes;
    accounts.pending += p.accountedLength - (length - fresh);
    if (d.runs == 1 && d.starts[0] == 0 && d.ends[0] == d.totalLength) return complete(d, p);
    return refuse(Verdict.FRAGMENT);
  }

  /** Gives up what waits for too long. */
  void onTime(long nowNs) {
    while (oldest != null && nowNs - oldest.firstNs >= timeoutNs) giveUp(oldest);
  }

  void flush() {
    while (oldest != null) giveUp(oldest);
  }

  private int refuse(Verdict why) {
    verdict = why;
    return -1;
  }

  private void bookCut(Packet p, int length) {
    p.payload();
    accounts.headers(null, p);
    accounts.add(null, LedgerCode.FRAGMENT_INCOMPLETE, p.payloadLength, 1);
    accounts.add(null, LedgerCode.SNAPLEN, length - p.payloadLength, 1);
  }

  private static int key(Packet p, int id, int protocol) {
    long h = (p.srcLow ^ Long.rotateLeft(p.dstLow, 17) ^ p.srcHigh ^ Long.rotateLeft(p.dstHigh, 31)) * 0x9e3779b97f4a7c15L;
    h = (h ^ id ^ (long) protocol << 40 ^ (long) p.origin() << 48) * 0xc2b2ae3d27d4eb4fL;
    return (int) (h >>> 32);
  }

  private Datagram find(Packet p, int id, int key) {
    for (Datagram d = buckets[key & BUCKETS - 1]; d != null; d = d.inBucket) {
      if (d.key == key && d.id == id && d.origin == p.origin() && d.srcLow == p.srcLow && d.dstLow == p.dstLow && d.srcHigh == p.srcHigh
          && d.dstHigh == p.dstHigh) {
        return d;
      }
    }
    return null;
  }

  private Datagram open(Packet p, int id, int key, int protocol) {
    if (count == DATAGRAMS_MAX) giveUp(oldest);
    Datagram d = new Datagram();
    d.srcHigh = p.srcHigh;
    d.srcLow = p.srcLow;
    d.dstHigh = p.dstHigh;
    d.dstLow = p.dstLow;
    d.id = id;
    d.origin = p.origin();
    d.key = key;
    d.protocol = protocol;
    d.firstNs = p.timeNs;
    d.inBucket = buckets[key & BUCKETS - 1];
    buckets[key & BUCKETS - 1] = d;
    d.older = newest;
    if (newest == null) oldest = d;
    else newest.newer = d;
    newest = d;
    count++;
    return d;
  }

  /** Room for the first {@code size} bytes; makes room at the cost of older datagrams. */
  private boolean grow(Datagram d, int size) {
    if (d.buffer != null && d.buffer.bytes.length >= size) return true;
    Segment larger = pool.take(Math.max(size, d.buffer == null ? 2048 : 0));
    while (larger == null && oldest != d) {
      giveUp(oldest);
      larger = pool.take(size);
    }
    if (larger == null) return false;
    if (d.buffer != null) {
      int used = d.runs == 0 ? 0 : d.ends[d.runs - 1];
      System.arraycopy(d.buffer.bytes, 0, larger.bytes, 0, used);
      pool.give(d.buffer);
    }
    d.buffer = larger;
    return true;
  }

  /** Copies what is not there yet; returns how many bytes that were. */
  private static int store(Datagram d, Packet p, int offset, int length) {
    int end = offset + length;
    int position = offset;
    int fresh = 0;
    int first = 0;
    while (first < d.runs && d.ends[first] < offset) first++;
    int last = first;
    for (; last < d.runs && d.starts[last] <= end; last++) {
      int until = Math.min(d.starts[last], end);
      if (until > position) fresh += copy(d, p, offset, position, until);
      position = Math.max(position, d.ends[last]);
    }
    if (position < end) fresh += copy(d, p, offset, position, end);
    // Runs [first, last) touch the new one: all become one.
    int start = first < last ? Math.min(offset, d.starts[first]) : offset;
    int stop = first < last ? Math.max(end, d.ends[last - 1]) : end;
    System.arraycopy(d.starts, last, d.starts, first + 1, d.runs - last);
    System.arraycopy(d.ends, last, d.ends, first + 1, d.runs - last);
    d.starts[first] = start;
    d.ends[first] = stop;
    d.runs += 1 - (last - first);
    return fresh;
  }

  private static int copy(Datagram d, Packet p, int fragmentOffset, int from, int to) {
    System.arraycopy(p.array, p.at + from - fragmentOffset, d.buffer.bytes, from, to - from);
    return to - from;
  }

  private int complete(Datagram d, Packet p) {
    unlink(d);
    accounts.pending -= d.frameBytes;
    p.array = d.buffer.bytes;
    p.at = 0;
    p.end = d.totalLength;
    p.wireEnd = d.totalLength;
    p.accountedLength = d.frameBytes;
    p.paddingBytes = d.paddingBytes;
    d.buffer.next = done;
    done = d.buffer;
    return d.protocol;
  }

  private void giveUp(Datagram d) {
    unlink(d);
    accounts.pending -= d.frameBytes;
    accounts.add(null, LedgerCode.HEADERS, d.frameBytes - d.paddingBytes - d.storedBytes, 1);
    accounts.add(null, LedgerCode.PADDING, d.paddingBytes);
    accounts.add(null, LedgerCode.FRAGMENT_INCOMPLETE, d.storedBytes, 1);
    if (d.buffer != null) pool.give(d.buffer);
    incomplete++;
  }

  private void unlink(Datagram d) {
    if (d.older == null) oldest = d.newer;
    else d.older.newer = d.newer;
    if (d.newer == null) newest = d.older;
    else d.newer.older = d.older;
    int bucket = d.key & BUCKETS - 1;
    if (buckets[bucket] == d) {
      buckets[bucket] = d.inBucket;
    } else {
      Datagram before = buckets[bucket];
      while (before.inBucket != d) before = before.inBucket;
      before.inBucket = d.inBucket;
    }
    count--;
  }
}
