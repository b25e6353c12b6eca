package io.kubeshark.worker;

import io.kubeshark.core.EntryView;
import io.kubeshark.kfl.Filter;
import io.kubeshark.store.EntryBus;
import io.kubeshark.store.EntryStore;
import io.kubeshark.store.Query;
import io.kubeshark.store.ScanResult;
import io.kubeshark.store.Subscriber;
import io.kubeshark.wire.Records;
import io.kubeshark.wire.Wire;
import io.kubeshark.wire.proto.Entries;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.HistoryEnd;
import io.kubeshark.wire.proto.Subscribe;
import io.kubeshark.wire.proto.Subscribed;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * One filter's entries, history first, then live, each once. Tests and sends on its own thread.
 *
 * <pre>
 *   store's thread ──copies──► queue (≤ {@value #QUEUED_BYTES_MAX} bytes) ──► this thread: filter, credit ──► hub
 *        │ queue full                                                              ▲
 *        └────► [behindFrom, behindTo] grows ──────── read back from the store ────┘
 * </pre>
 *
 * A thread that falls behind reads what it missed from the store instead of memory, and joins the queue again when it has caught up:
 * history is the same thing, seen from the start. Entries are skipped, and counted, only where the hub gives no credit.
 */
final class LiveSubscription implements Subscriber, Runnable {
  static final int QUEUED_BYTES_MAX = 4 << 20;
  /** Who is so many entries behind jumps to the present; what lies between counts as skipped, matching or not. */
  static final long BEHIND_ENTRIES_MAX = 1_000_000;
  /** Stored entries that a hub may ask for at once. */
  static final int HISTORY_ENTRIES_MAX = 1_000_000;
  /** A hub may not ask for longer pauses. */
  private static final int GATHER_MS_MAX = 1000;

  private record Copy(byte[] records, long firstSequence) {}

  private final long id;
  private final Filter filter;
  private final Subscribe request;
  private final EntryBus bus;
  private final EntryStore store;
  private final FrameSender sender;
  private final EntryView view = new EntryView();

  // Guarded by this.
  private final ArrayDeque<Copy> queue = new ArrayDeque<>();
  private int queuedBytes;
  private boolean starting = true;
  private long behindFrom = 1;
  private long behindTo;
  private long credit;
  private boolean closed;
  /** The thread pauses between frames, and is not to be woken for each batch. */
  private boolean gathering;

  // This thread's.
  private byte[] frame = new byte[Wire.FRAME_BYTES_WANTED];
  private int frameLength;
  private long skipped;
  private boolean history;
  private long historyCount;
  /** Entries up to here, those that were stored before the history's end was said, wait for credit instead of being skipped. */
  private long owedTo;
  /** How much of the credit this thread has taken for itself: the lock is not needed for every entry. */
  private long taken;

  LiveSubscription(Subscribe request, Filter filter, EntryBus bus, EntryStore store, FrameSender sender) {
    this.id = request.getId();
    this.request = request;
    this.filter = filter;
    this.bus = bus;
    this.store = store;
    this.sender = sender;
    this.credit = request.getCreditBytes();
  }

  @Override
  public void onBatch(byte[] array, int offset, int length, long firstSequence, int count) {
    synchronized (this) {
      if (closed) return;
      boolean behind = starting || behindFrom <= behindTo;
      if (behind || queuedBytes + length > QUEUED_BYTES_MAX) {
        if (!behind) behindFrom = firstSequence;
        behindTo = firstSequence + count - 1;
      } else {
        queue.add(new Copy(Arrays.copyOfRange(array, offset, offset + length), firstSequence));
        queuedBytes += length;
      }
      if (!gathering || queuedBytes >= QUEUED_BYTES_MAX / 2) notifyAll();
    }
  }

  synchronized void grant(long bytes) {
    credit += bytes;
    notifyAll();
  }

