import { describe, expect, it } from 'vitest';
import { testRow } from '../stream/testRows';
import { csvCell, csvHeader, csvLine } from './csv';

describe('CSV', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['', ''],
    ['=1+1', "'=1+1"],
    ['@x,"y"', '"\'@x,""y"""'],
    ['-', "'-"],
  ])('quotes %j', (text, cell) => expect(csvCell(text)).toBe(cell));

  it('leaves numbers as they are, and no elapsed time empty', () => expect([csvCell(-5), csvCell(null)]).toEqual(['-5', '']));

  it('has as many cells in a line as in the header', () => {
    expect(csvLine(testRow(1)).split(',')).toHaveLength(csvHeader.split(',').length);
    expect(csvLine(testRow(1))).toContain('2024-11-23T13:53:20.001250Z,local/1-0,http,exchange,GET,201,ok,/path/1,10.0.0.1,50001,,,,,,::1,80,server,shop,server,server-1,vm,1,');
  });
});
