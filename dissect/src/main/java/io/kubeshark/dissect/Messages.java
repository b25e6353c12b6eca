package io.kubeshark.dissect;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;

/**
 * Where one connection's dissector puts messages: gives each its place in the stream, its time and the bytes that it is made of, and hands
 * on what is ended.
 *
 * <pre>
 *   cursor's array   |....parsed....|== being parsed ==|
 *                                   ^ parseStart       ^ the dissector's cursor
 *   originPosition: the stream position of index 0
 * </pre>
 */
final class Messages implements MessageSink {
  private final Runner runner;
  private final Exchanges exchanges;
  private final Side[] sides;
  /** The thread's: between calls it holds nothing of this connection. */
  private final ByteCursor cursor;
  /** While a dissector runs: whose bytes, and the stream position of array index 0. */
  private Side parsing;
  private long originPosition;
  /** While a dissector is told of a hole: its length. */
  private long hole;
  private int needed;
  /** Index in the cursor's array up to which {@link Side#dissected} counts. */
  private int parseStart;
  /** Index up to which messages were ended in this call of the dissector. */
  private int endedAt;
  private String handOver;

  Messages(Runner runner, Exchanges exchanges, Side[] sides) {
    this.runner = runner;
    this.exchanges = exchanges;
    this.sides = sides;
    this.cursor = runner.cursor;
  }

  // --- what the dissector is about to read ---

  /** From this index of the cursor's array on. */
  void reads(Side side, int from) {
    needed = 0;
    parsing = side;
    parseStart = endedAt = from;
    originPosition = side.position - from;
  }

  /** What is ended now ends at the last byte that was parsed, or behind the hole. */
  void readsNothing(Side side, long holeLength) {
    parsing = side;
    parseStart = cursor.position();
    originPosition = side.position - parseStart;
    hole = holeLength;
  }

  /** {@link Side#dissected} counts up to the cursor. */
  void consumed(Side side) {
    parseStart = cursor.position();
    if (side.open == null) return;
    runner.accountOpen(side.open);
    exchanges.goesOn(side.open);
  }

  int endedAt() {
    return endedAt;
  }

  /** After NEED_MORE. */
  int needed() {
    return needed;
  }

  /** After HANDED_OVER: to whom, or null. */
  String takeHandOver() {
    String protocol = handOver;
    handOver = null;
    return protocol;
  }

  /** No message is read or waits any more. */
  void settle() {
    for (Side side : sides) abandon(side);
    exchanges.settle();
  }

  // --- from dissectors ---

  @Override
  public Message begin(Direction sender, ByteCursor at) {
    if (parsing.open != null) throw new IllegalStateException("a message is begun within another");
    if (runner.overBudget()) exchanges.shed(sides[0].open != null || sides[1].open != null);
    Message message = runner.take();
    message.reset(sender);
    parsing.open = message;
    message.dissectedBytes = -dissected(at.position());
    message.startPosition = originPosition + at.position();
    message.peerPosition = parsing.peerAt(message.startPosition);
    message.startNs = parsing.timeAt(message.startPosition);
    if (parsing.afterGap) {
      parsing.afterGap = false;
      message.gapBefore = true;
      message.afterGap = true;
      message.anomaly(Anomaly.AFTER_GAP);
    }
    exchanges.begins(message);
    return message;
  }

  @Override
  public Message request(Message response) {
    return exchanges.request(response);
  }

  @Override
  public void end(Message message, ByteCursor at) {
    close(message, at.position(), 0);
    exchanges.ends(message);
  }

  @Override
  public void end(Message message, ByteCursor at, long key) {
    close(message, at.position(), 0);
    message.key = key;
    exchanges.endsKeyed(message);
  }

  @Override
  public void endOneWay(Message message, ByteCursor at) {
    close(message, at.position(), 0);
    exchanges.endsOneWay(message);
  }

  @Override
  public void endIncomplete(Message message) {
    message.incomplete = true;
    message.anomaly(Anomaly.INCOMPLETE_MESSAGE);
    hole = 0;
    endHere(message);
  }

  @Override
  public void endHere(Message message) {
    close(message, cursor.position(), hole);
    exchanges.ends(message);
  }

  @Override
  public void discard(Message message) {
    ended(message, cursor.position());
    message.endPosition = originPosition + cursor.position();
    exchanges.forget(message);
    if (message.gapBefore) parsing.afterGap = true;
    runner.give(message);
  }

  @Override
  public void need(int bytes) {
    needed = bytes;
  }

  @Override
  public void handOver(String protocolId) {
    handOver = protocolId;
  }

  @Override
  public int bodyBytesMax() {
    return runner.bodyBytesMax();
  }

  private void close(Message message, int at, long behind) {
    ended(message, at);
    message.ended = true;
    message.endPosition = originPosition + at + behind;
    message.endNs = parsing.currentNs;
    runner.account(message);
  }

  private void ended(Message message, int at) {
    if (parsing.open != message) throw new IllegalStateException("a message is ended that is not open");
    parsing.open = null;
    endedAt = at;
    message.dissectedBytes += dissected(at);
  }

  /** Bytes of the direction that were dissected up to this index of the cursor's array. */
  private long dissected(int at) {
    return parsing.dissected + at - parseStart;
  }

  /** A message that its dissector cannot end any more: what is known of it is an entry. */
  private void abandon(Side side) {
    Message message = side.open;
    if (message == null) return;
    side.open = null;
    message.fields().dropBody(); // or whatever field was being written
    message.dissectedBytes = Math.max(0, message.dissectedBytes + side.dissected);
    message.ended = true;
    message.incomplete = true;
    message.anomaly(Anomaly.INCOMPLETE_MESSAGE);
    message.endPosition = Math.max(message.startPosition, side.position);
    message.endNs = side.currentNs;
    runner.account(message);
    exchanges.abandoned(message);
  }
}
