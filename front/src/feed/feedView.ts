import { following, openEntry, selectedLine, session } from '../app/dashboard';
import { place } from '../app/location';

/** What the mounted feed can do for the keyboard. */
export interface Viewport {
  show(line: number): void;
  firstVisible(): number;
}
let viewport: Viewport | null = null;

export function provideViewport(mounted: Viewport | null): void {
  viewport = mounted;
}

export function followNewest(): void {
  following.set(true);
}

export function showOldest(): void {
  following.set(false);
  viewport?.show(session.feed.get().first);
}

/** Selecting a line holds the feed: it would run away from under the reader otherwise. */
export function select(line: number): void {
  following.set(false);
  selectedLine.set(line);
}

/** To the next line that is a row, in the direction of `step`; from what is on the screen if none is selected. */
export function moveSelection(step: 1 | -1): void {
  const { ring } = session;
  const { first, end } = session.feed.get(); // what is drawn; the ring may be ahead by a tenth of a second
  const from = selectedLine.get();
  const kept = from !== null && from >= first;
  let line = kept ? from + step : following.get() || !viewport ? end - 1 : viewport.firstVisible();
  while (line >= first && line < end && !ring.rowAt(line)) line += step;
  const row = line < end ? ring.rowAt(line) : undefined;
  if (!row) return;
  select(line);
  viewport?.show(line);
  if (place.get().entry !== null) openEntry(row.id);
}

export function openSelected(): void {
  const line = selectedLine.get();
  const row = line === null ? undefined : session.ring.rowAt(line);
  if (row) openEntry(row.id);
}
