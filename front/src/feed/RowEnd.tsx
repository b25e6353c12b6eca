import type { ReactNode } from 'react';
import type { Asked, Endpoint, Row } from '../api/types';
import type { ClauseColumn, Side } from '../filter/rowClauses';
import { endpoint } from '../lib/format';

export const isNamed = (end: Endpoint) => Boolean(end.service || end.pod || end.namespace);

/** An event has no addresses, only an object that it is about. */
export const hasAddress = (end: Endpoint) => end.ip !== '' && end.ip !== '::' && end.ip !== '0.0.0.0';

/** All that is known, for the tooltip: address first, since the text shows names. */
export function endTitle(end: Endpoint, asked?: Asked): string {
  const facts: [string, string | undefined][] = [
    [end.service && !end.pod ? 'cluster IP asked' : 'address', hasAddress(end) ? endpoint({ ip: end.ip, port: end.port }) : ''],
    ['cluster IP asked', asked && endpoint({ ip: asked.ip, port: asked.port })],
    ['service', end.service],
    ['pod', end.pod],
    ['namespace', end.namespace],
    ['node', end.node],
    ['name', isNamed(end) ? '' : end.name],
  ];
  return facts
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

/** What a Deployment or a DaemonSet appends to its own name. */
const generated = /^(.+?)((?:-[a-z0-9]{6,10})?-[a-z0-9]{5})$/;

/** Alone, it has to say the workload's name as well: then only what was generated gives way. */
function PodName({ pod, alone }: { pod: string; alone: boolean }) {
  const [, workload, rest] = (alone && generated.exec(pod)) || [];
  return (
    <>
      {workload && <b>{workload}</b>}
      <span className="end-pod">
        <bdi>{rest ?? pod}</bdi>
      </span>
    </>
  );
}

/**
 * service/pod :port namespace, as far as they are known; else the name or the address. A pod's name is cut at its beginning, which
 * repeats the service's: what tells it from its siblings is the end. A client's port tells nobody anything.
 */
export function EndText({ end, side }: { end: Endpoint; side: Side }) {
  if (!isNamed(end)) return <span className="end-plain">{hasAddress(end) ? endpoint(side === 'src' && end.name ? { ...end, port: 0 } : end) : end.name}</span>;
  return (
    <span className="end">
      {end.service && <b>{end.service}</b>}
      {end.service && end.pod && <span className="end-slash">/</span>}
      {end.pod && <PodName pod={end.pod} alone={!end.service} />}
      {!end.service && !end.pod && <b className="end-name">{end.name || end.ip}</b>}
      {side === 'dst' && end.port > 0 && <span className="end-port">:{end.port}</span>}
      {end.namespace && <span className="end-namespace">{end.namespace}</span>}
    </span>
  );
}

type Plus = (column: ClauseColumn) => ReactNode;

/** What of an end can be added to the filter, each with its own button. */
export function EndPluses({ side, end, plus }: { side: Side; end: Endpoint; plus: Plus }) {
  return (
    <span className="end-pluses">
      {(['service', 'pod', 'namespace'] as const).map((part) => end[part] && <span key={part} className={`plus-${part}`}>{plus(`${side}.${part}`)}</span>)}
    </span>
  );
}

export function End({ row, side, plus }: { row: Row; side: Side; plus: Plus }) {
  const end = row[side];
  return (
    <span role="gridcell" className={`c-${side}`} title={endTitle(end, side === 'dst' ? row.nat : undefined)}>
      <EndText end={end} side={side} />
      {isNamed(end) ? <EndPluses side={side} end={end} plus={plus} /> : plus(side)}
    </span>
  );
}
