package io.kubeshark.dissect;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntrySink;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.StreamHandler;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/**
 * One thread's dissection: gives each connection an {@link Analysis}, holds what they share (buffers, message pool, encoder, ledger), and
 * writes connection entries.
 */
public final class Runner implements StreamHandler {
  /** A message that goes back to the pool keeps at most this much. */
  private static final int POOLED_MESSAGE_BYTES = 8 << 10;
  private static final int POOLED_MESSAGES_MAX = 4096;
  private static final int REPRODUCER_BYTES_MAX = 64 << 10;

  /** Told of bugs of ours: an exception out of a dissector. The bytes are a copy of what it was reading. */
  public interface FailureListener {
    void onFailure(String protocol, Connection connection, RuntimeException failure, byte[] reproducer);
  }

  private final Protocols protocols;
  private final DissectOptions options;
  private final EntryLayout.Capture capture;
  private final EntrySink sink;
  private final FailureListener failures;
  private final ConnectionPolicy policy;
  private final boolean live;
  /** Connections with a request that waits for its answer; null if that makes no entries. */
  private final Unfinished unfinished;
  final BufferPool buffers;
  final ByteCursor cursor = new ByteCursor(new byte[0], 0, 0);
  private final ArrayDeque<Message> pool = new ArrayDeque<>();
  private final EntryEncoder encoder = new EntryEncoder();
  private final FieldWriter left = new FieldWriter(1024, 16 << 10);
  private final FieldWriter right = new FieldWriter(1024, 16 << 10);
  private final Ledger ledger = new Ledger();
  private long messageBytes;
  /** Thrown by the sink: on its way out through a dissector it must not be taken for the dissector's. */
  private RuntimeException sinkFailure;
  private final Counters counters = new Counters();

  /** What this thread did. */
  public static final class Counters {
    public long exchanges;
    public long unanswered;
    public long unasked;
    public long refusedEntries;
    public long evictedMessages;
    public long failures;
    public long connections;
    public long opaqueConnections;

    public Counters copy() {
      Counters copy = new Counters();
      copy.exchanges = exchanges;
      copy.unanswered = unanswered;
      copy.unasked = unasked;
      copy.refusedEntries = refusedEntries;
      copy.evictedMessages = evictedMessages;
      copy.failures = failures;
      copy.connections = connections;
      copy.opaqueConnections = opaqueConnections;
      return copy;
    }
  }

  /**
   * @param live whether what lasts gets an entry before its end, besides the one at its end: a connection in which nothing is recognised, at once; a
   *     request that waits for its answer, after {@link Unfinished#TOLD_AFTER_NS}
   */
  public Runner(Protocols protocols, DissectOptions options, EntryLayout.Capture capture, boolean live, ConnectionPolicy policy,
      EntrySink sink, FailureListener failures) {
    this.protocols = protocols;
    this.options = options;
    this.capture = capture;
    this.live = live;
    this.unfinished = live ? new Unfinished() : null;
    this.policy = policy;
    this.sink = sink;
    this.failures = failures;
    this.buffers = new BufferPool(options.budgetBytes() / 2);
  }

  /** Payload that was handed over, by account. Wire is counted by reassembly. */
  public Ledger ledger() {
    return ledger;
  }

  public Counters counters() {
    return counters;
  }

  /** Bytes that wait for the rest of their message: handed over, but on no account yet. */
  public long waitingBytes() {
    return waiting;
  }

  private long waiting;

  void waits(long delta) {
    waiting += delta;
  }

  @Override
  public void onOpen(Connection connection) {
    counters.connections++;
    connection.excluded = policy.excludedAs(connection);
    if (connection.excluded == null && overBudget()) connection.excluded = LedgerCode.OVER_BUDGET;
  }

  @Override
  public void onData(Connection connection, int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs) {
    analysis(connection).data(end, array, offset, length, position, peerPosition, timeNs);
  }

  @Override
  public void onGap(Connection connection, int end, long position, long length, long timeNs) {
    analysis(connection).gap(end, position, length, timeNs);
  }

  @Override
  public void onDatagram(Connection connection, int end, byte[] array, int offset, int length, int wireLength, long timeNs) {
    analysis(connection).datagram(end, array, offset, length, wireLength, timeNs);
  }

