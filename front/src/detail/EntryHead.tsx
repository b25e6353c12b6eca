import type { Row } from '../api/types';
import { schema } from '../app/dashboard';
import { Icon } from '../app/Icon';
import { readableOn } from '../lib/colour';
import { bytes, dateTime, duration, endpoint } from '../lib/format';
import { useStore } from '../lib/store';
import { Notice } from './Notice';

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
        <b>{row.method}</b>
        <span className="entry-summary">{row.summary}</span>
        <span className="c-status">
          <i className="mark" />
          {row.status || '–'}
        </span>
      </div>
      <div className="entry-facts muted">
        <span>
          {endpoint(row.src)} → {endpoint(row.dst)}
          {row.tls && ' · TLS'}
        </span>
        <span>
          {bytes(row.requestSize)} / {bytes(row.responseSize)}
        </span>
        {row.elapsedUs !== null && <span>{duration(row.elapsedUs)}</span>}
        <span>{dateTime(row.timestamp)}</span>
        <span>{row.node}</span>
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
