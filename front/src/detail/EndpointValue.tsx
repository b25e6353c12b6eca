import type { Endpoint } from '../api/types';
import { schema } from '../app/dashboard';
import { equalsClause } from '../filter/clauses';
import { useStore } from '../lib/store';
import { Value } from './Value';

/** Host and port, each to be added to the filter. */
export function EndpointValue({ end, side }: { end: Pick<Endpoint, 'ip' | 'port'> & { name?: string }; side: 'src' | 'dst' }) {
  const known = useStore(schema);
  const host = end.name || (end.ip.includes(':') ? `[${end.ip}]` : end.ip);
  const clause = end.name ? equalsClause(known, `${side}.name`, end.name) : equalsClause(known, `${side}.ip`, end.ip);
  return (
    <>
      <Value inline text={host} selector={clause} />
      {end.port > 0 && (
        <>
          :<Value inline text={String(end.port)} selector={equalsClause(known, `${side}.port`, end.port)} />
        </>
      )}
    </>
  );
}
