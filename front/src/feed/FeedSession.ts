import { fetchEntriesBefore } from '../api/rest';
import type { Hello, KflError, Stats, TargetCounts, TargetRule } from '../api/types';
import { restartKey, restartNotice, restartsOf } from '../cluster/restarts';
import { pace } from '../lib/pace';
import { Store } from '../lib/store';
import type { Phase, Subscription } from '../stream/HubConnection';
import { batchRowsMax, countRows, packRows, type RowBatch, type RowTest } from '../stream/RowBatch';
import type { FromWorker, ToWorker } from '../stream/messages';
import { count } from '../lib/format';
import { RowRing, type Notice } from './RowRing';

export interface FeedState {
  /** grows with every change of the ring: what the feed listens to */
  version: number;
  first: number;
  end: number;
  /** rows received since the filter was applied */
  received: number;
  notShown: number;
  /** the store had more matching rows than the history brought */
  olderInStore: boolean;
  historyDone: boolean;
}

export interface SessionState {
  phase: Phase;
  everOpen: boolean;
  hello: Hello | null;
  stats: Stats | null;
  /** the rule by which pods are captured, and how many that gives; null until it is told */
  targets: (TargetRule & { counts: TargetCounts }) | null;
  /** the filter of the running stream; null until the hub accepted one */
  applied: string | null;
  /** the filter that was asked for and not yet answered */
  asked: string | null;
  filterError: { kfl: string; error: KflError } | null;
  paused: boolean;
  /** how much later the hub's figures come than they did at best: a slow connection or a busy browser */
  behindMs: number;
  /** when the hub's figures came last; 0 before the first */
  statsAt: number;
  ended: string | null;
}

/** The part of a Worker that is used here. */
export interface StreamWorker {
  onmessage: ((event: { data: FromWorker }) => void) | null;
  postMessage(message: ToWorker): void;
}

const historyFirst = 10_000;
const historyAfterReconnect = 50_000;
const rowsKeptMax = 300_000;
const olderRowsAtOnce = 2000;
const renderIntervalMs = 100;
const toldRestartsMax = 2000;

/** The page's side of the stream: owns the ring, decides what of a history is new, and tells React ten times a second. */
export class FeedSession {
  readonly ring = new RowRing(rowsKeptMax);
  readonly feed = new Store<FeedState>({
    version: 0, first: 0, end: 0, received: 0, notShown: 0, olderInStore: false, historyDone: false,
  });
  readonly session = new Store<SessionState>({
    phase: { name: 'connecting', attempt: 1 }, everOpen: false, hello: null, stats: null, targets: null, applied: null, asked: null, filterError: null,
    paused: false, behindMs: 0, statsAt: 0, ended: null,
  });

  private readonly publish = pace(() => this.publishNow(), renderIntervalMs);
  private received = 0;
  private notShown = 0;
  private olderInStore = false;
  /** where the history began, as the hub names it: with several workers a row's number says nothing */
  private older = '';
  private historyDone = false;
  private subscriptionId = 0;
  /** row key → timestamp of rows held from before a reconnect, while the new history runs; null = nothing can be doubled */
  private held: Map<string, number> | null = null;
  private heldSeen = 0;
  private reconnectNotice: Notice | null = null;
  private reconnected = false;
  /** pause the hub again once the history of a filter applied during a pause is here */
  private pauseAfterHistory = false;
  private wasPaused = false;
  /** the least difference seen between this clock and the hub's, way included */
  private wayMs = Infinity;
  /** when the hub's figures came first, by its clock */
  private statsSince: number | null = null;
  /** restarts of workers that are marked in the feed */
  private toldRestarts = new Set<string>();

  constructor(private readonly worker: StreamWorker) {
    worker.onmessage = (event) => this.take(event.data);
  }

  start(url: string, kfl: string): void {
    this.session.patch({ asked: kfl });
    this.tell({ type: 'start', url, subscription: this.subscription(kfl) });
  }

  apply(kfl: string): void {
    this.session.patch({ asked: kfl, filterError: null });
    if (this.session.get().paused) {
      this.pauseAfterHistory = true;
      this.tell({ type: 'paused', paused: false });
    }
    this.tell({ type: 'subscribe', subscription: this.subscription(kfl) });
  }

  setPaused(paused: boolean): void {
    if (paused === this.session.get().paused) return;
    this.pauseAfterHistory = false;
    if (!paused) this.wasPaused = true;
    this.session.patch({ paused });
    this.tell({ type: 'paused', paused });
  }

  retryNow(): void {
    this.tell({ type: 'retryNow' });
  }

  /** Brings rows older than the oldest kept from the hub's store. */
  async loadOlder(): Promise<void> {
    const oldest = this.oldestRow();
    const kfl = this.session.get().applied;
    if (!oldest || kfl === null) return;
    const id = this.subscriptionId;
    const { rows, truncated, older } = await fetchEntriesBefore(kfl, this.older || oldest.seq, Math.min(olderRowsAtOnce, batchRowsMax));
    if (id !== this.subscriptionId) return;
    const added = this.ring.prepend(packRows(rows));
    this.received += added;
    this.older = older ?? '';
    this.olderInStore = truncated && added === rows.length;
    this.publish();
  }

  private subscription(kfl: string): Subscription {
    return { kfl, history: historyFirst, historyAfterReconnect };
  }

  private oldestRow() {
    for (let line = this.ring.first; line < this.ring.end; line++) {
      const row = this.ring.rowAt(line);
      if (row) return row;
    }
    return undefined;
  }

