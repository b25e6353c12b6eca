import { describe, expect, it } from 'vitest';
import { packRows } from '../stream/RowBatch';
import { testRow, testRows } from '../stream/testRows';
import { RowRing } from './RowRing';

const ringOf = (capacity: number, ...counts: number[]) => {
  const ring = new RowRing(capacity);
  let from = 0;
  for (const count of counts) {
    ring.append(packRows(testRows(from, count)));
    from += count;
  }
  return ring;
};

describe('RowRing', () => {
  it('gives back every row as it came, over block borders', () => {
    const ring = ringOf(10_000, 1, 1023, 1, 2500);
    expect(ring.size).toBe(3525);
    for (const n of [0, 1, 1022, 1023, 1024, 1025, 3524]) expect(ring.rowAt(n)).toEqual(testRow(n));
    expect(ring.rowAt(3525)).toBeUndefined();
    expect(ring.rowAt(-1)).toBeUndefined();
  });

  it('keeps the newest rows and their numbers when it is full', () => {
    const ring = ringOf(3000, 2500, 3000, 3000);
    expect([ring.first, ring.end]).toEqual([5500, 8500]);
    expect(ring.rowAt(5499)).toBeUndefined();
    expect(ring.rowAt(5500)).toEqual(testRow(5500));
    expect(ring.rowAt(8499)).toEqual(testRow(8499));
  });

  it('appends only what is wanted, and says how much that was', () => {
    const ring = new RowRing(100);
    expect(ring.append(packRows(testRows(0, 10)), (key) => Number(key.split(' ')[1]) % 2 === 0)).toBe(5);
    expect([0, 1, 2, 3, 4].map((line) => ring.rowAt(line)?.seq)).toEqual([0, 2, 4, 6, 8]);
  });

  it('goes on counting after a clear, so that a line never names two rows', () => {
    const ring = ringOf(100, 40);
    ring.clear();
    expect([ring.size, ring.first]).toEqual([0, 40]);
    ring.append(packRows(testRows(7, 1)));
    expect(ring.rowAt(40)?.seq).toBe(7);
    expect(ring.rowAt(39)).toBeUndefined();
  });

  it('puts older rows first, as far as there is room', () => {
    const ring = new RowRing(30);
    ring.append(packRows(testRows(100, 20)));
    expect(ring.prepend(packRows(testRows(85, 15)))).toBe(10);
    expect([ring.first, ring.end]).toEqual([-10, 20]);
    expect(ring.rowAt(-10)?.seq).toBe(90);
    expect(ring.rowAt(-1)?.seq).toBe(99);
    expect(ring.rowAt(0)?.seq).toBe(100);
    ring.append(packRows(testRows(120, 5)));
    expect([ring.first, ring.rowAt(ring.first)?.seq]).toEqual([-5, 95]);
  });

  it('adds up "not shown" notices that follow each other, and no others', () => {
    const ring = ringOf(100, 1);
    const notShown = () => ring.appendNotice({ kind: 'notShown', rows: 5, text: 'slow' });
    notShown();
    notShown();
    expect(ring.size).toBe(2);
    expect(ring.noticeAt(1)?.rows).toBe(10);
    expect(ring.rowAt(1)).toBeUndefined();
    ring.append(packRows(testRows(1, 1)));
    notShown();
    expect([ring.size, ring.noticeAt(1)?.rows, ring.noticeAt(3)?.rows]).toEqual([4, 10, 5]);
  });

  it('finds lines by id and the newest sequence numbers', () => {
    const ring = ringOf(5000, 3000);
    ring.appendNotice({ kind: 'info', rows: 0, text: '' });
    expect(ring.lineOfId('local/1234-0')).toBe(1234);
    expect(ring.lineOfId('local/9999-0')).toBeNull();
    const held = ring.newestKeys(100);
    expect([held.size, held.get('vm 2999'), held.has('vm 2899')]).toEqual([100, testRow(2999).timestamp, false]);
  });
});
