import { memo } from 'react';
import type { RowFlag } from '../api/types';
import { schema, session } from '../app/dashboard';
import { Icon } from '../app/Icon';
import { rowClause, type ClauseColumn } from '../filter/rowClauses';
import { bytes, count, duration, timeOfDay } from '../lib/format';
import { End, EndPluses, EndText, isNamed } from './RowEnd';
import type { Notice } from './RowRing';

export interface ProtocolLook {
  label: string;
  title: string;
  background: string;
  text: string;
}

const flagWords: Record<RowFlag, [string, string]> = {
  noRequest: ['no request', 'The request was not seen'],
  noResponse: ['no response', 'No response was seen'],
  afterGap: ['after gap', 'First message after lost bytes: read with care'],
  truncated: ['truncated', 'Part of the body was not kept'],
  incomplete: ['incomplete', 'The message was not seen to its end'],
  unfinished: ['in progress', 'The call was not over; sizes are as far as it was. It gets another row when it ends'],
};
const waitingWords = ['waiting', 'No response yet after half a minute. The call gets another row when it ends'] as const;

/** Of a call that waits, one mark says both: that there is no response, and that it is not over. */
function marks(flags: readonly RowFlag[]): (readonly [string, string])[] {
  const waiting = flags.includes('unfinished') && flags.includes('noResponse');
  const said = flags.filter((flag) => !waiting || (flag !== 'unfinished' && flag !== 'noResponse')).map((flag) => flagWords[flag]);
  return waiting ? [waitingWords, ...said] : said;
}

const statusWords = { ok: 'ok', warn: 'warning', error: 'error', neutral: 'no verdict' } as const;

interface Props {
  line: number;
  selected: boolean;
  looks: Map<string, ProtocolLook>;
  wide: boolean;
  /** ends are pods and services, and there is more than one node */
  named: boolean;
}

/** One row. A line number stands for the same row for ever, so equal properties mean an equal picture. */
export const FeedRow = memo(function FeedRow({ line, selected, looks, wide, named }: Props) {
  const row = session.ring.rowAt(line);
  if (!row) return <div className="row" />;
  const look = looks.get(row.protocol);
  const plus = (column: ClauseColumn) =>
    rowClause(schema.get(), row, column) && <i className="plus" data-add={column} title="Add to the filter (Alt: exclude)" />;
  const isEvent = row.kind === 'event';
  const requestSize = row.flags.includes('noRequest') || isEvent ? '–' : bytes(row.requestSize);
  const responseSize = row.flags.includes('noResponse') || isEvent ? '–' : bytes(row.responseSize);
  return (
    <div
      id={`line-${line}`}
      className={`row ${row.statusClass} ${row.kind} ${selected ? 'selected' : ''}`}
      role="row"
      aria-rowindex={line - session.ring.first + 1}
      aria-selected={selected}
      data-line={line}
    >
      <span role="gridcell" className="c-time mono">
        {timeOfDay(row.timestamp)}
      </span>
      <span role="gridcell" className="c-protocol">
        <span className="protocol" title={look?.title} style={look && { background: look.background, color: look.text }}>
          {isEvent && <Icon name="event" size={10} />}
          {look?.label ?? row.protocol}
        </span>
        {plus('protocol')}
      </span>
      <span role="gridcell" className="c-method">
        {row.method}
        {plus('method')}
      </span>
      <span role="gridcell" className="c-status" title={`${row.status || '–'} (${statusWords[row.statusClass]})`}>
        <i className="mark" role="img" aria-label={statusWords[row.statusClass]} />
        {row.status || '–'}
        {plus('status')}
      </span>
      <span role="gridcell" className="c-summary" title={row.summary}>
        {row.tls && <span className="tag">TLS</span>}
        {!isEvent && marks(row.flags).map(([word, title]) => (
          <span key={word} className="tag flag" title={title}>
            {word}
          </span>
        ))}
        {row.summary}
        {plus('summary')}
      </span>
      {wide ? (
        <>
          <End row={row} side="src" plus={plus} />
          <End row={row} side="dst" plus={plus} />
          {named && (
            <span role="gridcell" className="c-node" title={isEvent ? 'Where it happened' : `Captured on ${row.node}`}>
              {row.node || row.dst.node}
              {plus('node')}
            </span>
          )}
          <span role="gridcell" className="c-request" title={`request: ${count(row.requestSize)} bytes`}>
            {requestSize}
          </span>
          <span role="gridcell" className="c-response" title={`response: ${count(row.responseSize)} bytes`}>
            {responseSize}
          </span>
        </>
      ) : (
        <span role="gridcell" className="c-ends">
          <span className="c-both">
            {!isEvent && (
              <>
                <EndText end={row.src} side="src" /> <span className="arrow">→</span>{' '}
              </>
            )}
            <EndText end={row.dst} side="dst" />
          </span>
          {!isEvent && <span className="c-sizes">{requestSize} / {responseSize}</span>}
          {named && <span className="c-sizes">{row.node || row.dst.node}</span>}
          {isNamed(row.dst) ? <EndPluses side="dst" end={row.dst} plus={plus} /> : plus('dst')}
        </span>
      )}
      <span role="gridcell" className="c-elapsed">
        {row.elapsedUs === null ? '–' : duration(row.elapsedUs)}
        {plus('elapsed')}
      </span>
    </div>
  );
});

/** `rows` and `text` repeat what the notice holds because a notice grows while it is the newest line. */
export function NoticeRow({ notice, rows, text }: { notice: Notice; rows: number; text: string }) {
  return (
    <div className={`row notice ${notice.kind}`} role="row">
      <span role="gridcell">{rows > 0 ? `▲ ${count(rows)} not shown: ${text}` : text}</span>
    </div>
  );
}
