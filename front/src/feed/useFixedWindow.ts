import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** Lines that are rendered beyond the visible ones, so that a fast flick of the wheel meets no blank. */
const overscanLines = 8;
/**
 * While the feed is held, lines that the ring evicts leave blank space at the top, and the scroll position stays true. Only when
 * that space outgrows this many lines is the origin moved (browsers stop at some 16 million pixels of height).
 */
const deadLinesMax = 200_000;

/** A turn of the wheel is animated for about this long. */
const gestureMs = 600;

export interface FixedWindow {
  from: number;
  to: number;
  /** the first line that is wholly on the screen */
  firstVisible: number;
  /** pixels from the top of the scrolled area to line `from` */
  offset: number;
  height: number;
  /** whether the newest line is on the screen */
  atEnd: boolean;
}

interface Input {
  first: number;
  end: number;
  lineHeight: number;
  following: boolean;
  onLeftNewest(): void;
  onReachedNewest(): void;
}

/**
 * Windowing by arithmetic for lines of one height. (TanStack Virtual rebuilds a table of all items whenever their count changes:
 * with 300,000 lines and ten changes a second that is some 70 MB/s of garbage; this is two divisions.)
 */
export function useFixedWindow(scroller: RefObject<HTMLDivElement | null>, input: Input): FixedWindow & { toLine(line: number): void } {
  const { first, end, lineHeight, following } = input;
  const [view, setView] = useState({ top: 0, height: 600 });
  const origin = useRef(first);
  const settled = useRef({ origin: first, lineHeight });
  const programmed = useRef(-1);
  const latest = useRef(input);
  const ends = useRef<{ at: number; end: number }[]>([]);
  if (ends.current.at(-1)?.end !== end) {
    const now = performance.now();
    ends.current = [...ends.current.filter((past) => past.at > now - gestureMs), { at: now, end }];
  }
  latest.current = input;

  // Following, or with nothing evicted, the origin is the oldest line; a filter change starts anew.
  const height = view.height;
  if (following || origin.current > first || origin.current + 1 > end || first - origin.current > deadLinesMax) origin.current = first;

  const total = (end - origin.current) * lineHeight;
  const top = following ? Math.max(0, total - height) : Math.min(view.top, Math.max(0, total - height));

  useLayoutEffect(() => {
    const element = scroller.current!;
    if (following) return;
    // Older rows were put before the first, the dead space was given up, or lines changed their height: stay with the same lines.
    // (view.top and not the element's scrollTop: the browser may have clamped that to the new height already.)
    const topLine = settled.current.origin + view.top / settled.current.lineHeight;
    const wanted = (Math.max(topLine, first) - origin.current) * lineHeight;
    if (Math.abs(wanted - view.top) < 1) return;
    element.scrollTop = wanted;
    programmed.current = element.scrollTop;
    setView((before) => ({ ...before, top: programmed.current }));
  }, [following, first, lineHeight, scroller, view.top]);

  useLayoutEffect(() => {
    settled.current = { origin: origin.current, lineHeight };
  });

  useLayoutEffect(() => {
    const element = scroller.current!;
    if (!following) return;
    programmed.current = Math.max(0, total - height);
    element.scrollTop = programmed.current;
  }, [following, total, height, scroller]);

  useLayoutEffect(() => {
    const element = scroller.current!;
    let lastTop = element.scrollTop;
    const onScroll = () => {
      const now = element.scrollTop;
      const distance = element.scrollHeight - element.clientHeight - now;
      const { following: follows, onLeftNewest, onReachedNewest } = latest.current;
      const byUs = Math.abs(now - programmed.current) < 2;
      if (!byUs) {
        // The newest line has moved on while the hand was moving: to reach what it was is to reach it.
        const grown = (latest.current.end - (ends.current[0]?.end ?? latest.current.end)) * latest.current.lineHeight;
        if (follows && now < lastTop) onLeftNewest();
        else if (!follows && now > lastTop && distance < 4 + grown) onReachedNewest();
      }
      lastTop = now;
      setView((before) => (before.top === now ? before : { ...before, top: now }));
    };
    const sizes = new ResizeObserver(() => setView((before) => ({ ...before, height: element.clientHeight })));
    sizes.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [scroller]);

  const toLine = useCallback(
    (line: number) => {
      const element = scroller.current!;
      const at = (line - origin.current) * latest.current.lineHeight;
      const margin = latest.current.lineHeight * 2;
      if (at < element.scrollTop + margin) element.scrollTop = at - margin;
      else if (at + margin > element.scrollTop + element.clientHeight - margin) element.scrollTop = at + 2 * margin - element.clientHeight;
      programmed.current = element.scrollTop;
      setView((before) => ({ ...before, top: programmed.current }));
    },
    [scroller],
  );

  const visible = Math.ceil(height / lineHeight);
  const from = Math.max(first, origin.current + Math.floor(top / lineHeight) - overscanLines);
  const to = Math.min(end, origin.current + Math.floor(top / lineHeight) + visible + overscanLines + 1);
  const firstVisible = Math.max(first, origin.current + Math.ceil(top / lineHeight));
  const atEnd = top + height >= total - 1;
  return { from, to, firstVisible, atEnd, offset: (from - origin.current) * lineHeight, height: total, toLine };
}
