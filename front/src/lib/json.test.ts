import { describe, expect, it } from 'vitest';
import { jsonTokens, prettyJson } from './json';

describe('prettyJson', () => {
  it.each(['{}', '[]', '0', '"x"', 'null', '[1,2,[3,{}],{"a":{"b":[]}}]', '{"a":"\\"\\\\","b":-1.5,"c":[true,false,null]}', ' [ 1 , 2 ] '])('prints %s as JSON.stringify does', (text) =>
    expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2)),
  );
  it('keeps digits that a double would lose, and doubled keys', () => {
    expect(prettyJson('{"id":9007199254740993,"a":1.10,"a":2}')).toBe('{\n  "id": 9007199254740993,\n  "a": 1.10,\n  "a": 2\n}');
  });
  it.each(['', '{', '[1,]', '{"a"}', '{"a":1,}', '[1]x', '{a:1}', '"open', '[1 2]', '{"a":1]', '01x', '"a\nb"', 'tru'])('refuses %s', (text) => expect(prettyJson(text)).toBeNull());
  it('leaves alone what is nested absurdly deep', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(prettyJson(nested(150))).not.toBeNull();
    expect(prettyJson(nested(500_000))).toBeNull();
  });
  it('survives a string of megabytes', () => expect(prettyJson(`["${'x'.repeat(5_000_000)}"]`)).not.toBeNull());
  it('prints a megabyte whole', () => {
    const value = Array.from({ length: 11_000 }, (_, i) => ({ id: i, name: `name ${i}`, tags: ['a', 'b'], nested: { deep: { value: i / 3 } }, on: true }));
    const text = JSON.stringify(value);
    expect(text.length).toBeGreaterThan(900_000);
    expect(prettyJson(text)).toBe(JSON.stringify(value, null, 2));
  });
});

describe('jsonTokens', () => {
  it('loses no character, whatever the line', () => {
    for (const line of ['  "a": [1, "x\\"y", true],', '"open: 1', '}}] -', 'fa tr -x 1e', ''])
      expect(jsonTokens(line).map((token) => token.text).join('')).toBe(line);
  });
  it('tells keys from strings', () => {
    expect(jsonTokens('  "k": "v", -1.5, null').filter((token) => token.kind !== 'plain')).toEqual([
      { kind: 'key', text: '"k"' },
      { kind: 'string', text: '"v"' },
      { kind: 'number', text: '-1.5' },
      { kind: 'word', text: 'null' },
    ]);
  });
});