  @Override
  public void onEnd(Connection connection, int end, long timeNs) {
    if (connection.analysis != null) analysis(connection).end(end, timeNs);
  }

  @Override
  public void onClose(Connection connection, long timeNs) {
    Analysis analysis = (Analysis) connection.analysis;
    if (analysis != null) analysis.close(timeNs);
    // Kubeshark's own connections make no entries: each look at the feed would add to it.
    if (connection.excluded != LedgerCode.SELF) connectionEntry(connection, analysis, connection.state.text());
    connection.analysis = null;
  }

  @Override
  public void onTime(long timeNs) {
    if (unfinished != null) unfinished.onTime(timeNs);
  }

  /** The connection has a request that waits. @return whether it is watched from now on */
  boolean watch(Exchanges exchanges, long timeNs) {
    if (unfinished != null) unfinished.add(exchanges, timeNs);
    return unfinished != null;
  }

  void unwatch(Exchanges exchanges) {
    unfinished.remove(exchanges);
  }

  /** Made when there is something to analyse: not for scans, nor for what is excluded. */
  private Analysis analysis(Connection connection) {
    Analysis analysis = (Analysis) connection.analysis;
    if (analysis == null) connection.analysis = analysis = new Analysis(this, connection);
    return analysis;
  }

  /** The connection's entry as it stands now: a record that is valid until the next call. */
  public EntryEncoder snapshot(Connection connection) {
    Analysis analysis = (Analysis) connection.analysis;
    int index = analysis == null ? 0 : analysis.exchanges().nextIndex();
    List<String> detected = analysis == null ? List.of() : analysis.detected();
    int exchanges = analysis == null ? 0 : analysis.exchanges().count();
    ConnectionEntries.encode(encoder, left, right, connection, connection.state.text(), detected, index, exchanges, capture);
    return encoder;
  }

  Protocols protocols() {
    return protocols;
  }

  DissectOptions options() {
    return options;
  }

  /** Kept of one body now: bodies are the first thing that is shed. */
  int bodyBytesMax() {
    return messageBytes > options.budgetBytes() / 4 ? 0 : options.bodyBytesMax();
  }

  void book(Connection connection, LedgerCode code, long bytes) {
    connection.ledger.add(code, bytes);
    ledger.add(code, bytes);
  }

  void rebook(Connection connection, LedgerCode from, LedgerCode to, long bytes) {
    connection.ledger.move(from, to, bytes);
    ledger.move(from, to, bytes);
  }

  boolean overBudget() {
    return messageBytes + buffers.outBytes() > options.budgetBytes();
  }

  /** Memory of messages that are read or wait for their other half, bytes. */
  long messageBytes() {
    return messageBytes;
  }

  Message take() {
    Message message = pool.poll();
    if (message == null) message = new Message(options.messageBytesMax());
    messageBytes += message.fields().capacity();
    message.accountedBytes = message.fields().capacity();
    return message;
  }

  /** The message grew: to be called when it is ended, before it waits. */
  void account(Message message) {
    messageBytes += message.fields().capacity() - message.accountedBytes;
    message.accountedBytes = message.fields().capacity();
  }

  /** As {@link #account}, for one that is still read: when memory runs short, its body is kept no further. */
  void accountOpen(Message message) {
    account(message);
    if (bodyBytesMax() == 0) message.fields().keepNoMoreBody();
  }

  void give(Message message) {
    messageBytes -= message.accountedBytes;
    message.fields().clear();
    message.fields().shrink(POOLED_MESSAGE_BYTES);
    message.other = null;
    if (pool.size() < POOLED_MESSAGES_MAX) pool.push(message);
  }

