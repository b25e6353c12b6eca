package io.kubeshark.dissect;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;

/**
 * Finds the request that a response answers, for protocols that answer in order (HTTP/1, Redis).
 *
 * <p>While nothing was lost, counting is enough: the oldest waiting request is answered. After a hole that may have swallowed messages,
 * counting would pair wrongly for the rest of the connection. Then a pair needs proof, of which there are four kinds:
 *
 * <pre>
 *   bounds  a response has at least as many before it as were seen, and one more for each hole between whole messages; and it
 *           answers no request that its sender had not acknowledged. Where both meet, it is known:
 *             q1 q2 q3 | r1 ## r3      one at least in the hole, three requests at most: r3 answers q3. Whatever the client does.
 *   single  a response whose segment acknowledges bytes of the newest request, and that begins where the client had received everything
 *           when it asked, answers that request, if this client was never seen to pipeline. Where the request itself is behind a
 *           hole, which may hide that it does, this holds only if no second answer follows.
 *   front   a client that drains (sends a run of requests only when all of the last run is answered: wrk, redis-benchmark) has its
 *           first response of a run where the run's requests say that it had received everything.
 *   back    when such a client sends its next run, or the connection is over, all of the last one is answered, so requests and
 *           responses can be counted from both sides of their holes. How many each of several holes swallowed must follow from the
 *           number that is missing, perhaps with the sizes that responses have on this connection, and these must agree.
 *             q1 q2 q3 q4 q5 | r1 ## r4 ## | q6      r4 and two holes of two messages together, three are missing: …
 * </pre>
 *
 * That a client drains is learnt from runs of two or more while counting still holds, later from {@link RunLengths}; meanwhile its runs
 * wait. One that was once seen not to never does again. The last run is counted from its front only: it may not be answered to its end.
 *
 * <p>Frames behind a hole that may be parts of a message (elements of a Redis array) are not counted before the next run begins.
 *
 * <p>What cannot be told from the wire: what of a run of responses remains between two holes of unknown counts; a run of which both requests
 * and responses are lost in places, other than from its ends;
 * the first runs of a connection whose loss hides whether the client drains, if its requests differ much in size;
 * a client that keeps several requests in flight, once a hole swallowed several of its responses. These stay unpaired: both halves become
 * entries of their own. And one that keeps several requests in flight in lock step, and whose beginning was not captured or lost but
 * for one request, looks like one that asks one by one (or drains): there a pair may be wrong, until it is seen to pipeline.
 */
final class InOrderPairing {
  /** Messages that wait, each direction; over it the oldest goes without its other half. */
  static final int WAITING_MAX = 4096;
  /** Messages that wait for a proof which other runs must bring, each direction. */
  private static final int UNPROVED_MAX = 512;
  /** Fewer bytes are no message ({@code "_\r\n"} is one), but perhaps an empty line between two. */
  private static final int MESSAGE_BYTES_MIN = 3;
  /** So many responses must have been seen before their sizes say anything of what is in a hole. */
  private static final int SIZES_MIN = 16;

  private final Emitter emitter;
  /** The connection's first bytes are this pairing's: how long its runs were is known from the beginning. */
  private final boolean fromStart;
  private final RunLengths lengths = new RunLengths();
  private final MessageQueue requests = new MessageQueue();
  /** Finished responses that wait for proof. Empty while counting holds. */
  private final MessageQueue responses = new MessageQueue();
  private boolean counting = true;
  /** The first of the requests is the next to be answered, by what follows the last response that was paired. */
  private boolean frontKnown = true;
  /** Requests that are answered by {@link #responses} and what lies in holes before and between them, at least. */
  private int answeredMin;
  /** The client sent a request while another one waited. */
  private boolean pipelined;
  /** Counting was resumed on the assumption that it never does. */
  private boolean assumed;
  /** It did so after it had got part of the answers: no proof can be had of runs. */
  private boolean undrained;
  private boolean drained;
  private long runPeerPosition = -1;
  /** Of the run's first request; -1 if that may lie in a hole. */
  private long runStartPosition = -1;
  private int runLength;
  /** Where the requests before the run ended. */
  private long runFrom;
  private boolean runHole;
  /** What the server had received when it had answered all of it. */
  private long idlePosition = -1;
  /** The server sends messages that answer nothing (pushes, interim responses): a hole need not hide an answer. */
  private boolean unaskedSeen;
  /** Of the server's last message: its end, whether it was cut there, and what it acknowledged. */
  private long lastEnd;
  private boolean lastCut;
  private long lastPeerPosition = -1;
  /** Behind the last message of the server's that is one for certain. */
  private long alignedEnd = -1;
  private long requestsEnd;
  private boolean requestCut;
  private long sizeMin = Long.MAX_VALUE;
  private long sizeMax;
  private long sizes;

