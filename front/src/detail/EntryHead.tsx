import type { Row } from '../api/types';
import { openEntry, schema } from '../app/dashboard';
import { Icon } from '../app/Icon';
import { readableOn } from '../lib/colour';
import { equalsClause } from '../filter/clauses';
import { rowClause } from '../filter/rowClauses';
import { bytes, dateTime, duration } from '../lib/format';
import { useStore } from '../lib/store';
import { EndpointValue } from './EndpointValue';
import { Notice } from './Notice';
import { Value } from './Value';

interface Anomaly {
  code: string;
  message?: string;
}

/** The entry JSON lists anomalies as codes or as objects with a code. */
function anomaliesOf(entry: Record<string, unknown> | null): Anomaly[] {
  const list = entry?.anomalies;
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) => (typeof item === 'string' ? { code: item } : (item as Anomaly)));
}

export function EntryHead({ row, entry }: { row: Row; entry: Record<string, unknown> | null }) {
  const known = useStore(schema);
  const isEvent = row.kind === 'event';
  const protocol = known?.protocols.find((p) => p.id === row.protocol);
  return (
    <div className="entry-head">
      <div className={`entry-title row ${row.statusClass}`}>
        {protocol ? (
          <a
            className="protocol"
            style={{ background: protocol.backgroundColor, color: readableOn(protocol.backgroundColor, protocol.foregroundColor) }}
            title={`${protocol.longName}: open the specification`}
            href={protocol.referenceLink || undefined}
            target="_blank"
            rel="noreferrer"
          >
            {protocol.abbreviation || protocol.name}
            {protocol.referenceLink && <Icon name="external" size={10} />}
          </a>
        ) : (
          <span className="protocol">{row.protocol}</span>
        )}
        {row.method && (
          <b>
            <Value inline text={row.method} selector={rowClause(known, row, 'method')} />
          </b>
        )}
        <span className="entry-summary">
          <Value inline text={row.summary} selector={rowClause(known, row, 'summary')} />
        </span>
        <span className="c-status">
          <i className="mark" />
          <Value inline text={row.status || '–'} selector={row.status ? rowClause(known, row, 'status') : null} />
        </span>
      </div>
      <div className="entry-facts muted">
        <span>
          {isEvent ? (
            <EndpointValue end={row.dst} side="dst" />
          ) : (
            <>
              <EndpointValue end={row.src} side="src" /> → <EndpointValue end={row.dst} side="dst" />
            </>
          )}
          {row.tls && ' · TLS'}
          {row.nat && (
            <>
              {' · asked '}
              <Value inline text={row.nat.service} selector={equalsClause(known, 'dst.service.name', row.nat.service)} /> at its cluster IP{' '}
              <Value inline text={`${row.nat.ip}:${row.nat.port}`} selector={equalsClause(known, 'dst.ip', row.nat.ip)} />{' '}
              <button type="button" className="link-button" title={`Open ${row.nat.entry}`} onClick={() => openEntry(row.nat!.entry)}>
                as the client saw it
              </button>
            </>
          )}
        </span>
        {!isEvent && (
          <span>
            {bytes(row.requestSize)} / {bytes(row.responseSize)}
          </span>
        )}
        {row.elapsedUs !== null && <Value inline text={duration(row.elapsedUs)} selector={rowClause(known, row, 'elapsed')} />}
        <span>{dateTime(row.timestamp)}</span>
        <Value inline text={row.node} selector={rowClause(known, row, 'node')} />
      </div>
      {anomaliesOf(entry).map((anomaly, i) => {
        const info = known?.anomalies.find((a) => a.code === anomaly.code);
        return (
          <Notice key={i} level="warn">
            {info?.title ?? anomaly.code}. {anomaly.message ?? info?.doc}
          </Notice>
        );
      })}
    </div>
  );
}
