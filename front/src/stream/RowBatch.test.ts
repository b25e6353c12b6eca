import { describe, expect, it } from 'vitest';
import { NUMBERS, STRINGS, batchRowsMax, batchStrings, packRows, unpackRow } from './RowBatch';
import { testRow, testRows } from './testRows';

const unpack = (batch: ReturnType<typeof packRows>, r: number) => {
  const strings = batchStrings(batch);
  return unpackRow(batch.numbers, batch.ports, batch.bits[r]!, r, (column) => strings[batch.strings[r * STRINGS + column]!]!);
};

describe('RowBatch', () => {
  it('carries every column', () => {
    const rows = testRows(0, 50);
    const batch = packRows(rows);
    expect(rows.map((_, r) => unpack(batch, r))).toEqual(rows);
  });

  it('carries what was asked for where an address was translated', () => {
    const row = testRow(1, { nat: { ip: '10.96.0.7', port: 80, service: 'cart', entry: 'node-1/12-3' } });
    expect(unpack(packRows([row]), 0)).toEqual(row);
  });

  it('keeps all flags and classes apart', () => {
    const flags = ['noRequest', 'noResponse', 'afterGap', 'truncated', 'incomplete', 'unfinished'] as const;
    const rows = flags.flatMap((flag) => (['ok', 'warn', 'error', 'neutral'] as const).map((statusClass) => testRow(1, { flags: [flag], statusClass })));
    const batch = packRows(rows);
    rows.forEach((row, r) => expect(unpack(batch, r)).toEqual(row));
  });

  it('stores equal strings once', () => {
    const batch = packRows(Array.from({ length: 100 }, () => testRow(1)));
    expect(batch.ends.length).toBeLessThanOrEqual(STRINGS);
    expect(batch.numbers.length).toBe(100 * NUMBERS);
  });

  it('refuses more rows than its indexes reach', () => {
    expect(() => packRows(testRows(0, batchRowsMax + 1))).toThrow(RangeError);
  });
});