  /** Takes what is settled. */
  interface Emitter {
    /** Either may be null, not both. */
    void exchange(Message request, Message response);

    /** A limit of the pairing was reached. */
    void evicted();
  }

  /** @param fromStart stream positions count from the connection's beginning, all of which is this pairing's */
  InOrderPairing(Emitter emitter, boolean fromStart) {
    this.emitter = emitter;
    this.fromStart = fromStart;
  }

  /** Messages that wait here. */
  int waiting() {
    return requests.size() + responses.size();
  }

  /** The request whose turn it is; null if there is none, or it is in doubt. */
  Message unanswered() {
    return responses.isEmpty() ? requests.first() : null;
  }

  void requestBegins(Message request) {
    if (request.gapBefore) gapBefore(request);
    if (request.peerPosition > runPeerPosition) {
      runBegins(request);
    } else {
      if (runLength++ > 0) pipelines();
      runHole |= request.gapBefore;
    }
    if (requests.size() >= WAITING_MAX) {
      emitter.evicted();
      giveUpProof();
    }
    requests.add(request);
  }

  /** Requests in the hole before this one had no answer yet when it was sent: this client does not ask one by one. */
  private void gapBefore(Message request) {
    boolean swallowed = !requestCut && request.startPosition - requestsEnd >= MESSAGE_BYTES_MIN;
    if (swallowed && request.peerPosition <= lastEnd && lastPeerPosition <= requestsEnd) pipelines();
  }

  /** What was taken for answers and requests one by one may have been one off. */
  private void pipelines() {
    if (!pipelined && assumed && !drains()) {
      counting = false;
      frontKnown = false;
      answeredMin = 0;
    }
    pipelined = true;
  }

  private void runBegins(Message request) {
    // The server had acknowledged all that lies before this request in messages that the client had received when it sent it.
    boolean acknowledged = lastEnd <= request.peerPosition && lastPeerPosition >= request.startPosition;
    request.acknowledgedBefore = acknowledged;
    if (!drained && !undrained) runEnds(request);
    if (!counting) {
      settle(request.startPosition, request.peerPosition, false);
    } else if (!requests.isEmpty()) {
      undrained = true;
    } else if (runPeerPosition >= 0 && runLength > 1 && !request.gapBefore) {
      drained = true;
    }
    runHole = request.gapBefore && !acknowledged;
    runFrom = runHole ? requestsEnd : request.startPosition;
    if (request.gapBefore && acknowledged && (drains() || !pipelined)) {
      request.gapBefore = false;
      assumed |= !drains();
    }
    runPeerPosition = request.peerPosition;
    runStartPosition = request.gapBefore ? -1 : request.startPosition;
    runLength = 1;
  }

  private void runEnds(Message next) {
    // A hole behind it is no part of it if the server had answered it all without having received more.
    boolean hole = next.startPosition - requestsEnd >= MESSAGE_BYTES_MIN;
    boolean within = hole && idlePosition != requestsEnd;
    boolean sure = lengths.drained(runLength, (within ? next.startPosition : requestsEnd) - runFrom, within || runHole);
    if (hole && !within) lengths.drained(0, next.startPosition - requestsEnd, true);
    if (sure && fromStart && pipelined) drained = true;
  }

  void requestEnds(Message request) {
    requestsEnd = request.endPosition;
    requestCut = request.incomplete;
    if (!drained) lengths.request(request.size());
    if (request.other != null && request.other.ended) {
      requests.removeFirst();
      emitter.exchange(request, request.other);
    }
  }

