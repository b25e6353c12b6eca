package io.kubeshark.hub;

import io.kubeshark.core.EntryView;
import io.kubeshark.render.JsonWriter;
import io.kubeshark.wire.Records;
import io.kubeshark.wire.proto.Entries;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.HistoryEnd;
import io.kubeshark.wire.proto.Subscribe;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * One browser's subscription: rows of all workers, ready to be sent. Rows are rendered once, as they arrive; {@link #take} hands over what
 * there is and gives the workers credit for it, so that at most {@link #CREDIT_BYTES} of records a worker wait here.
 *
 * <p>Several workers: history is merged when all of it is there; live rows wait {@link #MERGE_WINDOW_MS} and come out by time. One worker:
 * nothing waits.
 */
final class RowFeed {
  /** Records that a worker may send ahead of the browser. As rows they are about half as large. */
  static final long CREDIT_BYTES = 4 << 20;
  static final long MERGE_WINDOW_MS = 200;
  /** What a browser keeps, and so the most it may ask for. */
  static final int ROWS_MAX = 300_000;
  /** A frame's rows, about. */
  static final int FRAME_BYTES_MAX = 1 << 20;

  private record Held(long startNs, long arrivedMs, byte[] row) {}

  private final long id;
  private final String kfl;
  private final int historyCount;
  private final Runnable signal;
  private final List<Part> parts = new ArrayList<>();
  private final boolean merging;
  private final EntryView view = new EntryView();

  // Guarded by this.
  private boolean announced;
  private boolean closed;
  private boolean paused;
  private final Rows history = new Rows();
  private final Rows live = new Rows();
  private final List<Held> heldHistory = new ArrayList<>();
  private final ArrayDeque<Held> mergedHistory = new ArrayDeque<>();
  private final PriorityQueue<Held> heldLive = new PriorityQueue<>(Comparator.comparingLong(Held::startNs));
  private final JsonWriter single = new JsonWriter(1024);
  private long historyRows;
  private boolean historyTruncated;
  private boolean historyDone;
  private boolean historyEndSent;
  private long notShown;
  private String failure;

  /** Rendered rows, waiting. */
  private static final class Rows {
    private final JsonWriter out = new JsonWriter(64 << 10);
    private int count;

    Rows() {
      out.beginArray();
    }

    String take() {
      out.endArray();
      String rows = out.toString();
      out.clear();
      out.shrink(FRAME_BYTES_MAX);
      out.beginArray();
      count = 0;
      return rows;
    }
  }

  RowFeed(long id, String kfl, int historyCount, List<WorkerConnection> workers, Runnable signal) {
    this.id = id;
    this.kfl = kfl;
    this.historyCount = Math.clamp(historyCount, 0, ROWS_MAX);
    this.signal = signal;
    this.merging = workers.size() > 1;
    for (WorkerConnection worker : workers) parts.add(new Part(worker));
  }

  void start() {
    for (Part part : parts) part.start();
  }

  void close() {
    synchronized (this) {
      closed = true;
    }
    for (Part part : parts) part.worker.unsubscribe(part.id);
  }

  /** While paused, rows are counted and let go. */
  void pause(boolean wanted) {
    synchronized (this) {
      paused = wanted;
    }
    signal.run();
  }

  /** One worker's share. */
  private final class Part implements WorkerConnection.Receiver {
    private final WorkerConnection worker;
    private final long id;
    // Guarded by the feed.
    private boolean subscribed;
    private boolean historyOver;
    private long lastSequence;
    private long taken;

    Part(WorkerConnection worker) {
      this.worker = worker;
      this.id = worker.newId();
    }

    void start() {
      worker.register(id, this);
      if (worker.connected()) onConnected(worker.view());
      else historyOver();
    }

    @Override
    public void onConnected(WorkerView worker) {
      Subscribe.Builder subscribe = Subscribe.newBuilder().setId(id).setKfl(kfl).setCreditBytes(CREDIT_BYTES).setWithoutBodies(true);
      synchronized (RowFeed.this) {
        if (subscribed || closed) return;
        subscribed = true;
        taken = 0;
        if (historyOver) subscribe.setFromSequence(lastSequence == 0 ? 0 : lastSequence + 1);
        else subscribe.setHistoryCount(historyCount);
      }
      this.worker.subscribe(subscribe.build());
    }

    @Override
    public void onGone() {
      synchronized (RowFeed.this) {
        subscribed = false;
      }
      historyOver();
    }

    @Override
    public void onEntries(WorkerView worker, Entries entries) {
      byte[] records = entries.getRecords().toByteArray();
      long now = System.currentTimeMillis();
      long back = 0;
      synchronized (RowFeed.this) {
        if (closed) return;
        notShown += entries.getSkipped();
        Records.forEach(records, 0, records.length, view, record -> {
          lastSequence = record.sequence();
          add(worker, record, entries.getHistory(), now);
          return true;
        });
        // Merged history must be here whole before the first row goes out, and what is let go is taken at once.
        if (paused && !entries.getHistory() || merging && entries.getHistory()) back = records.length;
        else taken += records.length;
      }
      this.worker.grant(id, back);
      signal.run();
    }

    @Override
    public void onHistoryEnd(HistoryEnd end) {
      synchronized (RowFeed.this) {
        historyTruncated |= end.getTruncated();
      }
      historyOver();
    }

    @Override
    public void onFailed(Failed failed) {
      synchronized (RowFeed.this) {
        failure = failed.getText();
      }
      historyOver();
    }

    private void historyOver() {
      synchronized (RowFeed.this) {
        historyOver = true;
        if (!historyDone && parts.stream().allMatch(part -> part.historyOver)) endHistory();
      }
      signal.run();
    }
  }

  /** Under the lock. */
  private void add(WorkerView worker, EntryView record, boolean isHistory, long now) {
    if (paused && !isHistory) {
      notShown++;
    } else if (!merging) {
      Rows rows = isHistory ? history : live;
      worker.rows().write(record, rows.out);
      rows.count++;
      if (isHistory) historyRows++;
    } else {
      single.clear();
      worker.rows().write(record, single);
      Held held = new Held(record.startNs(), now, single.toByteArray());
      if (isHistory) heldHistory.add(held);
      else heldLive.add(held);
    }
  }

  /** Under the lock. Several workers gave their newest each: the newest of all are wanted. */
  private void endHistory() {
    historyDone = true;
    if (!merging) return;
    heldHistory.sort(Comparator.comparingLong(Held::startNs));
    int from = Math.max(0, heldHistory.size() - historyCount);
    historyTruncated |= from > 0;
    mergedHistory.addAll(heldHistory.subList(from, heldHistory.size()));
    heldHistory.clear();
  }

  /** Under the lock. One frame's worth. */
  private void takeMergedHistory() {
    while (!mergedHistory.isEmpty() && history.out.length() < FRAME_BYTES_MAX) {
      history.out.raw(mergedHistory.poll().row);
      history.count++;
      historyRows++;
    }
  }

  /** The frames to send now. Gives credit for what is in them. */
  List<String> take(long nowMs) {
    List<String> frames = new ArrayList<>(4);
    long[] grants = new long[parts.size()];
    synchronized (this) {
      if (!announced) frames.add(new JsonWriter().beginObject().key("type").string("subscribed").key("id").number(id).key("kfl").string(kfl).endObject().toString());
      announced = true;
      if (failure != null) frames.add(refused());
      failure = null;
      takeMergedHistory();
      if (history.count > 0) frames.add(rows(history.take(), 0, true));
      boolean historySent = historyDone && mergedHistory.isEmpty();
      if (historySent && !historyEndSent) {
        historyEndSent = true;
        frames.add(new JsonWriter().beginObject().key("type").string("historyEnd").key("id").number(id).key("rows").number(historyRows)
            .key("truncated").bool(historyTruncated).endObject().toString());
      }
      if (historySent) takeLive(nowMs, frames);
      for (int i = 0; i < grants.length; i++) {
        grants[i] = parts.get(i).taken;
        parts.get(i).taken = 0;
      }
    }
    for (int i = 0; i < grants.length; i++) parts.get(i).worker.grant(parts.get(i).id, grants[i]);
    return frames;
  }

  private void takeLive(long nowMs, List<String> frames) {
    if (paused) return;
    while (!heldLive.isEmpty() && heldLive.peek().arrivedMs <= nowMs - MERGE_WINDOW_MS) {
      live.out.raw(heldLive.poll().row);
      live.count++;
    }
    if (live.count == 0 && notShown == 0) return;
    frames.add(rows(live.take(), notShown, false));
    notShown = 0;
  }

  /** Whether rows wait for their time. */
  synchronized boolean holds() {
    return !heldLive.isEmpty() || !mergedHistory.isEmpty();
  }

  /** The hub accepted the filter, a worker did not: of another version, or out of room. */
  private String refused() {
    return new JsonWriter().beginObject().key("type").string("filterError").key("id").number(id).key("error").beginObject()
        .key("code").string("worker").key("message").string(failure).key("position").number(0).key("length").number(0)
        .key("line").number(1).key("column").number(1).key("suggestion").nullValue().endObject().endObject().toString();
  }

  private String rows(String rows, long missed, boolean isHistory) {
    return "{\"type\":\"rows\",\"id\":" + id + ",\"rows\":" + rows + ",\"notShown\":" + missed + ",\"history\":" + isHistory + "}";
  }
}
