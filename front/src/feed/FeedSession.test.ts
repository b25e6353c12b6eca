import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HubFrame, Row } from '../api/types';
import { packRows } from '../stream/RowBatch';
import type { FromWorker, ToWorker } from '../stream/messages';
import { testRows } from '../stream/testRows';
import { FeedSession, type StreamWorker } from './FeedSession';

class FakeWorker implements StreamWorker {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  told: ToWorker[] = [];
  postMessage(message: ToWorker) {
    this.told.push(message);
  }
  say(message: FromWorker) {
    this.onmessage!({ data: message });
  }
  frame(frame: Exclude<HubFrame, { type: 'rows' }>) {
    this.say({ type: 'frame', frame });
  }
  rows(id: number, rows: Row[], history: boolean, notShown = 0) {
    this.say({ type: 'batch', id, batch: packRows(rows), notShown, history });
  }
}

const error = { code: 'syntax', message: 'no', position: 0, length: 1 };

describe('FeedSession', () => {
  let worker: FakeWorker;
  let session: FeedSession;

  const seqs = () => {
    const lines: (number | string)[] = [];
    for (let line = session.ring.first; line < session.ring.end; line++) lines.push(session.ring.rowAt(line)?.seq ?? session.ring.noticeAt(line)!.kind);
    return lines;
  };
  const lose = () => worker.say({ type: 'phase', phase: { name: 'waiting', attempt: 1, retryAt: 0, reason: '' } });

  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run));
    worker = new FakeWorker();
    session = new FeedSession(worker);
    session.start('ws://hub', '');
    worker.frame({ type: 'subscribed', id: 1, kfl: '' });
    worker.rows(1, testRows(1, 3), true);
    worker.frame({ type: 'historyEnd', id: 1, rows: 3, truncated: true });
    worker.rows(1, testRows(4, 2), false);
  });

  it('joins history and live rows', () => {
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('drops rows of an earlier subscription, and begins anew with the next', () => {
    worker.frame({ type: 'subscribed', id: 2, kfl: 'http' });
    worker.rows(1, testRows(6, 1), false);
    worker.rows(2, testRows(2, 1), true);
    expect(seqs()).toEqual([2]);
    expect(session.session.get().applied).toBe('http');
  });

  it('keeps the old stream when a filter is refused', () => {
    session.apply('htp');
    worker.frame({ type: 'filterError', id: 2, error });
    worker.rows(1, testRows(6, 1), false);
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(session.session.get()).toMatchObject({ applied: '', asked: null, filterError: { kfl: 'htp', error } });
  });

  it('shows after a reconnect what was missed, and nothing twice', () => {
    lose();
    worker.frame({ type: 'subscribed', id: 2, kfl: '' });
    worker.rows(2, testRows(3, 5), true);
    worker.frame({ type: 'historyEnd', id: 2, rows: 5, truncated: true });
    worker.rows(2, testRows(8, 1), false);
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 'info', 6, 7, 8]);
  });

  it('says so when more was missed than the history brings', () => {
    lose();
    worker.frame({ type: 'subscribed', id: 2, kfl: '' });
    worker.rows(2, testRows(90, 2), true);
    worker.frame({ type: 'historyEnd', id: 2, rows: 2, truncated: true });
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 'hole', 90, 91]);
  });

  it('does not take the rows of a restarted hub for old ones', () => {
    lose();
    worker.frame({ type: 'subscribed', id: 2, kfl: '' });
    worker.rows(2, testRows(1, 2).map((row) => ({ ...row, timestamp: row.timestamp + 1e6 })), true);
    worker.frame({ type: 'historyEnd', id: 2, rows: 2, truncated: false });
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 'hole', 1, 2]);
  });

  it('says that a restarted hub without rows has lost what came in between', () => {
    lose();
    worker.frame({ type: 'subscribed', id: 2, kfl: '' });
    worker.frame({ type: 'historyEnd', id: 2, rows: 0, truncated: false });
    worker.rows(2, testRows(1, 1).map((row) => ({ ...row, timestamp: row.timestamp + 1e6 })), false);
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 'hole', 1]);
  });

  it('does not take one node’s rows for another’s, whose sequence numbers are the same', () => {
    lose();
    worker.frame({ type: 'subscribed', id: 2, kfl: '' });
    worker.rows(2, [...testRows(5, 1), ...testRows(4, 2).map((row) => ({ ...row, node: 'other' }))], true);
    worker.frame({ type: 'historyEnd', id: 2, rows: 3, truncated: true });
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 'info', 4, 5]);
  });

  it('marks the place where rows are not shown', () => {
    worker.rows(1, testRows(60, 1), false, 54);
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 'notShown', 60]);
    expect(session.ring.noticeAt(5)).toMatchObject({ rows: 54 });
  });

  it('marks once where a worker began anew; what was so before the page came has no place', () => {
    const stats = (...restarts: [string, number][]) =>
      worker.frame({
        type: 'stats', now: 1500, workers: restarts.map(([node, at]) => ({ node, ...(at && { restarted: { at, lastSeen: at - 1, entriesLost: 3, times: 1 } }) })),
      } as never);
    stats(['a', 0], ['b', 0]); // not connected yet
    stats(['a', 1000], ['b', 0]);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
    stats(['a', 1000], ['b', 2000]);
    stats(['a', 1000], ['b', 0]); // away again
    stats(['a', 1000], ['b', 2000]);
    worker.rows(1, testRows(6, 1), false);
    stats(['a', 1000], ['b', 9000]);
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 'hole', 6, 'hole']);
    expect(session.ring.noticeAt(5)!.text).toContain('worker on b began anew');
  });

  it('fetches the history of a filter applied during a pause, then pauses again', () => {
    session.setPaused(true);
    worker.told = [];
    session.apply('http');
    worker.frame({ type: 'subscribed', id: 2, kfl: 'http' });
    worker.frame({ type: 'historyEnd', id: 2, rows: 0, truncated: false });
    expect(worker.told.map((message) => (message.type === 'paused' ? message.paused : message.type))).toEqual([false, 'subscribe', true]);
    expect(session.session.get().paused).toBe(true);
  });
});
