import type { Row } from '../api/types';

/** Rows for tests: number `n` differs from its neighbours in every column that counts. */
export function testRow(n: number, part: Partial<Row> = {}): Row {
  return {
    id: `local/${n}-0`,
    seq: n,
    conn: `local/${n}`,
    protocol: n % 2 ? 'http' : 'dns',
    kind: 'exchange',
    method: 'GET',
    status: String(200 + n),
    statusClass: 'ok',
    summary: `/path/${n}`,
    timestamp: 1732370000000 + n + 0.25,
    elapsedUs: n % 3 ? n * 10 : null,
    src: { ip: '10.0.0.1', port: 50000 + (n % 1000), name: '', namespace: '', pod: '', service: '', node: '' },
    dst: { ip: '::1', port: 80, name: 'server', namespace: 'shop', pod: `server-${n % 3}`, service: 'server', node: 'vm' },
    requestSize: n,
    responseSize: 2 ** 33 + n,
    node: 'vm',
    tls: n % 2 === 0,
    flags: n % 5 ? [] : ['noResponse', 'unfinished'],
    ...part,
  };
}

export const testRows = (from: number, count: number): Row[] => Array.from({ length: count }, (_, i) => testRow(from + i));