  private tell(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private take(message: FromWorker): void {
    switch (message.type) {
      case 'phase':
        if (message.phase.name === 'waiting' && this.session.get().applied !== null) this.reconnected = true;
        this.session.patch({ phase: message.phase, everOpen: this.session.get().everOpen || message.phase.name === 'open' });
        return;
      case 'batch':
        if (message.id === this.subscriptionId) this.takeBatch(message.batch, message.notShown, message.history);
        return;
      case 'frame':
        this.takeFrame(message.frame);
    }
  }

  private takeBatch(batch: RowBatch, notShown: number, history: boolean): void {
    if (notShown > 0) {
      const why = this.wasPaused ? 'while the feed was paused' : 'more came than a browser is sent; narrow the filter to see them all';
      this.ring.appendNotice({ kind: 'notShown', rows: notShown, text: why });
      this.notShown += notShown;
    }
    if (!history) this.wasPaused = false;
    this.received += history && this.held ? this.appendNew(batch, this.held) : this.ring.append(batch);
    this.publish();
  }

  /** After a reconnect the history overlaps with what is here: the same key with the same timestamp is the same row. */
  private appendNew(batch: RowBatch, held: Map<string, number>): number {
    const isNew: RowTest = (key, timestamp) => held.get(key) !== timestamp;
    const fresh = countRows(batch, isNew);
    this.heldSeen += batch.count - fresh;
    if (fresh > 0) this.reconnectNotice ??= this.ring.appendNotice({ kind: 'info', rows: 0, text: 'Reconnected; caught up from here' });
    return this.ring.append(batch, isNew);
  }

  private takeFrame(frame: Extract<FromWorker, { type: 'frame' }>['frame']): void {
    switch (frame.type) {
      case 'hello':
        this.wayMs = Infinity;
        this.session.patch({ hello: frame, ended: null, behindMs: 0, statsAt: 0 });
        return;
      case 'stats':
        this.wayMs = Math.min(this.wayMs, Date.now() - frame.now);
        this.markRestarts(frame);
        this.session.patch({ stats: frame, statsAt: Date.now(), behindMs: Date.now() - frame.now - this.wayMs });
        return;
      case 'end':
        this.session.patch({ ended: frame.reason });
        return;
      case 'filterError':
        this.refused(frame.error);
        return;
      case 'subscribed':
        this.subscribed(frame.id, frame.kfl);
        return;
      case 'historyEnd':
        if (frame.id === this.subscriptionId) this.historyEnded(frame.truncated, frame.older ?? '');
        return;
      case 'targets':
        this.session.patch({ targets: frame });
    }
  }

  /** Only where the hub saw the worker's end while this page looked, it has its place among the rows; the banner tells the rest. */
  private markRestarts(stats: Stats): void {
    this.statsSince ??= stats.now;
    const news = restartsOf(stats.workers).filter((worker) => worker.restarted.lastSeen >= this.statsSince! && !this.toldRestarts.has(restartKey(worker)));
    if (news.length === 0) return;
    for (const worker of news) this.ring.appendNotice({ kind: 'hole', rows: 0, text: restartNotice(worker) });
    // A worker that is away for a moment says nothing of itself: what was told stays told.
    this.toldRestarts = new Set([...this.toldRestarts, ...news.map(restartKey)].slice(-toldRestartsMax));
    this.publish();
  }

  private refused(error: KflError): void {
    const { asked, paused } = this.session.get();
    this.session.patch({ filterError: { kfl: asked ?? '', error }, asked: null });
    if (this.pauseAfterHistory && paused) this.tell({ type: 'paused', paused: true });
    this.pauseAfterHistory = false;
  }

  private subscribed(id: number, kfl: string): void {
    this.subscriptionId = id;
    const sameFilter = this.reconnected && kfl === this.session.get().applied;
    this.reconnected = false;
    this.heldSeen = 0;
    this.reconnectNotice = null;
    this.historyDone = false;
    if (sameFilter) {
      this.held = this.ring.newestKeys(2 * historyAfterReconnect);
    } else {
      this.held = null;
      this.ring.clear();
      this.received = 0;
      this.notShown = 0;
      this.olderInStore = false;
    }
    this.session.patch({ applied: kfl, asked: null, filterError: null });
    this.publish();
  }

  private historyEnded(truncated: boolean, older: string): void {
    if (this.held && this.held.size > 0 && this.heldSeen === 0) {
      // No overlap: between what was here and what came lie rows that nobody will send any more.
      this.reconnectNotice ??= this.ring.appendNotice({ kind: 'hole', rows: 0, text: '' });
      this.reconnectNotice.kind = 'hole';
      this.reconnectNotice.text = truncated
        ? `Reconnected; rows are missing here: more than ${count(historyAfterReconnect)} arrived meanwhile`
        : 'Reconnected to a hub that was started anew: what came in between is not here, and of the rows above only what they say is left';
    }
    this.reconnectNotice = null;
    if (!this.held) {
      this.olderInStore = truncated;
      this.older = older;
    }
    this.held = null;
    this.historyDone = true;
    if (this.pauseAfterHistory) {
      this.pauseAfterHistory = false;
      this.tell({ type: 'paused', paused: true });
    }
    this.publish();
  }

  private publishNow(): void {
    this.feed.set({
      version: this.feed.get().version + 1,
      first: this.ring.first,
      end: this.ring.end,
      received: this.received,
      notShown: this.notShown,
      olderInStore: this.olderInStore,
      historyDone: this.historyDone,
    });
  }
}
