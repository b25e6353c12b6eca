package io.kubeshark.dissect;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import java.nio.charset.StandardCharsets;

/** One connection's messages in pairs, by order or by key as its protocol has it, and the entries that these make. */
final class Exchanges implements InOrderPairing.Emitter {
  private final Runner runner;
  private final Connection connection;
  private final Side[] sides;
  private byte[] protocolId;
  private InOrderPairing inOrder;
  private KeyedPairing keyed;
  /** No byte of the connection was before those that make these messages. */
  private boolean fromStart;
  /** In the runner's {@link Unfinished}; looked at next then. */
  private boolean watched;
  long lookAtNs;
  private int index;
  private int count;

  Exchanges(Runner runner, Connection connection, Side[] sides) {
    this.runner = runner;
    this.connection = connection;
    this.sides = sides;
    fromStart = !connection.midStream; // a hole later on does not change that it was seen to open
  }

  /** Whose they are from now on. */
  void protocol(String id) {
    protocolId = id.getBytes(StandardCharsets.US_ASCII);
  }

  /** Of the connection's next entry. */
  int nextIndex() {
    return index;
  }

  int takeIndex() {
    return index++;
  }

  /** Entries of exchanges so far. */
  int count() {
    return count;
  }

  void begins(Message message) {
    if (message.sender == Direction.CLIENT && keyed == null) pairing().requestBegins(message);
  }

  /** The request that this response answers, or null. */
  Message request(Message response) {
    return pairing().find(response);
  }

  void ends(Message message) {
    if (message.sender == Direction.SERVER) {
      pairing().responseEnds(message);
      return;
    }
    long endNs = message.endNs;
    pairing().requestEnds(message);
    if (!watched && inOrder.waiting() > 0) watched = runner.watch(this, endNs);
  }

  /** By {@link Message#key}. */
  void endsKeyed(Message message) {
    if (keyed == null) keyed = new KeyedPairing(this);
    if (message.sender == Direction.CLIENT) {
      forget(message);
      keyed.request(message);
    } else {
      keyed.response(message);
    }
  }

  /** An entry on its own. */
  void endsOneWay(Message message) {
    forget(message);
    alone(message);
  }

  /** Its dissector cannot end it any more. */
  void abandoned(Message message) {
    if (keyed == null) ends(message);
    else alone(message);
  }

  /** It is no message that one counts. */
  void forget(Message message) {
    if (inOrder != null) inOrder.discard(message);
  }

  /** Messages of the server's may be missing. */
  void serverGap() {
    if (inOrder != null) inOrder.serverGap();
  }

  private void alone(Message message) {
    boolean request = message.sender == Direction.CLIENT;
    exchange(request ? message : null, request ? null : message);
  }

  private InOrderPairing pairing() {
    if (inOrder == null) inOrder = new InOrderPairing(this, fromStart);
    return inOrder;
  }

  /**
   * Out of memory for messages: what waits here for its other half goes without.
   *
   * @param reading a message is open: a request that is read is among those that wait
   */
  void shed(boolean reading) {
    if (inOrder != null && inOrder.waiting() > 0 && !reading) {
      runner.evicted();
      closeInOrder();
    }
    if (keyed != null && keyed.waiting() > 0) {
      runner.evicted();
      keyed.close();
    }
  }

  /** A message is read in pieces. */
  void goesOn(Message message) {
    if (!watched && inOrder != null && message.sender == Direction.CLIENT) watched = runner.watch(this, message.startNs);
  }

  /**
   * Makes an entry of the call whose turn it is, if it has waited this long: for the rest of the request, for the response, or for that to end.
   *
   * @return whether calls wait still
   */
  boolean tellUnfinished(long nowNs, long afterNs) {
    Message request = inOrder.unanswered();
    if (request != null && nowNs - Math.max(request.startNs, request.endNs) >= afterNs) {
      if (!request.ended || request.other != null) tellInProgress(request, request.other);
      else if (!request.toldWaiting) tellWaiting(request);
    }
    watched = inOrder.waiting() > 0;
    return watched;
  }

  private void tellWaiting(Message request) {
    runner.unfinished(connection, protocolId, Unfinished.WAITING_INDEX + index, Anomaly.WAITING, request, request.size(), null, 0);
    request.toldWaiting = true;
    request.anomaly(Anomaly.TOLD_BEFORE);
  }

  private void tellInProgress(Message request, Message response) {
    if (request.toldInProgress) return;
    runner.unfinished(connection, protocolId, Unfinished.IN_PROGRESS_INDEX + index, Anomaly.IN_PROGRESS,
        request, sizeSoFar(request), response, response == null ? 0 : sizeSoFar(response));
    request.toldInProgress = true;
    request.anomaly(Anomaly.TOLD_BEFORE);
  }

  private long sizeSoFar(Message message) {
    return message.ended ? message.size() : sides[connection.end(message.sender)].position - message.startPosition;
  }

  /** All that still waits for its other half goes without. */
  void settle() {
    if (inOrder != null) closeInOrder();
    if (keyed != null) keyed.close();
    if (watched) runner.unwatch(this);
    watched = false;
    inOrder = null;
    keyed = null;
    fromStart = false;
  }

  private void closeInOrder() {
    inOrder.close(sides[connection.end(Direction.CLIENT)].position, sides[connection.end(Direction.SERVER)].position);
  }

  @Override
  public void exchange(Message request, Message response) {
    if (request == null) response.anomaly(Anomaly.UNASKED);
    else if (response == null) request.anomaly(Anomaly.UNANSWERED);
    count++;
    runner.exchange(connection, protocolId, takeIndex(), request, response);
    if (request != null) runner.give(request);
    if (response != null) runner.give(response);
  }

  @Override
  public void evicted() {
    runner.evicted();
  }
}