  /** Any thread. The worker's end is freed by its own thread. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  private synchronized boolean closed() {
    return closed;
  }

  @Override
  public void run() {
    try (var subscription = bus.subscribe(this, 1)) {
      sender.send(Envelope.newBuilder().setSubscribed(Subscribed.newBuilder().setId(id)).build());
      sendHistory(subscription.historyTo());
      synchronized (this) {
        starting = false;
        boolean resumes = request.getFromSequence() > 0 && request.getFromSequence() <= subscription.historyTo();
        behindFrom = resumes ? request.getFromSequence() : subscription.historyTo() + 1;
        behindTo = Math.max(behindTo, subscription.historyTo());
      }
      while (live()) {}
    } catch (IOException gone) {
      // the hub is no longer there: nobody to tell
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException bug) {
      System.getLogger(LiveSubscription.class.getName()).log(System.Logger.Level.ERROR, "a subscription failed (a bug, please report it)", bug);
      fail(bug);
    } finally {
      close();
    }
  }

  private void fail(RuntimeException bug) {
    try {
      sender.send(Envelope.newBuilder().setFailed(Failed.newBuilder().setId(id).setCode("internal").setText(bug.toString())).build());
    } catch (IOException gone) {
      // nobody to tell
    }
  }

  /** The newest matches, oldest first: one scan back to find where they begin, one forward to send them. */
  private void sendHistory(long historyTo) throws IOException {
    int wanted = Math.min(request.getHistoryCount(), HISTORY_ENTRIES_MAX);
    boolean truncated = false;
    if (wanted > 0 && historyTo > 0) {
      long[] oldest = {0, 0};
      ScanResult back = store.scan(Query.ALL.sequences(1, historyTo).fromNewest().limited(wanted + 1L).matching(filter::test), entry -> {
        if (++oldest[1] <= wanted) oldest[0] = entry.sequence();
        return !closed();
      });
      truncated = oldest[1] > wanted || back.truncated();
      if (oldest[1] > 0) {
        history = true;
        store.scan(Query.ALL.sequences(oldest[0], historyTo).matching(filter::test), entry -> {
          historyCount++;
          return deliver(entry);
        });
        flush();
        history = false;
      }
    }
    synchronized (this) {
      // What was stored while history was sent, too: its credit may still be on the way back.
      owedTo = Math.max(behindTo, historyTo);
    }
    sender.send(Envelope.newBuilder()
        .setHistoryEnd(HistoryEnd.newBuilder().setSubscription(id).setCount(historyCount).setTruncated(truncated).setSequence(historyTo)).build());
  }

  /** One step: a batch from the queue, or what was missed from the store. What waits in the queue shares frames. @return false when closed */
  private boolean live() throws IOException, InterruptedException {
    Copy copy;
    long from;
    long to;
    boolean last;
    synchronized (this) {
      while (!closed && queue.isEmpty() && behindFrom > behindTo) wait();
      if (closed) return false;
      copy = queue.poll();
      if (copy != null) queuedBytes -= copy.records.length;
      from = behindFrom;
      to = behindTo;
      last = queue.isEmpty();
    }
    if (copy != null) {
      Records.forEach(copy.records, 0, copy.records.length, view, entry -> !filter.test(entry) || deliver(entry));
    } else {
      catchUp(from, to);
    }
    if (!last) return true;
    flush();
    return gather();
  }

  /** The pause that the hub wants between frames; ends early where the queue is half full. @return false when closed */
  private synchronized boolean gather() throws InterruptedException {
    long pauseNs = Math.min(request.getGatherMs(), GATHER_MS_MAX) * 1_000_000L;
    long since = System.nanoTime();
    gathering = pauseNs > 0;
    for (long left = pauseNs; left > 0 && !closed && queuedBytes < QUEUED_BYTES_MAX / 2; left = pauseNs - (System.nanoTime() - since)) {
      wait(left / 1_000_000 + 1);
    }
    gathering = false;
    return !closed;
  }

  private void catchUp(long from, long to) {
    if (to - from >= BEHIND_ENTRIES_MAX) {
      skipped += to - from + 1;
    } else {
      store.scan(Query.ALL.sequences(from, to).matching(filter::test), this::deliver);
    }
    synchronized (this) {
      behindFrom = to + 1;
    }
  }

  /** @return whether to go on */
  private boolean deliver(EntryView entry) {
    try {
      if (frameLength + entry.length() > Wire.FRAME_BYTES_WANTED) flush();
      int length = copy(entry);
      if (taken < length && !take(length)) {
        if (!history && entry.sequence() > owedTo) {
          skipped++;
          return !closed();
        }
        flush(); // the hub cannot give back credit for what it does not have
        copy(entry);
        if (!await(length)) return false;
      }
      taken -= length;
      frameLength += length;
      return true;
    } catch (IOException gone) {
      close();
      return false;
    }
  }

  /** Behind what the frame holds, without counting it yet. */
  private int copy(EntryView entry) {
    int length = entry.length();
    if (frame.length - frameLength < length) frame = Arrays.copyOf(frame, frameLength + length);
    if (request.getWithoutBodies()) return Records.copyWithoutBodies(entry, frame, frameLength);
    System.arraycopy(entry.array(), entry.offset(), frame, frameLength, length);
    return length;
  }

  private synchronized boolean take(int length) {
    taken += credit;
    credit = 0;
    return taken >= length;
  }

  /** History waits for credit, as the hub wants it whole; live entries do not. @return false when closed */
  private synchronized boolean await(int length) {
    try {
      while (!closed && !take(length)) wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return !closed;
  }

  private void flush() throws IOException {
    if (frameLength == 0 && skipped == 0) return;
    sender.send(Envelope.newBuilder().setEntries(Entries.newBuilder()
        .setSubscription(id).setRecords(Records.wrap(frame, 0, frameLength)).setSkipped(skipped).setHistory(history)).build());
    frameLength = 0;
    skipped = 0;
    if (frame.length > Wire.FRAME_BYTES_WANTED) frame = new byte[Wire.FRAME_BYTES_WANTED];
  }
}
