import { ApiError, fetchHealth, fetchSchema, login, webSocketUrl } from '../api/rest';
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

/** Why the hub cannot be reached, as far as an ordinary call can tell; a WebSocket's failure says nothing. */
export const hubAway = new Store<string | null>(null);

const schemaRetryMs = 2000;

async function loadSchema(): Promise<void> {
  try {
    schema.set(await fetchSchema());
  } catch {
    setTimeout(() => void loadSchema(), schemaRetryMs); // the banner already says that the hub is away
  }
}

/** A browser does not say why a WebSocket was refused: for want of a token, or because a proxy's other side is away. */
async function askWhyAway(): Promise<void> {
  try {
    await fetchHealth();
    hubAway.set(null);
  } catch (error) {
    hubAway.set(error instanceof ApiError && error.status > 0 ? error.message : null);
  }
}

/** @throws ApiError 401: it is not the token */
export async function signIn(token: string): Promise<void> {
  await login(token);
  session.retryNow();
}

export function startDashboard(): void {
  void loadSchema();
  session.start(webSocketUrl(), place.get().q);
  let phase = session.session.get().phase.name;
  session.session.subscribe(() => {
    const now = session.session.get().phase.name;
    if (now === phase) return;
    phase = now;
    if (now === 'waiting') void askWhyAway();
    if (now === 'open') hubAway.set(null);
  });
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
