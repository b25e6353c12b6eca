import type { Asked, Endpoint, Row, RowFlag, RowKind, StatusClass } from '../api/types';

/**
 * Rows on their way from the stream worker to the page, column by column. A batch crosses the thread boundary as a handful of
 * transferred buffers and one string, so the page never parses JSON of the feed and never clones thousands of objects.
 *
 *   numbers  [count × NUMBERS]  seq, timestamp ms, elapsed µs (NaN = none), request bytes, response bytes
 *   strings  [count × STRINGS]  index into the batch's distinct strings
 *   ports    [count × 2]        source, destination
 *   bits     [count]            status class (2 bits), tls (1 bit), flags (6 bits)
 *   text, ends                  the distinct strings, end to end
 */
export interface RowBatch {
  count: number;
  numbers: Float64Array<ArrayBuffer>;
  strings: Uint16Array<ArrayBuffer>;
  ports: Uint16Array<ArrayBuffer>;
  bits: Uint16Array<ArrayBuffer>;
  text: string;
  ends: Uint32Array<ArrayBuffer>;
}

export const NUMBERS = 5;
export const STRINGS = 21;

/** 21 strings a row: 3,072 rows can never need more distinct strings than a Uint16 index reaches. */
export const batchRowsMax = 3072;

export const STATUS_CLASSES: readonly StatusClass[] = ['neutral', 'ok', 'warn', 'error'];
export const FLAGS: readonly RowFlag[] = ['noRequest', 'noResponse', 'afterGap', 'truncated', 'incomplete', 'unfinished'];
/** Where a row's strings begin that are needed by themselves; an endpoint has six. */
const NODE = 7;
const SRC = 8;
const DST = 14;
const ASKED = 20;
const TLS_BIT = 1 << 2;
const FLAG_SHIFT = 3;

export function packRows(rows: readonly Row[]): RowBatch {
  const count = rows.length;
  if (count > batchRowsMax) throw new RangeError(`a batch holds at most ${batchRowsMax} rows, not ${count}`);
  const numbers = new Float64Array(count * NUMBERS);
  const strings = new Uint16Array(count * STRINGS);
  const ports = new Uint16Array(count * 2);
  const bits = new Uint16Array(count);
  const indexOf = new Map<string, number>();
  const distinct: string[] = [];
  const intern = (value: string | null | undefined): number => {
    const text = value ?? '';
    let index = indexOf.get(text);
    if (index === undefined) {
      index = distinct.length;
      indexOf.set(text, index);
      distinct.push(text);
    }
    return index;
  };

  const endStrings = (end: Endpoint | undefined) => [
    intern(end?.ip), intern(end?.name), intern(end?.namespace), intern(end?.pod), intern(end?.service), intern(end?.node),
  ];

  rows.forEach((row, r) => {
    numbers.set([row.seq, row.timestamp, row.elapsedUs ?? NaN, row.requestSize, row.responseSize], r * NUMBERS);
    strings.set(
      [
        intern(row.id), intern(row.conn), intern(row.protocol), intern(row.kind), intern(row.method), intern(row.status),
        intern(row.summary), intern(row.node), ...endStrings(row.src), ...endStrings(row.dst), intern(row.nat && packAsked(row.nat)),
      ],
      r * STRINGS,
    );
    ports[r * 2] = row.src?.port ?? 0;
    ports[r * 2 + 1] = row.dst?.port ?? 0;
    let packed = Math.max(0, STATUS_CLASSES.indexOf(row.statusClass)) | (row.tls ? TLS_BIT : 0);
    for (const flag of row.flags ?? []) packed |= (1 << FLAGS.indexOf(flag)) << FLAG_SHIFT;
    bits[r] = packed;
  });

  const ends = new Uint32Array(distinct.length);
  let end = 0;
  distinct.forEach((text, i) => (ends[i] = end += text.length));
  return { count, numbers, strings, ports, bits, text: distinct.join(''), ends };
}

export function batchStrings(batch: RowBatch): string[] {
  let start = 0;
  return Array.from(batch.ends, (end) => {
    const text = batch.text.slice(start, end);
    start = end;
    return text;
  });
}

/** Which row it is: a sequence number is one worker's own, and begins anew when the worker does (the time then tells them apart). */
export type RowTest = (key: string, timestamp: number) => boolean;
export const rowKey = (node: string, seq: number) => `${node} ${seq}`;

export function testBatchRow(batch: RowBatch, r: number, strings: readonly string[], test: RowTest): boolean {
  const node = strings[batch.strings[r * STRINGS + NODE]!]!;
  return test(rowKey(node, batch.numbers[r * NUMBERS]!), batch.numbers[r * NUMBERS + 1]!);
}

export function countRows(batch: RowBatch, wanted: RowTest): number {
  const strings = batchStrings(batch);
  let rows = 0;
  for (let r = 0; r < batch.count; r++) if (testBatchRow(batch, r, strings, wanted)) rows++;
  return rows;
}

export function batchBuffers(batch: RowBatch): ArrayBuffer[] {
  return [batch.numbers.buffer, batch.strings.buffer, batch.ports.buffer, batch.bits.buffer, batch.ends.buffer];
}

/** One string for the few rows that have it: none of the four can hold a space. */
const packAsked = ({ ip, port, service, entry }: Asked) => `${ip} ${port} ${service} ${entry}`;

function unpackAsked(text: string): Asked {
  const [ip, port, service, entry] = text.split(' ') as [string, string, string, string];
  return { ip, port: Number(port), service, entry };
}

function unpackEnd(at: number, port: number, string: (column: number) => string): Endpoint {
  return { ip: string(at), port, name: string(at + 1), namespace: string(at + 2), pod: string(at + 3), service: string(at + 4), node: string(at + 5) };
}

/** One row out of columns; `string(i)` yields the row's i-th string. */
export function unpackRow(numbers: Float64Array, ports: Uint16Array, bits: number, r: number, string: (column: number) => string): Row {
  const elapsedUs = numbers[r * NUMBERS + 2]!;
  const asked = string(ASKED);
  return {
    id: string(0),
    conn: string(1),
    protocol: string(2),
    kind: string(3) as RowKind,
    method: string(4),
    status: string(5),
    summary: string(6),
    node: string(NODE),
    src: unpackEnd(SRC, ports[r * 2]!, string),
    dst: unpackEnd(DST, ports[r * 2 + 1]!, string),
    seq: numbers[r * NUMBERS]!,
    timestamp: numbers[r * NUMBERS + 1]!,
    elapsedUs: Number.isNaN(elapsedUs) ? null : elapsedUs,
    requestSize: numbers[r * NUMBERS + 3]!,
    responseSize: numbers[r * NUMBERS + 4]!,
    statusClass: STATUS_CLASSES[bits & 3]!,
    tls: (bits & TLS_BIT) !== 0,
    flags: FLAGS.filter((_, f) => bits & ((1 << f) << FLAG_SHIFT)),
    ...(asked !== '' && { nat: unpackAsked(asked) }),
  };
}
