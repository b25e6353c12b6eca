package io.kubeshark.reassembly;

/**
 * One direction of a TCP connection: what was delivered, what waits.
 *
 * <pre>
 *            delivered          hole     buffered   hole   buffered
 *   base ├──────────────────┤┄┄┄┄┄┄┄┄┄┄├──────────┤┄┄┄┄┄┄├─────────┤
 *                           next       head                tail
 * </pre>
 * Sequence numbers are 32 bits and wrap; they are compared by their difference to {@link #next}. Positions are 64 bits and count payload
 * only: SYN and FIN take a sequence number, but no position.
 */
final class TcpStream {
  /** Declared gaps that are remembered, so that bytes that come late after all are told from retransmissions. */
  private static final int GAPS_REMEMBERED = 8;

  /** {@link #next} means something: a packet of this end was seen, or the other end's acknowledgement told. */
  boolean started;
  /** A packet of this end was seen. */
  boolean seen;
  /** Sequence number of the first payload byte. */
  int base;
  /** Sequence number that comes next. */
  int next;
  /** Stream position of {@link #next}. */
  long position;
  /** The highest acknowledgement that the other end sent for this stream. */
  int acked;
  /** {@link #acked} when the connection began to wait. */
  int ackedThen;

  boolean finKnown;
  /** Sequence number of the FIN itself. */
  int finSequence;
  int finAcknowledgment;
  boolean finAcknowledges;
  /** The FIN was delivered (onEnd). */
  boolean ended;
  /** One sequence number was acknowledged that no packet holds: a FIN, most likely. {@link #next} is behind it. */
  boolean finGuessed;

  /** Buffered segments in sequence order, not overlapping. */
  Segment head;
  Segment tail;
  int segments;
  long bufferedBytes;

  /** Packets in a row whose sequence (or acknowledgement) number was far off. */
  int strangeSequences;
  int strangeAcks;

  final Owner owner = new Owner();
  final TcpAnalysis.Side side = new TcpAnalysis.Side();

  private long[] gapStarts;
  private long[] gapEnds;
  long gaps;

  void start(int sequence) {
    started = true;
    base = sequence;
    next = sequence;
    acked = sequence;
  }

  /** The other end says that it has everything before this sequence number. */
  void acknowledge(int sequence) {
    if (sequence - acked > 0) acked = ended && sequence - next > 0 ? next : sequence;
  }

  /** No data comes any more: a FIN was delivered, or it is missing. */
  boolean over() {
    return ended || finGuessed;
  }

  /** Stream position of a sequence number near {@link #next}. */
  long positionOf(int sequence) {
    int distance = sequence - next;
    if (distance < 0 && (ended || finGuessed)) distance++;
    return position + distance;
  }

  /** Whether the other end acknowledged bytes that are neither delivered nor buffered at {@link #next}. */
  boolean holeAcked() {
    return acked - next > 0 && (head == null || head.sequence != next);
  }

  /** Whether anything is not in order here. */
  boolean waits() {
    return head != null || acked - next > 0 || finKnown && !ended;
  }

  void insert(Segment before, Segment piece, Segment after) {
    piece.next = after;
    if (before == null) head = piece;
    else before.next = piece;
    if (after == null) tail = piece;
    segments++;
    bufferedBytes += piece.wireLength;
  }

  Segment removeHead() {
    Segment first = head;
    head = first.next;
    if (head == null) tail = null;
    segments--;
    bufferedBytes -= first.wireLength;
    return first;
  }

  void rememberGap(long start, long length) {
    if (gapStarts == null) {
      gapStarts = new long[GAPS_REMEMBERED];
      gapEnds = new long[GAPS_REMEMBERED];
    }
    int index = (int) (gaps++ % GAPS_REMEMBERED);
    gapStarts[index] = start;
    gapEnds[index] = start + length;
  }

  /** How many of the bytes [start, end) are within declared gaps, and forgets these parts: they are found only once. */
  long takeFromGaps(long start, long end) {
    if (gapStarts == null) return 0;
    long found = 0;
    for (int i = 0; i < GAPS_REMEMBERED; i++) {
      long from = Math.max(start, gapStarts[i]);
      long to = Math.min(end, gapEnds[i]);
      if (from >= to) continue;
      found += to - from;
      // What is left of the gap: its larger side.
      if (from - gapStarts[i] >= gapEnds[i] - to) gapEnds[i] = from;
      else gapStarts[i] = to;
    }
    return found;
  }
}