  /** The message makes no entry, or one on its own; a request that an interim response was found for waits on. */
  void discard(Message message) {
    if (message.sender == Direction.CLIENT) {
      if (requests.last() == message) requests.removeLast();
      requestsEnd = message.endPosition;
      runLength--;
      return;
    }
    // An interim response says whose turn it is: the final one does not begin where the request says that it had received all.
    Message newest = requests.last();
    if (!counting && !message.ended && !pipelined && newest != null && newest.other == null && answersOnly(message, newest)) {
      resume(newest);
      assumed = true;
    }
    if (message.other != null) message.other.other = null;
    unaskedSeen = true;
    lastEnd = message.endPosition;
    lastCut = message.incomplete;
    lastPeerPosition = message.peerPosition;
  }

  /** Messages of the server were lost, so that counting does not hold any more. */
  void serverGap() {
    if (counting) stopCounting();
  }

  private void stopCounting() {
    counting = false;
    frontKnown = true;
    answeredMin = 0;
  }

  /**
   * The request that this response answers, if that is certain or will be unless another response to it comes (behind a hole, for a
   * client that was never seen to pipeline), else null.
   */
  Message find(Message response) {
    Message request = certain(response);
    if (request != null || counting || pipelined || requests.isEmpty()) return request;
    Message newest = requests.last();
    return newest.other == null && answersOnly(response, newest) ? newest : null;
  }

  private Message certain(Message response) {
    if (response.other == null) {
      response.other = counting ? counted(response) : proved(response);
      if (response.other != null) response.other.other = response;
    }
    return response.other;
  }

  void responseEnds(Message response) {
    Message request = certain(response);
    if (request == null && !counting && !isAligned(response)) {
      // As if it were part of the hole before it, whose end nobody knows.
      lastCut = true;
      lastPeerPosition = response.peerPosition;
      emitter.exchange(null, response);
      return;
    }
    if (request == null && !counting) await(response);
    lastEnd = response.endPosition;
    lastCut = response.incomplete;
    lastPeerPosition = response.peerPosition;
    if (!response.incomplete) {
      sizeMin = Math.min(sizeMin, response.size());
      sizeMax = Math.max(sizeMax, response.size());
      sizes++;
    }
    if (request != null) {
      if (!request.ended) {
        response.anomaly(Anomaly.EARLY_RESPONSE);
        return; // requestEnds comes, or close
      }
      requests.removeFirst();
      if (requests.isEmpty() && !assumed) idlePosition = response.peerPosition;
      emitter.exchange(request, response);
    } else if (counting) {
      emitter.exchange(null, response);
    }
  }

  /** Whether it is a message, and no part of one: a client that drains sends a run where a message ends. */
  private boolean isAligned(Message response) {
    return !response.framingInDoubt || response.startPosition == alignedEnd || !undrained && response.startPosition == runPeerPosition;
  }

  private void await(Message response) {
    // Sent to a client that had received all before it, by a server that had not yet received what the client sent then.
    undrained |= !unaskedSeen && response.peerPosition >= 0 && response.startPosition >= runPeerPosition
        && response.peerPosition <= runStartPosition && !requests.isEmpty();
    if (responses.size() >= WAITING_MAX) {
      emitter.evicted();
      giveUpProof();
    }
    alignedEnd = response.endPosition;
    response.holeBefore = response.startPosition - lastEnd;
    response.cutBefore = lastCut;
    answeredMin += 1 + leastIn(response.holeBefore, lastCut);
    responses.add(response);
  }

  /** The connection is over (or becomes another protocol) at these stream positions. */
  void close(long clientPosition, long serverPosition) {
    if (!counting) settle(clientPosition, serverPosition, true);
    giveUpProof();
    while (!requests.isEmpty()) orphan(requests.removeFirst());
  }

  private Message counted(Message response) {
    Message oldest = requests.first();
    if (oldest == null || oldest.other != null) return null;
    if (oldest.gapBefore) {
      stopCounting();
      return proved(response);
    }
    // A server cannot answer what it has not begun to receive.
    if (response.peerPosition >= 0 && response.peerPosition <= oldest.startPosition) return null;
    // Sent on before it was answered, and perhaps lost. (Behind one that was cut may lie what belongs to it.)
    if (oldest.ended && !oldest.incomplete && response.peerPosition - oldest.endPosition >= MESSAGE_BYTES_MIN) pipelines();
    return counting ? oldest : null;
  }

