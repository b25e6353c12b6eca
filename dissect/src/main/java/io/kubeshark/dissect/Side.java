package io.kubeshark.dissect;

/**
 * One direction of a connection: the bytes that wait for the rest of their message, and where in the stream they are.
 *
 * <pre>
 *   stream   ....parsed....[ waiting bytes ][ current segment ]
 *                          ^ position       ^ splitPosition
 *            message starts before splitPosition carry waitingPeer/waitingNs, later ones currentPeer/currentNs
 * </pre>
 *
 * Two levels are enough: a message that waits is parsed as soon as it is whole, so the next one can only begin in the newest segment.
 */
final class Side {
  byte[] waiting;
  int waitingLength;
  /** Stream position of the first byte that is not parsed. */
  long position;
  long splitPosition;
  long waitingPeer = -1;
  long waitingNs;
  long currentPeer = -1;
  long currentNs;
  /** Bytes from {@link #position} on without which parsing makes no sense. */
  int need;
  /** Searching the next boundary. */
  boolean searching;
  /** The next message is the first behind a hole. */
  boolean afterGap;
  boolean waitsForPeer;
  boolean ended;
  /** The message that the dissector is reading, or null. */
  Message open;
  /** Bytes that a dissector consumed. */
  long dissected;

  void segment(long start, long peerPosition, long timeNs) {
    splitPosition = start;
    currentPeer = peerPosition;
    currentNs = timeNs;
  }

  /** What is left unparsed begins in the current segment from now on, if it does. */
  void parsedUpTo(long newPosition) {
    position = newPosition;
    if (newPosition >= splitPosition) {
      waitingPeer = currentPeer;
      waitingNs = currentNs;
    }
  }

  long peerAt(long streamPosition) {
    return streamPosition >= splitPosition ? currentPeer : waitingPeer;
  }

  long timeAt(long streamPosition) {
    return streamPosition >= splitPosition ? currentNs : waitingNs;
  }

  // --- waiting bytes ---

  /** False if there is no memory for them. */
  boolean append(Runner runner, byte[] array, int offset, int length) {
    int total = waitingLength + length;
    if (waiting == null || total > waiting.length) {
      byte[] larger = runner.buffers.take(total);
      if (larger == null) return false;
      if (waiting != null) {
        System.arraycopy(waiting, 0, larger, 0, waitingLength);
        runner.buffers.give(waiting);
      }
      waiting = larger;
    }
    System.arraycopy(array, offset, waiting, waitingLength, length);
    waitingLength = total;
    runner.waits(length);
    return true;
  }

  /** Of what waits, only {@code left} bytes from this index on. */
  void keepLast(Runner runner, int from, int left) {
    runner.waits(left - waitingLength);
    if (left == 0) release(runner);
    else if (from > 0) System.arraycopy(waiting, from, waiting, 0, left);
    waitingLength = left;
  }

  /** Goes on behind what waits. */
  void drop(Runner runner) {
    runner.waits(-waitingLength);
    position += waitingLength;
    waitingLength = 0;
    release(runner);
  }

  private void release(Runner runner) {
    runner.buffers.give(waiting);
    waiting = null;
  }
}
