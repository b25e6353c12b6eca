import { following, openEntry, selectedLine, session } from '../app/dashboard';
import { place } from '../app/location';

type Scroll = { to: 'oldest' | 'newest' } | { to: 'line'; line: number };
let scroller: ((scroll: Scroll) => void) | null = null;

/** The mounted feed says how to scroll it. */
export function provideScroller(scroll: ((scroll: Scroll) => void) | null): void {
  scroller = scroll;
}

export function followNewest(): void {
  following.set(true);
  scroller?.({ to: 'newest' });
}

export function showOldest(): void {
  following.set(false);
  scroller?.({ to: 'oldest' });
}

/** Selecting a line holds the feed: it would run away from under the reader otherwise. */
export function select(line: number): void {
  following.set(false);
  selectedLine.set(line);
}

export function showLine(line: number): void {
  scroller?.({ to: 'line', line });
}

/** To the next line that is a row, in the direction of `step`; from the newest if none is selected. */
export function moveSelection(step: 1 | -1): void {
  const { ring } = session;
  const from = selectedLine.get();
  let line = from >= ring.first && from < ring.end ? from + step : from >= 0 && from < ring.first ? ring.first : ring.end - 1;
  while (line >= ring.first && line < ring.end && !ring.rowAt(line)) line += step;
  const row = ring.rowAt(line);
  if (!row) return;
  select(line);
  showLine(line);
  if (place.get().entry !== null) openEntry(row.id);
}

export function openSelected(): void {
  const row = session.ring.rowAt(selectedLine.get());
  if (row) openEntry(row.id);
}
