package io.kubeshark.dissect;

import io.kubeshark.core.Anomaly;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * Finds the request that a response answers, for protocols that answer in order (HTTP/1, Redis).
 *
 * <p>While nothing was lost, counting is enough: the oldest waiting request is answered. After a hole that may have swallowed messages,
 * counting would pair wrongly for the rest of the connection, so pairs need proof from TCP's acknowledgement numbers: a response whose
 * first segment acknowledges exactly the end of the newest request (the server had read that far), to a client that had received
 * everything before that response when it asked, answers that request.
 *
 * <p>That proof fails for clients that pipeline. Those mostly send in runs: a run is sent when all of the last run is answered (wrk,
 * redis-benchmark). Whether this connection does so is learnt while counting still holds. Then a new run proves that everything before it
 * is settled, and the responses before it can be counted from the back:
 *
 * <pre>
 *   requests   q1 q2 q3 q4 | q5 ...      run 1: peerPosition 0, run 2: peerPosition = end of r4
 *   responses  r1 ## ## r4 |             ## hole: r4 is the last before run 2, so it answers q4; r1 was counted; q2, q3 stay unanswered
 * </pre>
 *
 * What cannot be proved is not paired: both halves become entries of their own.
 */
final class InOrderPairing {
  /** Messages that wait, each direction; over it the oldest goes without its other half. */
  static final int WAITING_MAX = 4096;
  /** Runs that must have begun with nothing outstanding before a connection counts as one that drains. */
  private static final int DRAINED_RUNS_MIN = 1;

  private final Emitter emitter;
  private final ArrayDeque<Message> requests = new ArrayDeque<>(4);
  /** Finished responses that wait for proof. Empty while counting holds. */
  private final ArrayDeque<Message> responses = new ArrayDeque<>(0);
  private boolean counting = true;
  private boolean pipelined;
  private long runPeerPosition = -1;
  private int drainedRuns;
  private boolean undrained;
  /** Where the last response ended, and whether it was cut there. */
  private long lastEnd;
  private boolean lastCut;
  /** Sizes of whole responses on this connection. */
  private long sizeMin = Long.MAX_VALUE;
  private long sizeMax;

  /** Takes what is settled. */
  interface Emitter {
    /** Either may be null, not both. */
    void exchange(Message request, Message response);

    /** A limit of the pairing was reached. */
    void evicted();
  }

  InOrderPairing(Emitter emitter) {
    this.emitter = emitter;
  }

  /** Messages that wait here. */
  int waiting() {
    return requests.size() + responses.size();
  }

  void requestBegins(Message request) {
    if (request.peerPosition > runPeerPosition) {
      if (counting && runPeerPosition >= 0) {
        if (requests.isEmpty()) drainedRuns++;
        else undrained = true;
      } else if (!counting) {
        settle(request.gapBefore ? -1 : request.startPosition, request.peerPosition);
      }
      runPeerPosition = request.peerPosition;
    } else if (!requests.isEmpty()) {
      pipelined = true;
    }
    if (requests.size() >= WAITING_MAX) {
      emitter.evicted();
      orphan(requests.poll());
      counting = false;
    }
    requests.add(request);
  }

  void requestEnds(Message request) {
    if (request.other != null && request.other.ended) {
      requests.remove(request);
      emitter.exchange(request, request.other);
    }
  }

  /** The message makes no entry; a request that an interim response was found for waits on. */
  void discard(Message message) {
    if (message.other != null) message.other.other = null;
    requests.remove(message);
  }

  /** Messages of the server were lost, so that counting does not hold any more. */
  void serverGap() {
    counting = false;
  }

  /** The request that this response answers, if that is certain, else null. */
  Message find(Message response) {
    if (response.other == null) {
      response.other = counting ? counted(response) : proved(response);
      if (response.other != null && response.other.other == null) response.other.other = response;
    }
    return response.other;
  }

  void responseEnds(Message response) {
    Message request = find(response);
    response.holeBefore = response.startPosition - lastEnd;
    response.cutBefore = lastCut;
    lastEnd = response.endPosition;
    lastCut = response.incomplete;
    if (!response.incomplete) {
      sizeMin = Math.min(sizeMin, response.size());
      sizeMax = Math.max(sizeMax, response.size());
    }
    if (request != null) {
      if (!request.ended) {
        response.anomaly(Anomaly.EARLY_RESPONSE);
        return; // requestEnds comes, or close
      }
      requests.remove(request);
      emitter.exchange(request, response);
    } else if (counting) {
      emitter.exchange(null, response);
    } else {
      if (responses.size() >= WAITING_MAX) {
        emitter.evicted();
        emitter.exchange(null, responses.poll());
      }
      responses.add(response);
    }
  }

  /** The connection is over (or becomes another protocol) at these stream positions. */
  void close(long clientPosition, long serverPosition) {
    if (!counting) settle(clientPosition, serverPosition);
    orphanAll();
  }

  private Message counted(Message response) {
    Message oldest = requests.peek();
    if (oldest == null || oldest.other == null) return countedAs(oldest, response); // without an iterator: nothing is allocated
    for (Message request : requests) if (request.other == null) return countedAs(request, response);
    return null; // all are answered already, but still being sent
  }

