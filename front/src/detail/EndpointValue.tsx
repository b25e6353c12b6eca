import type { Endpoint } from '../api/types';
import { schema } from '../app/dashboard';
import { hasAddress, isNamed } from '../feed/RowEnd';
import { equalsClause } from '../filter/clauses';
import { endClause, type EndPart, type Side } from '../filter/rowClauses';
import { useStore } from '../lib/store';
import { Value } from './Value';

type End = Pick<Endpoint, 'ip' | 'port'> & Partial<Endpoint>;

/** Who an end is: service/pod in namespace, and its address; each part to be added to the filter. */
export function EndpointValue({ end, side }: { end: End; side: Side }) {
  const known = useStore(schema);
  const part = (name: EndPart, text = String(end[name])) => <Value inline text={text} selector={endClause(known, end, side, name)} />;
  const host = end.ip.includes(':') ? `[${end.ip}]` : end.ip;
  const address = hasAddress({ name: '', ...end }) && (
    <>
      {part('ip', host)}
      {end.port > 0 && <>:{part('port')}</>}
    </>
  );
  if (!isNamed({ name: '', ...end })) {
    if (!end.name) return address;
    return (
      <>
        <Value inline text={end.name} selector={equalsClause(known, `${side}.name`, end.name)} />
        {end.port > 0 && <>:{part('port')}</>}
      </>
    );
  }
  return (
    <span className="endpoint-value">
      <b>
        {end.service && part('service')}
        {end.service && end.pod && '/'}
        {end.pod && part('pod')}
        {!end.service && !end.pod && end.name}
      </b>
      {end.namespace && <> in {part('namespace')}</>}
      {address && (
        <span className="mono">
          {' '}
          ({end.service && !end.pod && 'cluster IP '}
          {address})
        </span>
      )}
    </span>
  );
}
