import { fetchSchema, webSocketUrl } from '../api/rest';
import type { Schema } from '../api/types';
import { joinClause } from '../filter/clauses';
import { FeedSession, type StreamWorker } from '../feed/FeedSession';
import { Store } from '../lib/store';
import { followAddressBar, go, place } from './location';

/** The one session of this page and what hangs together with it. */
const worker = new Worker(new URL('../stream/stream.worker.ts', import.meta.url), { type: 'module' });
export const session = new FeedSession(worker as unknown as StreamWorker); // the DOM types its handlers by `this`
export const schema = new Store<Schema | null>(null);

/** The text in the filter bar, applied or not. */
export const draft = new Store(place.get().q);

/** How the feed stands: at the newest line and moving with it, or held where the reader is. */
export const following = new Store(true);

/** The selected line of the feed, if any. Whether its details are open is in the address bar (`entry`). */
export const selectedLine = new Store<number | null>(null);

const schemaRetryMs = 2000;

async function loadSchema(): Promise<void> {
  try {
    schema.set(await fetchSchema());
  } catch {
    setTimeout(() => void loadSchema(), schemaRetryMs); // the banner already says that the hub is away
  }
}

export function startDashboard(): void {
  void loadSchema();
  session.start(webSocketUrl(), place.get().q);
  followAddressBar((q) => {
    draft.set(q);
    session.apply(q);
  });
  // The address bar names the filter of the running stream, never one that was refused.
  let applied: string | null = null;
  session.session.subscribe(() => {
    const now = session.session.get().applied;
    if (now !== null && now !== applied) {
      applied = now;
      go({ q: now });
      selectedLine.set(null);
      following.set(true);
    }
  });
}

export function applyFilter(kfl: string): void {
  const text = kfl.trim();
  draft.set(text);
  go({ page: 'feed' });
  session.apply(text);
}

export function addClause(clause: string): void {
  applyFilter(joinClause(session.session.get().applied ?? '', clause));
}

export function openEntry(id: string): void {
  go({ entry: id });
}

export function closeEntry(): void {
  go({ entry: null });
}