  private Message countedAs(Message request, Message response) {
    if (request == null) return null;
    if (request.gapBefore) {
      counting = false;
      return proved(response);
    }
    // A server cannot answer what it has not begun to receive.
    return response.peerPosition >= 0 && response.peerPosition < request.startPosition ? null : request;
  }

  private Message proved(Message response) {
    if (response.peerPosition < 0) return null;
    Message newest = requests.peekLast();
    if (newest == null) return null;
    if (!pipelined && newest.ended && newest.endPosition == response.peerPosition && newest.peerPosition == response.startPosition) {
      return resume(newest);
    }
    if (!drains()) return null;
    for (Message request : requests) {
      if (request.peerPosition != response.startPosition) continue;
      // The first of the run that was sent when this response's position was reached; unless the run's true first one was lost.
      return request.gapBefore ? null : resume(request);
    }
    return null;
  }

  /** Counting holds again from this request on; what came before it has no other half. */
  private Message resume(Message request) {
    while (requests.peek() != request) orphan(requests.poll());
    while (!responses.isEmpty()) emitter.exchange(null, responses.poll());
    request.gapBefore = false;
    counting = true;
    return request;
  }

  private boolean drains() {
    return drainedRuns >= DRAINED_RUNS_MIN && !undrained;
  }

  /**
   * All that waits lies before a new run, which begins at {@code clientPosition} (-1: requests before it may be missing), and whose sender
   * had received the server's bytes up to {@code serverPosition}.
   */
  private void settle(long clientPosition, long serverPosition) {
    List<Message> run = new ArrayList<>();
    long boundary = clientPosition;
    for (Iterator<Message> it = requests.descendingIterator(); it.hasNext(); ) {
      Message request = it.next();
      if (!request.ended || request.peerPosition != runPeerPosition || request.endPosition != boundary) break;
      run.add(request);
      boundary = request.startPosition;
      if (request.gapBefore) break;
    }
    List<Message> answers = new ArrayList<>();
    for (Iterator<Message> it = responses.descendingIterator(); it.hasNext(); ) {
      Message response = it.next();
      if (response.startPosition < runPeerPosition) break;
      answers.add(response);
    }
    Collections.reverse(run);
    Collections.reverse(answers);
    boolean whole = run.size() == answers.size() && !answers.isEmpty() && answers.getFirst().startPosition == runPeerPosition
        && answers.getLast().endPosition == serverPosition;
    if (drains() || whole) {
      match(run, answers, serverPosition);
      counting = true;
    }
    orphanAll();
  }

  /**
   * Pairs the rest of a run with the responses that were seen of it. Between them lie holes; how many responses each swallowed follows
   * from how many are missing, if there is one hole, or if the sizes that responses have on this connection leave only one way.
   */
  private void match(List<Message> run, List<Message> answers, long serverPosition) {
    boolean requestsMissing = run.isEmpty() || run.getFirst().gapBefore;
    int[] swallowed = requestsMissing ? null : swallowed(run.size() - answers.size(), answers, serverPosition);
    if (swallowed != null) {
      int request = 0;
      for (int i = 0; i < answers.size(); i++) {
        request += swallowed[i];
        pair(run.get(request++), answers.get(i));
      }
      return;
    }
    if (answers.isEmpty() || answers.getLast().endPosition != serverPosition) return;
    for (int back = 1; back <= Math.min(run.size(), answers.size()); back++) {
      Message answer = answers.get(answers.size() - back);
      pair(run.get(run.size() - back), answer);
      if (answer.gapBefore) return;
    }
  }

  /** Responses in the hole before each answer, and last behind them all; null if that cannot be told. */
  private int[] swallowed(int missing, List<Message> answers, long serverPosition) {
    if (missing < 0) return null;
    int count = answers.size();
    int[] least = new int[count + 1];
    int[] most = new int[count + 1];
    int sumLeast = 0;
    int sumMost = 0;
    int holes = 0;
    int hole = 0;
    for (int i = 0; i <= count; i++) {
      boolean behind = i == count;
      long length = behind ? serverPosition - lastEnd : answers.get(i).holeBefore;
      boolean cut = behind ? lastCut : answers.get(i).cutBefore;
      if (length < 0) return null;
      if (length == 0) continue;
      holes++;
      hole = i;
      least[i] = cut ? 0 : (int) Math.min(missing + 1, Math.max(1, sizeMax == 0 ? 1 : (length + sizeMax - 1) / sizeMax));
      most[i] = (int) Math.min(missing + 1, length / Math.max(1, sizeMin));
      sumLeast += least[i];
      sumMost += most[i];
    }
    if (holes == 1) {
      int[] only = new int[count + 1];
      only[hole] = missing;
      return only;
    }
    if (holes == 0) return missing == 0 ? least : null;
    if (sumLeast == missing) return least;
    return sumMost == missing ? most : null;
  }

  private void pair(Message request, Message response) {
    requests.remove(request);
    responses.remove(response);
    emitter.exchange(request, response);
  }

  private void orphanAll() {
    while (!requests.isEmpty()) orphan(requests.poll());
    while (!responses.isEmpty()) emitter.exchange(null, responses.poll());
  }

  private void orphan(Message request) {
    Message response = request.other;
    if (response != null && !response.ended) {
      response.other = null;
      response = null;
    }
    emitter.exchange(request, response);
  }
}
