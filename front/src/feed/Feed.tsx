import { useEffect, useMemo, useRef, useState, type PointerEvent, type MouseEvent } from 'react';
import { addClause, following, openEntry, schema, selectedLine, session } from '../app/dashboard';
import { Icon } from '../app/Icon';
import { place } from '../app/location';
import { negate } from '../filter/clauses';
import { rowClause, type ClauseColumn } from '../filter/rowClauses';
import { count, timeZone } from '../lib/format';
import { useStore } from '../lib/store';
import { EmptyFeed } from './EmptyFeed';
import { FeedRow, NoticeRow, type ProtocolLook } from './FeedRow';
import { provideViewport, select } from './feedView';
import { OlderRows } from './OlderRows';
import { useFixedWindow } from './useFixedWindow';
import { readableOn } from '../lib/colour';
import './feed.css';

/** Below this width a row takes two text lines, so that nothing has to be left out. */
const oneLineWidthMin = 1150;
/** The same with names of pods and services, and a column for the node. */
const oneLineNamedWidthMin = 1380;
const lineHeightWide = 24;
const lineHeightNarrow = 42;
/** A held feed keeps the DOM node of a line while it is scrolled (`line % slots`; must exceed the lines on a screen). */
const slots = 512;

export function Feed() {
  const { first, end, version, historyDone } = useStore(session.feed);
  const follow = useStore(following);
  const selected = useStore(selectedLine);
  const { entry } = useStore(place);
  const known = useStore(schema);
  const scroller = useRef<HTMLDivElement>(null);
  const [{ wide, scrollbarWidth }, setShape] = useState({ wide: true, scrollbarWidth: 0 });
  const { paused, hello } = useStore(session.session);
  const named = hello !== null && (hello.mode === 'cluster' || hello.nodes.length > 1);
  const widthMin = named ? oneLineNamedWidthMin : oneLineWidthMin;

  const looks = useMemo(() => {
    const map = new Map<string, ProtocolLook>();
    for (const p of known?.protocols ?? [])
      map.set(p.id, { label: p.abbreviation || p.name, title: p.longName, background: p.backgroundColor, text: readableOn(p.backgroundColor, p.foregroundColor) });
    return map;
  }, [known]);

  const fixed = useFixedWindow(scroller, {
    first,
    end,
    lineHeight: wide ? lineHeightWide : lineHeightNarrow,
    following: follow,
    onLeftNewest: () => following.set(false),
    onReachedNewest: () => following.set(true),
  });

  useEffect(() => {
    const element = scroller.current!;
    const sizes = new ResizeObserver(() =>
      setShape({ wide: element.clientWidth >= widthMin, scrollbarWidth: element.offsetWidth - element.clientWidth }),
    );
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [widthMin]);

  const firstVisible = useRef(0);
  firstVisible.current = fixed.firstVisible;
  useEffect(() => {
    provideViewport({ show: fixed.toLine, firstVisible: () => firstVisible.current });
    return () => provideViewport(null);
  }, [fixed.toLine]);

  // Two-line rows show half as many: the selected one must not be among those that left the screen.
  useEffect(() => {
    const line = selectedLine.get();
    if (!following.get() && line !== null && line >= session.ring.first) fixed.toLine(line);
  }, [wide, fixed.toLine]);

  // A deep link names an entry, not a line: find it once the history is here.
  useEffect(() => {
    if (!historyDone || !entry || selectedLine.get() !== null) return;
    const line = session.ring.lineOfId(entry);
    if (line === null) return;
    select(line);
    requestAnimationFrame(() => fixed.toLine(line));
  }, [historyDone, entry, fixed.toLine]);

  const lines: number[] = [];
  for (let line = fixed.from; line < fixed.to; line++) lines.push(line);
  const newer = useNewSince(follow, end);

  return (
    <section className={`feed ${wide ? 'wide' : 'narrow'} ${named ? 'named' : ''}`} aria-label="Feed of API calls">
      <div className="feed-head" aria-hidden="true" style={{ paddingRight: 12 + scrollbarWidth }}>
        {wide && (named ? namedHeads : heads).map(([area, label]) => <span key={area} className={area}>{label}</span>)}
      </div>
      <div
        id="feed"
        ref={scroller}
        className="feed-scroller"
        role="grid"
        tabIndex={0}
        aria-label="API calls, newest last"
        aria-rowcount={end - first}
        aria-activedescendant={selected !== null && selected >= fixed.from && selected < fixed.to ? `line-${selected}` : undefined}
        onPointerDown={onPointerDown}
        onClick={onClick}
      >
        <div className="feed-lines" style={{ height: fixed.height }} data-version={version}>
          <div style={{ transform: `translateY(${fixed.offset}px)` }}>
            {lines.map((line) => {
              const notice = session.ring.noticeAt(line);
              // Following, all lines change at once: then a node belongs to a place on the screen, and only texts are exchanged.
              const key = follow ? line - fixed.from : line % slots;
              if (notice) return <NoticeRow key={`n${key}`} notice={notice} rows={notice.rows} text={notice.text} />;
              return <FeedRow key={key} line={line} selected={line === selected} looks={looks} wide={wide} named={named} />;
            })}
          </div>
        </div>
      </div>
      {fixed.from === first && end > first && <OlderRows />}
      {end === first && <EmptyFeed />}
      <div className="feed-float" onWheel={(event) => scroller.current!.scrollBy({ top: event.deltaY })}>
        {paused && (
          <button type="button" className="feed-pill paused" onClick={() => session.setPaused(false)}>
            <Icon name="pause" size={14} /> Paused · resume <kbd>p</kbd>
          </button>
        )}
        {!follow && !fixed.atEnd && (
          <button type="button" className="feed-pill newest" onClick={() => following.set(true)}>
            <Icon name="down" size={14} /> {newer > 0 ? `${count(newer)} newer · jump to newest` : 'jump to newest'} <kbd>G</kbd>
          </button>
        )}
      </div>
    </section>
  );
}

const heads: readonly [string, string][] = [
  ['c-time', `Time, ${timeZone(new Date())}`],
  ['c-protocol', 'Protocol'],
  ['c-method', 'Method'],
  ['c-status', 'Status'],
  ['c-summary', 'Summary'],
  ['c-src', 'Source'],
  ['c-dst', 'Destination'],
  ['c-request', 'Request'],
  ['c-response', 'Response'],
  ['c-elapsed', 'Elapsed'],
];

const namedHeads: typeof heads = heads.flatMap((head): [string, string][] => (head[0] === 'c-dst' ? [[...head], ['c-node', 'Node']] : [[...head]]));

/** Lines that arrived since the feed was held. */
function useNewSince(follow: boolean, end: number): number {
  const heldAt = useRef(end);
  if (follow) heldAt.current = end;
  return end - heldAt.current;
}

function lineOf(target: EventTarget): number {
  const element = (target as HTMLElement).closest<HTMLElement>('[data-line]');
  return element ? Number(element.dataset.line) : -1;
}

/**
 * Mouse: act when the button goes down. In a moving feed the row under the pointer is another one by the time it comes up.
 * Touch begins a scroll with the same event, so there it is the click that counts.
 */
function onPointerDown(event: PointerEvent): void {
  if (event.pointerType === 'mouse' && event.button === 0) act(event.target, event.altKey);
}

function onClick(event: MouseEvent): void {
  const type = (event.nativeEvent as globalThis.PointerEvent).pointerType;
  if (type !== 'mouse') act(event.target, event.altKey);
}

function act(target: EventTarget, exclude: boolean): void {
  const line = lineOf(target);
  const row = session.ring.rowAt(line);
  if (!row) return;
  const column = (target as HTMLElement).closest<HTMLElement>('[data-add]')?.dataset.add as ClauseColumn | undefined;
  if (column) {
    const clause = rowClause(schema.get(), row, column);
    if (clause) addClause(exclude ? negate(clause) : clause);
    return;
  }
  select(line);
  openEntry(row.id);
}