  private Message proved(Message response) {
    Message newest = requests.last();
    if (newest == null || newest.other != null || response.peerPosition < 0) return null;
    Message bounded = isAligned(response) ? bounded(response) : null;
    if (bounded != null) return bounded;
    if (!pipelined && !newest.gapBefore && answersOnly(response, newest)) {
      assumed = true;
      return resume(newest);
    }
    Message front = requests.first();
    boolean first = front.peerPosition == response.startPosition && front.startPosition == runStartPosition;
    return first && drains() && response.peerPosition > front.startPosition ? resume(front) : null;
  }

  private static boolean answersOnly(Message response, Message request) {
    boolean received = response.peerPosition > request.startPosition && (!request.ended || response.peerPosition <= request.endPosition);
    return received && request.peerPosition == response.startPosition;
  }

  /** The request with the least rank that this response can have, if its sender had received nothing behind it. */
  private Message bounded(Message response) {
    if (!frontKnown) return null;
    long hole = response.startPosition - lastEnd;
    int rank = answeredMin + leastIn(hole, lastCut);
    if (isLastReceived(rank, response)) {
      assumed = false;
      return resume(rank, false);
    }
    if (!drains()) return null;
    rank = rankBySize(hole, lastCut);
    return rank >= 0 && isLastReceived(rank, response) ? resume(rank, true) : null;
  }

  private boolean isLastReceived(int rank, Message response) {
    if (rank >= requests.size()) return false;
    Message request = requests.get(rank);
    if (response.peerPosition <= request.startPosition || request.ended && response.peerPosition > request.endPosition) return false;
    for (int i = 0; i <= rank; i++) if (requests.get(i).gapBefore) return false;
    return true;
  }

  /** Of the response that comes now, if sizes tell what all holes before it swallowed; else -1. */
  private int rankBySize(long hole, boolean cut) {
    int rank = 0;
    for (int i = 0; i <= responses.size(); i++) {
      boolean now = i == responses.size();
      Message response = now ? null : responses.get(i);
      int swallowed = bySize(now ? hole : response.holeBefore, now ? cut : response.cutBefore);
      if (swallowed < 0) return -1;
      rank += swallowed + (now ? 0 : 1);
    }
    return rank;
  }

  /** Counting holds again from the request with this rank on; the holes before it swallowed what sizes say, or the least. */
  private Message resume(int rank, boolean bySize) {
    Message request = requests.get(rank);
    while (!responses.isEmpty()) {
      Message response = responses.removeFirst();
      int swallowed = bySize ? bySize(response.holeBefore, response.cutBefore) : leastIn(response.holeBefore, response.cutBefore);
      for (; swallowed > 0; swallowed--) orphan(requests.removeFirst());
      emitter.exchange(requests.removeFirst(), response);
    }
    return resume(request);
  }

  /** Counting holds again from this request on; what came before it has no other half. */
  private Message resume(Message request) {
    while (requests.first() != request) orphan(requests.removeFirst());
    while (!responses.isEmpty()) emitter.exchange(null, responses.removeFirst());
    request.gapBefore = false;
    counting = true;
    return request;
  }

  private boolean drains() {
    return drained && !undrained;
  }

  /** Messages that a hole between two of the server's messages swallowed at least. */
  private int leastIn(long hole, boolean cut) {
    return cut || unaskedSeen || hole < MESSAGE_BYTES_MIN ? 0 : 1;
  }

  /** As the sizes of all responses so far say, with a quarter's margin; -1 if they leave several ways. */
  private int bySize(long hole, boolean cut) {
    if (hole < MESSAGE_BYTES_MIN) return 0;
    if (cut || unaskedSeen || sizes < SIZES_MIN) return Ranks.UNKNOWN;
    long least = (hole * 4 + sizeMax * 5 - 1) / (sizeMax * 5);
    return least == hole * 5 / (sizeMin * 4) && least <= WAITING_MAX ? (int) least : Ranks.UNKNOWN;
  }

