import { describe, expect, it } from 'vitest';
import type { Schema } from '../api/types';
import { testRow } from '../stream/testRows';
import { bindsLooserThanAnd, equalsClause, joinClause, negate, stringLiteral, topLevelClauses, removeClause } from './clauses';
import { presetsFor } from './presets';
import { labelClause, rowClause } from './rowClauses';

const variable = (name: string, type: string) => ({ name, type, doc: '' });
const schema = {
  protocols: [{ id: 'http', rowVariables: { method: 'method', status: 'status_code', summary: 'target' } }, { id: 'x-y' }],
  variables: [
    variable('http', 'bool'), variable('protocol', 'string'), variable('method', 'string'), variable('status_code', 'int'), variable('target', 'string'),
    variable('src.ip', 'string'), variable('dst.name', 'string'), variable('elapsed_time', 'int'), variable('tls', 'bool'), variable('conn', 'bool'), variable('spoken', 'list<string>'),
  ],
} as unknown as Schema;

describe('joinClause', () => {
  it.each([
    ['', 'http', 'http'],
    ['  ', 'http', 'http'],
    ['http', 'status_code == 200', 'http && status_code == 200'],
    ['http', 'http', 'http'],
    ['a && http && b', 'http', 'a && http && b'],
    ['a || b', 'http', '(a || b) && http'],
    ['a ? b : c', 'http', '(a ? b : c) && http'],
    ['(a || b)', 'http', '(a || b) && http'],
    ['a', 'b || c', 'a && (b || c)'],
    ['path == "a || b"', 'http', 'path == "a || b" && http'],
    ["path == 'it\\'s ? '", 'http', "path == 'it\\'s ? ' && http"],
    ['m["a||b"] == 1', 'http', 'm["a||b"] == 1 && http'],
    ['xhttp', 'http', 'xhttp && http'],
  ])('%s + %s', (kfl, clause, joined) => expect(joinClause(kfl, clause)).toBe(joined));

  it('is stable: what was joined can be joined again without growing', () => {
    const joined = joinClause('a', 'b || c');
    expect(joinClause(joined, 'b || c')).toBe(joined);
  });
});

describe('reading an expression', () => {
  it('splits at && outside strings and brackets only', () => {
    expect(topLevelClauses('a && f("x && y") && (b && c)')).toEqual(['a', 'f("x && y")', '(b && c)']);
  });
  it('sees || at the top level only', () => {
    expect(bindsLooserThanAnd('f(a || b) && "c || d"')).toBe(false);
    expect(bindsLooserThanAnd('a || b')).toBe(true);
  });
  it('survives an open string', () => expect(bindsLooserThanAnd('path == "abc || ')).toBe(false));
  it('negates names plainly and clauses in brackets', () => {
    expect(negate('http')).toBe('!http');
    expect(negate('a == 1')).toBe('!(a == 1)');
  });
});

describe('building clauses', () => {
  it('escapes what a literal cannot hold', () => expect(stringLiteral('a"b\\c\n\u0007é')).toBe('"a\\"b\\\\c\\n\\u0007é"'));
  it('writes the value as the variable’s type', () => {
    expect(equalsClause(schema, 'method', 'GET')).toBe('method == "GET"');
    expect(equalsClause(schema, 'status_code', '200')).toBe('status_code == 200');
    expect(equalsClause(schema, 'status_code', 'n/a')).toBeNull();
    expect(equalsClause(schema, 'tls', false)).toBe('!tls');
    expect(equalsClause(schema, 'nobody', 'x')).toBeNull();
    expect(equalsClause(schema, 'spoken', 'http, tls')).toBe('"http" in spoken && "tls" in spoken');
    expect(equalsClause(null, 'method', 'GET')).toBeNull();
  });
  it('knows columns only through the schema', () => {
    const row = testRow(1, { elapsedUs: 812.7 });
    expect(rowClause(schema, row, 'protocol')).toBe('http');
    expect(rowClause(schema, { ...row, protocol: 'x-y' }, 'protocol')).toBe('protocol == "x-y"');
    expect(rowClause(schema, row, 'status')).toBe('status_code == 201');
    expect(rowClause(schema, { ...row, protocol: 'x-y' }, 'status')).toBeNull();
    expect(rowClause(schema, row, 'src')).toBe('src.ip == "10.0.0.1"');
    expect(rowClause(schema, row, 'dst')).toBe('dst.name == "server"');
    expect(rowClause(schema, row, 'elapsed')).toBe('elapsed_time >= 812');
    expect(rowClause(schema, row, 'node')).toBeNull();
  });
  it('asks for the beginning of a summary that the hub has cut', () => {
    const cut = 'x'.repeat(511) + '\uFFFD';
    expect(rowClause(schema, testRow(1, { summary: cut }), 'summary')).toBe(`target.startsWith("${'x'.repeat(511)}")`);
    expect(rowClause(schema, testRow(1, { summary: '/a' }), 'summary')).toBe('target == "/a"');
    expect(rowClause(schema, testRow(1, { summary: 'a\uFFFDb' }), 'summary')).toBeNull();
  });
  it('says who an end is by service, pod and namespace, where the hub knows the names', () => {
    const names = ['dst.pod.name', 'dst.service.name', 'dst.namespace'].map((name) => ({ name, type: 'string', doc: '' }));
    const wide = { ...schema, variables: [...schema.variables, ...names, { name: 'remote_labels', type: 'map<string, string>', doc: '' }] };
    const row = testRow(1);
    expect(rowClause(wide, row, 'dst.pod')).toBe('dst.pod.name == "server-1"');
    expect(rowClause(wide, row, 'dst.service')).toBe('dst.service.name == "server"');
    expect(rowClause(wide, row, 'dst.namespace')).toBe('dst.namespace == "shop"');
    expect(rowClause(wide, row, 'src.pod')).toBeNull();
    expect(rowClause(schema, row, 'dst.pod')).toBeNull();
    expect(labelClause(wide, 'dst', 'app.kubernetes.io/name', 'a"b')).toBe('remote_labels["app.kubernetes.io/name"] == "a\\"b"');
    expect(labelClause(wide, 'src', 'app', 'x')).toBeNull();
  });
  it('takes back a clause that stands by itself, and no other', () => {
    expect(removeClause('http && event && a == "event"', 'event')).toBe('http && a == "event"');
    expect(removeClause('event', 'event')).toBe('');
    expect(removeClause('event || http', 'event')).toBe('event || http');
  });
  it('offers the presets that the hub can answer', () => {
    expect(presetsFor(schema).map((preset) => preset.title)).toContain('API calls only');
    expect(presetsFor(schema).map((preset) => preset.title)).not.toContain('Errors');
    expect(presetsFor(null)).toEqual([]);
  });
});