  /**
   * Writes an entry of a call that is not over. Its bytes are booked by the one that it makes in the end.
   *
   * @param response null: none has begun
   * @param requestSize so far, as {@code responseSize}
   */
  void unfinished(Connection connection, byte[] protocol, int index, Anomaly how, Message request, long requestSize, Message response, long responseSize) {
    boolean none = response == null;
    encoder.begin(connection, protocol, EntryLayout.Kind.EXCHANGE, capture, index)
        .times(request.startNs, Math.max(request.startNs, none ? request.endNs : response.startNs), none ? -1 : Math.max(0, response.startNs - request.startNs))
        .sizes(requestSize, responseSize, request.lostBytes + (none ? 0 : response.lostBytes))
        .outcome(none ? EntryLayout.StatusClass.NEUTRAL : response.statusClass,
            EntryLayout.FLAG_UNFINISHED | (none ? EntryLayout.FLAG_NO_RESPONSE : 0) | flags(request) | flags(response),
            how.bit() | request.anomalies | (none ? 0 : response.anomalies))
        .fields(request.fields(), none ? null : response.fields());
    emit();
  }

  /** Writes the entry of an exchange; either message may be null. */
  void exchange(Connection connection, byte[] protocol, int index, Message request, Message response) {
    Message first = request != null ? request : response;
    Message last = response != null ? response : request;
    int flags = (request == null ? EntryLayout.FLAG_NO_REQUEST : 0) | (response == null ? EntryLayout.FLAG_NO_RESPONSE : 0)
        | flags(request) | flags(response);
    long anomalies = (request == null ? 0 : request.anomalies) | (response == null ? 0 : response.anomalies);
    if (request == null) counters.unasked++;
    else if (response == null) counters.unanswered++;
    else counters.exchanges++;
    long requestSize = request == null ? 0 : request.size();
    long responseSize = response == null ? 0 : response.size();
    long elapsedNs = request == null || response == null ? -1 : Math.max(0, response.startNs - request.startNs);
    long lost = (request == null ? 0 : request.lostBytes) + (response == null ? 0 : response.lostBytes);
    encoder.begin(connection, protocol, EntryLayout.Kind.EXCHANGE, capture, index)
        .times(first.startNs, Math.max(first.endNs, last.endNs), elapsedNs)
        .sizes(requestSize, responseSize, lost)
        .outcome(response == null ? EntryLayout.StatusClass.NEUTRAL : response.statusClass, flags, anomalies)
        .fields(request == null ? null : request.fields(), response == null ? null : response.fields());
    if (!emit()) {
      long dissected = (request == null ? 0 : request.dissectedBytes) + (response == null ? 0 : response.dissectedBytes);
      rebook(connection, LedgerCode.MESSAGES, LedgerCode.QUEUE_REFUSED, dissected);
    }
  }

  /** @return false if it was refused */
  private boolean emit() {
    boolean taken;
    try {
      taken = sink.onEntry(encoder.array(), 0, encoder.length());
    } catch (RuntimeException failure) {
      sinkFailure = failure;
      throw failure;
    }
    if (!taken) counters.refusedEntries++;
    return taken;
  }

  private static int flags(Message message) {
    if (message == null) return 0;
    return (message.fields().truncated() ? EntryLayout.FLAG_TRUNCATED : 0)
        | (message.incomplete ? EntryLayout.FLAG_INCOMPLETE : 0)
        | (message.afterGap ? EntryLayout.FLAG_AFTER_GAP : 0);
  }

  void opaque(Connection connection) {
    counters.opaqueConnections++;
    if (live) connectionEntry(connection, (Analysis) connection.analysis, Connection.State.OPEN.text());
  }

  private void connectionEntry(Connection connection, Analysis analysis, String state) {
    int index = analysis == null ? 0 : analysis.exchanges().takeIndex();
    List<String> detected = analysis == null ? List.of() : analysis.detected();
    int exchanges = analysis == null ? 0 : analysis.exchanges().count();
    ConnectionEntries.encode(encoder, left, right, connection, state, detected, index, exchanges, capture);
    emit();
  }

  void evicted() {
    counters.evictedMessages++;
  }

  void failed(String protocol, Connection connection, RuntimeException failure, byte[] reproducer) {
    if (failure == sinkFailure) throw failure;
    counters.failures++;
    failures.onFailure(protocol, connection, failure, reproducer);
  }

  /** A copy of what the cursor has left. */
  byte[] reproducer() {
    return Arrays.copyOfRange(cursor.array(), cursor.position(), Math.min(cursor.limit(), cursor.position() + REPRODUCER_BYTES_MAX));
  }
}