  /**
   * All that waits lies before a new run, which begins at {@code clientPosition}, and whose sender had received the server's bytes up to
   * {@code serverPosition}.
   *
   * @param over no run follows, so that the last one may not be answered to its end
   */
  private void settle(long clientPosition, long serverPosition, boolean over) {
    boolean single = !pipelined && !drains() && matchSingle(serverPosition);
    // Joined in the middle there is no better proof; and at its end a window would have been answered more often than asked.
    boolean whole = !single && !drains() && (over || !fromStart) && wholeRun(clientPosition, serverPosition);
    if (drains()) {
      matchRuns(clientPosition, serverPosition, over);
    } else if (whole) {
      while (requests.size() > runLength) orphan(requests.removeFirst());
      while (responses.size() > runLength) emitter.exchange(null, responses.removeFirst());
      while (!requests.isEmpty()) emitter.exchange(requests.removeFirst(), responses.removeFirst());
    } else if (!single && pipelined && (frontKnown || !undrained) && requests.size() < UNPROVED_MAX && responses.size() < UNPROVED_MAX) {
      return; // bounds may still meet, or it is seen to drain
    }
    giveUpProof();
    counting = single || whole || drains();
    if (counting && serverPosition > lastEnd) {
      lastEnd = serverPosition; // what answers the new run begins here
      lastCut = false;
    }
  }

  /** Never seen to pipeline, but the last request is behind a hole: one answer to it, and then something else. */
  private boolean matchSingle(long serverPosition) {
    Message request = requests.last();
    for (int i = 0; i < responses.size() && request != null; i++) {
      Message response = responses.get(i);
      if (!answersOnly(response, request)) continue;
      Message next = i + 1 < responses.size() ? responses.get(i + 1) : null;
      if (next == null ? serverPosition != response.endPosition : next.holeBefore != 0) return false;
      if (next != null && next.peerPosition <= request.endPosition) {
        pipelined = true;
        return false;
      }
      assumed = true;
      while (responses.first() != response) emitter.exchange(null, responses.removeFirst());
      while (requests.first() != request) orphan(requests.removeFirst());
      emitter.exchange(requests.removeFirst(), responses.removeFirst());
      return true;
    }
    return false;
  }

  /** Nothing that waits is paired any more. */
  private void giveUpProof() {
    while (!requests.isEmpty() && requests.first().ended) orphan(requests.removeFirst());
    while (!responses.isEmpty()) emitter.exchange(null, responses.removeFirst());
    counting = false;
    frontKnown = false;
    answeredMin = 0;
  }

  /** The last run is two or more, shows no hole within, and has as many responses. */
  private boolean wholeRun(long clientPosition, long serverPosition) {
    if (undrained || runLength < 2 || serverPosition != lastEnd || requestsEnd != clientPosition) return false;
    int from = requests.size() - runLength;
    int first = responses.size() - runLength;
    if (from < 0 || first < 0 || requests.get(from).peerPosition != runPeerPosition) return false;
    for (int i = 1; i < runLength; i++) if (requests.get(from + i).gapBefore || responses.get(first + i).holeBefore != 0) return false;
    Message response = responses.get(first);
    return response.startPosition == runPeerPosition && response.peerPosition > requests.get(from).startPosition;
  }

  /** All runs that wait, of a client that drains: each was answered before the next began. */
  private void matchRuns(long clientPosition, long serverPosition, boolean over) {
    for (int asked = firstRun(); asked < requests.size() && drains(); asked = firstRun()) {
      Message next = requests.get(asked);
      int answered = 0;
      while (answered < responses.size() && responses.get(answered).startPosition < next.peerPosition) answered++;
      Message last = answered > 0 ? responses.get(answered - 1) : null;
      Message after = answered < responses.size() ? responses.get(answered) : null;
      long end = last != null ? last.endPosition : after != null ? after.startPosition - after.holeBefore : lastEnd;
      boolean cut = after != null ? after.cutBefore : lastCut;
      match(new Run(asked, answered, next.startPosition, next.peerPosition, requests.get(asked - 1).endPosition, end, cut, false));
      if (after == null && next.peerPosition > lastEnd) {
        lastEnd = next.peerPosition;
        lastCut = false;
      }
      frontKnown = true;
    }
    if (drains()) match(new Run(requests.size(), responses.size(), clientPosition, serverPosition, requestsEnd, lastEnd, lastCut, over));
  }

