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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One browser's subscription: rows of all sources, ready to be sent. Rows are rendered once, as they arrive; {@link #take} hands over what
 * there is and gives the sources credit for it, so that a bounded amount of records waits here ({@link #CREDIT_BYTES}, {@link CreditWindows}).
 *
 * <p>Several sources: {@link HistoryMerge}, then {@link LiveMerge}. One: nothing waits.
 */
final class RowFeed implements Workers.Watcher {
  /** Records that one source alone may send ahead of the browser. As rows they are about half as large. */
  static final long CREDIT_BYTES = 4 << 20;
  /** A worker sends its rows at most so often: a millisecond for each worker, so that frames a second do not grow with their number. */
  private static final int GATHER_MS_MAX = 200;
  /** History goes without the sources that have not sent theirs by then; it comes later, among the live rows. */
  static final long HISTORY_WAIT_MS = 3000;
  /** What a browser keeps, and so the most it may ask for. */
  static final int ROWS_MAX = 300_000;
  /** A frame's rows, about, and frames at once. */
  static final int FRAME_BYTES_MAX = 1 << 20;
  private static final int FRAMES_MAX = 4;

  private final long id;
  private final String kfl;
  private final int historyCount;
  private final Runnable signal;
  private final Workers workers;
  private final boolean merging;
  private final List<Part> parts = new CopyOnWriteArrayList<>();
  private final EntryView view = new EntryView();

  // Guarded by this.
  private boolean announced;
  private boolean started;
  private boolean closed;
  private boolean paused;
  private final Rows history = new Rows();
  private final Rows live = new Rows();
  private final HistoryMerge historyMerge;
  private final LiveMerge liveMerge = new LiveMerge();
  private final CreditWindows credit = new CreditWindows();
  private ArrayDeque<Held> mergedHistory = new ArrayDeque<>();
  private long historyRows;
  private boolean historyTruncated;
  private boolean historyDone;
  private boolean historyEndSent;
  private long notShown;
  private String failure;
  private final RowBudget budget = new RowBudget();
  /** Rows of the next live frame that count. */
  private int budgeted;

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

  RowFeed(long id, String kfl, int historyCount, Workers workers, Runnable signal) {
    this.id = id;
    this.kfl = kfl;
    this.historyCount = Math.clamp(historyCount, 0, ROWS_MAX);
    this.signal = signal;
    this.workers = workers;
    this.merging = workers.several();
    this.historyMerge = new HistoryMerge(this.historyCount);
  }

  void start() {
    for (Source source : workers.watch(this)) if (part(source) == null) parts.add(new Part(source));
    synchronized (this) {
      started = true;
    }
    for (Part part : parts) part.start();
    if (merging) Thread.ofVirtual().name("history").start(this::mergeHistory);
  }

  private Part part(Source source) {
    for (Part part : parts) if (part.source == source) return part;
    return null;
  }

  @Override
  public void added(Source source) {
    if (!merging || part(source) != null) return; // one machine's worker is there from the start
    Part part = new Part(source);
    parts.add(part);
    synchronized (this) {
      if (!started) return;
    }
    part.start();
  }

  @Override
  public void removed(Source source) {
    Part part = part(source);
    if (part == null) return;
    parts.remove(part);
    part.onGone();
    source.unsubscribe(part.id);
  }

  void close() {
    workers.unwatch(this);
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    for (Part part : parts) part.source.unsubscribe(part.id);
  }

  /** While paused, rows are counted and let go. */
  void pause(boolean wanted) {
    synchronized (this) {
      paused = wanted;
    }
    signal.run();
  }

  /** One source's share. */
  final class Part implements Source.Receiver {
    private final Source source;
    private final long id;
    private final EntryView records = new EntryView();
    private final JsonWriter scratch = new JsonWriter(1024);
    private final HistoryMerge.Rows rows = new HistoryMerge.Rows();
    // Guarded by the feed.
    private boolean subscribed;
    private boolean historyOver;
    /** Whether it is known what of the source's store was taken: then {@code lastSequence} says up to where. */
    private boolean positioned;
    private long lastSequence;
    private long instance;
    /** Bytes that went out: of history, whose credit is given back at once, and of live rows. */
    private long taken;
    private long takenLive;
    /** Null while not subscribed, or alone. */
    private CreditWindows.Window window;

    Part(Source source) {
      this.source = source;
      this.id = source.newId();
    }

    void start() {
      source.register(id, this);
      if (source.connected()) onConnected(source.view());
      else if (source.settled()) historyOver();
    }

    @Override
    public void onConnected(WorkerView worker) {
      Subscribe.Builder subscribe = Subscribe.newBuilder().setId(id).setKfl(kfl).setWithoutBodies(true)
          .setGatherMs(merging ? Math.min(GATHER_MS_MAX, parts.size()) : 0);
      synchronized (RowFeed.this) {
        if (subscribed || closed) return;
        subscribed = true;
        taken = takenLive = 0;
        credit.close(window);
        window = merging ? credit.open(parts.size()) : null;
        subscribe.setCreditBytes(merging ? window.bytes() : CREDIT_BYTES);
        boolean anotherStore = instance != 0 && instance != worker.hello().getInstance();
        instance = worker.hello().getInstance();
        if (anotherStore) subscribe.setFromSequence(1); // all that it has is new
        else if (positioned) subscribe.setFromSequence(lastSequence + 1);
        else if (merging || !historyOver) subscribe.setHistoryCount(merging ? HistoryMerge.share(historyCount, parts.size()) : historyCount);
        if (anotherStore) lastSequence = 0;
      }
      source.subscribe(subscribe.build());
    }

    @Override
    public void onUnreachable() {
      historyOver();
    }

    @Override
    public void onGone() {
      synchronized (RowFeed.this) {
        subscribed = false;
        credit.close(window);
        window = null;
      }
      historyOver();
    }

    @Override
    public void onEntries(WorkerView worker, Entries entries) {
      byte[] array = entries.getRecords().toByteArray();
      long back = merging ? merge(worker, entries, array) : pass(worker, entries, array);
      source.grant(id, back);
      signal.run();
    }

    /** @return credit to give back at once */
    private long pass(WorkerView worker, Entries entries, byte[] array) {
      synchronized (RowFeed.this) {
        if (closed) return 0;
        notShown += entries.getSkipped();
        Rows target = entries.getHistory() ? history : live;
        Records.forEach(array, 0, array.length, view, record -> {
          if (!positioned && entries.getHistory()) rows.oldestSequence = record.sequence();
          positioned = true;
          lastSequence = record.sequence();
          if (paused && !entries.getHistory()) {
            notShown++;
            return true;
          }
          worker.rows().write(record, target.out);
          target.count++;
          if (entries.getHistory()) historyRows++;
          else budgeted++;
          return true;
        });
        if (paused && !entries.getHistory()) return array.length;
        if (entries.getHistory()) taken += array.length;
        else takenLive += array.length;
        return 0;
      }
    }

    /** Rows are made outside the lock: two hundred sources do it at once. @return credit to give back at once */
    private long merge(WorkerView worker, Entries entries, byte[] array) {
      long now = System.currentTimeMillis();
      List<Held> arrived = new ArrayList<>();
      Records.forEach(array, 0, array.length, records, record -> arrived.add(new Held(this, worker, record, entries.getHistory(), now, scratch)));
      synchronized (RowFeed.this) {
        if (closed) return 0;
        notShown += entries.getSkipped();
        if (!arrived.isEmpty()) lastSequence = arrived.getLast().sequence;
        positioned |= !arrived.isEmpty();
        // What comes too late for history comes as if it were live; but it holds no credit, or what comes behind it would be skipped.
        boolean isHistory = entries.getHistory() && !historyDone;
        if (paused && !isHistory) {
          notShown += arrived.size();
        } else if (isHistory) {
          for (Held held : arrived) historyMerge.add(rows, held);
        } else {
          for (Held held : arrived) liveMerge.add(held);
          if (!entries.getHistory()) credit.hold(array.length);
        }
        if (paused) return array.length;
        long more = entries.getSkipped() > 0 && window != null && budget.paid() ? credit.skipped(window) : 0;
        // History is bounded by its share: it must be here whole before the first row goes out.
        return more + (entries.getHistory() ? array.length : 0);
      }
    }

    @Override
    public void onHistoryEnd(HistoryEnd end) {
      synchronized (RowFeed.this) {
        positioned = true;
        lastSequence = Math.max(lastSequence, end.getSequence());
        rows.endSequence = end.getSequence();
        if (!historyDone) {
          rows.more |= end.getTruncated();
          historyTruncated |= !merging && end.getTruncated();
        }
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
        if (!merging && parts.stream().allMatch(part -> part.historyOver)) historyDone = true;
        RowFeed.this.notifyAll();
      }
      signal.run();
    }

    /** Asks for rows older than those that it gave. */
    private void readOlder(long untilMs) {
      WorkerView worker = source.view();
      long before;
      synchronized (RowFeed.this) {
        before = rows.oldestSequence;
      }
      int count = Math.max(HistoryMerge.share(historyCount, parts.size()), historyCount / 4);
      List<StoredEntries.Stored> page = new ArrayList<>();
      boolean more = false;
      boolean failed = false;
      try {
        StoredEntries.Ask ask = new StoredEntries.Ask(kfl, true, StoredEntries.PAGE_BYTES_MAX, Math.max(1, untilMs - System.currentTimeMillis()));
        more = StoredEntries.page(source, ask, Math.min(count, HistoryMerge.SHARE_ROWS_MAX), before, 0, page);
      } catch (ApiError unavailable) {
        failed = true;
      }
      long now = System.currentTimeMillis();
      List<Held> older = new ArrayList<>();
      EntryView record = new EntryView();
      for (StoredEntries.Stored stored : page) {
        if (record.wrap(stored.record(), 0, stored.record().length)) older.add(new Held(this, worker, record, true, now, new JsonWriter(1024)));
      }
      synchronized (RowFeed.this) {
        historyTruncated |= failed;
        rows.more = more && !older.isEmpty();
        for (Held held : older) historyMerge.addOlder(rows, held);
      }
    }
  }

  private List<HistoryMerge.Rows> shares() {
    return parts.stream().map(part -> part.rows).toList();
  }

  /** Waits for the shares, asks for more where one was too small, and puts all in order. */
  private void mergeHistory() {
    long until = System.currentTimeMillis() + HISTORY_WAIT_MS;
    try {
      synchronized (this) {
        for (long left = HISTORY_WAIT_MS; left > 0 && !closed && !parts.stream().allMatch(part -> part.historyOver); left = until - System.currentTimeMillis()) {
          wait(left);
        }
      }
    } catch (InterruptedException e) {
      return;
    }
    for (Part needy = chooseOrEnd(); needy != null; needy = chooseOrEnd()) needy.readOlder(until + HISTORY_WAIT_MS);
    signal.run();
  }

  private synchronized Part chooseOrEnd() {
    if (closed) return null;
    HistoryMerge.Rows needy = historyMerge.choose(shares());
    for (Part part : parts) if (part.rows == needy) return part;
    historyTruncated |= historyMerge.truncated(shares());
    mergedHistory = historyMerge.result();
    historyDone = true;
    return null;
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
    Map<Part, Long> grants = new LinkedHashMap<>();
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
        frames.add(historyEnd());
      }
      if (historySent) takeLive(nowMs, frames);
      double paid = budget.pay(nowMs);
      for (Part part : parts) {
        long live = (long) Math.ceil(part.takenLive * paid);
        long back = part.taken + (part.window == null ? live : credit.back(part.window, live));
        if (back > 0) grants.put(part, back);
        part.taken = 0;
        part.takenLive -= live;
      }
    }
    grants.forEach((part, bytes) -> part.source.grant(part.id, bytes));
    return frames;
  }

  private String historyEnd() {
    Map<Source, Long> older = new LinkedHashMap<>();
    for (Part part : parts) {
      if (part.source.view() == null) continue;
      long before = merging ? part.rows.before() : part.rows.oldestSequence > 0 ? part.rows.oldestSequence : part.rows.endSequence + 1;
      older.put(part.source, before);
    }
    return new JsonWriter().beginObject().key("type").string("historyEnd").key("id").number(id).key("rows").number(historyRows)
        .key("truncated").bool(historyTruncated).key("older").string(Cursor.text(older)).endObject().toString();
  }

  private void takeLive(long nowMs, List<String> frames) {
    if (paused) return;
    for (int i = 0; i < FRAMES_MAX; i++) {
      boolean more = takeMergedLive(nowMs);
      if (live.count == 0 && notShown == 0) return;
      budget.spend(budgeted);
      budgeted = 0;
      frames.add(rows(live.take(), notShown, false));
      notShown = 0;
      if (!more) return;
    }
  }

  /** @return whether the frame is full */
  private boolean takeMergedLive(long nowMs) {
    while (live.out.length() < FRAME_BYTES_MAX) {
      Held held = liveMerge.poll(nowMs);
      if (held == null) return false;
      held.part.takenLive += held.creditBytes;
      credit.release(held.creditBytes);
      if (held.row == null) continue;
      live.out.raw(held.row);
      live.count++;
      if (held.creditBytes > 0) budgeted++;
    }
    return true;
  }

  /** Whether rows wait for their time, or sources for their credit. */
  synchronized boolean holds() {
    return !liveMerge.isEmpty() || !mergedHistory.isEmpty() || !budget.paid();
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
