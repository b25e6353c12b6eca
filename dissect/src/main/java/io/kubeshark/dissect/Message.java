package io.kubeshark.dissect;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout.StatusClass;
import io.kubeshark.core.FieldWriter;

/** A request or response being read or waiting for its other half. Pooled: not to be kept after it was ended. */
public final class Message {
  private static final int INITIAL_BYTES = 1024;

  private final FieldWriter fields;
  Direction sender;
  /** Stream positions: first byte, and behind the last. */
  long startPosition;
  long endPosition;
  /** How far the sender had received the other direction when it sent the first byte; -1 unknown. */
  long peerPosition;
  long startNs;
  long endNs;
  long key;
  long anomalies;
  long lostBytes;
  boolean ended;
  boolean afterGap;
  boolean incomplete;
  boolean framingInDoubt;
  /** For a request: it has an entry already, as one that waits, or that has a message under way. */
  boolean toldWaiting;
  boolean toldInProgress;
  /** For a response: the request that was found for it. For an open request: the response that came already. */
  Message other;
  /** Behind a hole, or first of a stream that was joined in the middle: requests before it may be missing. */
  boolean gapBefore;
  /** For a request: all before it was received by the server before it sent what the client had received. */
  boolean acknowledgedBefore;
  /** For a response: bytes between the end of the last one and its beginning, and whether the last one was cut. */
  long holeBefore;
  boolean cutBefore;
  /** Where {@link KeyedPairing} keeps it. */
  int orderSlot;
  StatusClass statusClass = StatusClass.NEUTRAL;
  /** Of its bytes, those that are booked as {@link io.kubeshark.core.LedgerCode#MESSAGES}. While open, less what was booked before it. */
  long dissectedBytes;
  /** Bytes of memory that the runner counts for it. */
  int accountedBytes;
  /** For the dissector: what it wants to know of a request when the response comes (the method). */
  public long tag;

  Message(int bytesMax) {
    fields = new FieldWriter(INITIAL_BYTES, bytesMax);
  }

  public FieldWriter fields() {
    return fields;
  }

  public Direction sender() {
    return sender;
  }

  public void anomaly(Anomaly anomaly) {
    anomalies |= anomaly.bit();
  }

  public void statusClass(StatusClass value) {
    statusClass = value;
  }

  /** Bytes of this message that were never captured. */
  public void lost(long bytes) {
    lostBytes += bytes;
    anomaly(Anomaly.BODY_HOLE);
  }

  /** The bytes end, or cannot be read any further, before what they declare; unlike {@link MessageSink#endIncomplete} it is known where the next message begins. */
  public void cutShort() {
    incomplete = true;
    anomaly(Anomaly.INCOMPLETE_MESSAGE);
  }

  /** Behind a hole, and perhaps no message but part of one: said of it, and it is not counted with those that are paired by order. */
  public void framingInDoubt() {
    framingInDoubt = true;
    afterGap = true;
    anomaly(Anomaly.AFTER_GAP);
  }

  long size() {
    return endPosition - startPosition;
  }

  void reset(Direction from) {
    fields.clear();
    sender = from;
    startPosition = endPosition = key = anomalies = lostBytes = tag = 0;
    peerPosition = -1;
    startNs = endNs = 0;
    ended = afterGap = incomplete = framingInDoubt = toldWaiting = toldInProgress = gapBefore = acknowledgedBefore = false;
    other = null;
    statusClass = StatusClass.NEUTRAL;
  }
}