  /** Requests of the first run that waits. Responses that were sent before it answer what was lost. */
  private int firstRun() {
    if (requests.isEmpty()) return 0;
    while (!responses.isEmpty() && responses.first().startPosition < requests.first().peerPosition) {
      emitter.exchange(null, responses.removeFirst());
    }
    int length = 1;
    while (length < requests.size() && requests.get(length).peerPosition <= requests.get(0).peerPosition) length++;
    return length;
  }

  /**
   * The first so many requests and responses that wait.
   *
   * @param clientPosition the next run begins here, its sender had received everything up to {@code serverPosition}
   * @param lastRequestEnd the last captured request of the run ends here; the last response, which may have been {@code cut}, at
   *     {@code lastResponseEnd}
   * @param open nothing says that all of it was answered
   */
  private record Run(int asked, int answered, long clientPosition, long serverPosition, long lastRequestEnd, long lastResponseEnd, boolean cut,
      boolean open) {}

  /** Pairs what is left of a run. */
  private void match(Run run) {
    if (run.asked > 0) front(requests.first(), run.answered > 0 ? responses.first() : null);
    Ranks asked = askedRanks(run);
    Ranks answered = answeredRanks(run);
    int length = asked.whole() ? run.asked : answered.whole() ? run.answered : Ranks.UNKNOWN;
    boolean contradicts = asked.whole() && answered.whole() && run.asked != run.answered;
    if (contradicts) undrained |= run.asked > run.answered;
    else if (asked.whole()) answered.distribute(length - run.answered);
    else if (length >= 0) asked.distribute(length - run.asked);
    int[] ranks = asked.ranks(length);
    int[] wanted = answered.ranks(length);
    int at = 0;
    for (int rank : wanted) {
      Message response = responses.removeFirst();
      if (rank == Ranks.UNKNOWN || contradicts) {
        emitter.exchange(null, response);
        continue;
      }
      while (at < ranks.length && ranks[at] < rank) {
        orphan(requests.removeFirst());
        at++;
      }
      if (at < ranks.length && ranks[at] == rank) {
        emitter.exchange(requests.removeFirst(), response);
        at++;
      } else {
        emitter.exchange(null, response);
      }
    }
    for (; at < ranks.length && requests.first().ended; at++) orphan(requests.removeFirst());
  }

  /** The answers to a run begin where its first request says that the client had received everything. */
  private void front(Message request, Message response) {
    if (request.acknowledgedBefore) {
      request.gapBefore = false;
      frontKnown = true;
    }
    if (response == null || response.startPosition - response.holeBefore >= request.peerPosition) return;
    response.holeBefore = Math.max(0, response.startPosition - request.peerPosition);
    response.cutBefore = false;
  }

  private Ranks askedRanks(Run run) {
    Ranks ranks = new Ranks(run.asked);
    for (int i = 0; i < run.asked; i++) {
      if (requests.get(i).gapBefore || i == 0 && !frontKnown) ranks.hole(i, 0, Ranks.UNKNOWN);
    }
    if (run.clientPosition - run.lastRequestEnd >= MESSAGE_BYTES_MIN) ranks.hole(run.asked, 0, Ranks.UNKNOWN);
    return ranks;
  }

  private Ranks answeredRanks(Run run) {
    Ranks ranks = new Ranks(run.answered);
    for (int i = 0; i <= run.answered; i++) {
      boolean behind = i == run.answered;
      long hole = behind ? run.serverPosition - run.lastResponseEnd : responses.get(i).holeBefore;
      boolean cut = behind ? run.cut : responses.get(i).cutBefore;
      if (i == 0 && !frontKnown) ranks.hole(0, 0, Ranks.UNKNOWN);
      else if (hole >= MESSAGE_BYTES_MIN || cut && hole > 0) ranks.hole(i, leastIn(hole, cut), bySize(hole, cut));
    }
    if (run.open && ranks.swallowed[run.answered] == 0) ranks.hole(run.answered, 0, 0);
    return ranks;
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
