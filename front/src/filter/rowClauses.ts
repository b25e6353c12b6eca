import type { Endpoint, Row, Schema } from '../api/types';
import { equalsClause, stringLiteral } from './clauses';

/** The columns of the feed whose value can be added to the filter. */
export type Side = 'src' | 'dst';
export type EndPart = 'service' | 'pod' | 'namespace' | 'ip' | 'port';
export type ClauseColumn = 'protocol' | 'method' | 'status' | 'summary' | Side | `${Side}.${EndPart}` | 'elapsed' | 'node';

const partVariables = { service: 'service.name', pod: 'pod.name', namespace: 'namespace', ip: 'ip', port: 'port' } as const;

/** Maps of an end's labels, by the names that a hub may know them. The source is the local end, as in conn_local_pkts. */
const labelVariables = { src: ['src.labels', 'local_labels'], dst: ['dst.labels', 'remote_labels'] } as const;

export function labelClause(schema: Schema | null, side: Side, name: string, value: string): string | null {
  const variable = labelVariables[side].find((wanted) => schema?.variables.some((known) => known.name === wanted));
  return variable ? `${variable}[${stringLiteral(name)}] == ${stringLiteral(value)}` : null;
}

/** The clause for one part of who an end is: `src.pod.name == "cart-0"`. */
export function endClause(schema: Schema | null, end: Partial<Endpoint>, side: Side, part: EndPart): string | null {
  const value = end[part];
  return value === undefined || value === '' ? null : equalsClause(schema, `${side}.${partVariables[part]}`, value);
}

/**
 * The clause for one value of a row, or null where the language cannot say it. Which variable a protocol's method, status and
 * summary are comes from the schema: there is no knowledge of protocols here.
 */
export function rowClause(schema: Schema | null, row: Row, column: ClauseColumn): string | null {
  if (!schema) return null;
  const protocol = schema.protocols.find((known) => known.id === row.protocol);
  switch (column) {
    case 'protocol':
      return schema.variables.some((known) => known.name === row.protocol && known.type === 'bool')
        ? row.protocol
        : equalsClause(schema, 'protocol', row.protocol);
    case 'method':
    case 'status': {
      const variable = protocol?.rowVariables?.[column];
      return variable ? equalsClause(schema, variable, row[column]) : null;
    }
    case 'summary': {
      const variable = protocol?.rowVariables?.summary;
      if (!variable) return null;
      const cut = isCut(row.summary);
      const text = cut ? row.summary.replace(/\uFFFD$/, '') : row.summary;
      if (text.includes('\uFFFD')) return null; // bytes that are no text: no literal can stand for them
      const clause = equalsClause(schema, variable, text);
      return clause && cut ? `${variable}.startsWith(${stringLiteral(text)})` : clause;
    }
    case 'src':
    case 'dst': {
      const end = row[column];
      return end.name ? equalsClause(schema, `${column}.name`, end.name) : equalsClause(schema, `${column}.ip`, end.ip);
    }
    case 'src.service': case 'src.pod': case 'src.namespace': case 'src.ip': case 'src.port':
    case 'dst.service': case 'dst.pod': case 'dst.namespace': case 'dst.ip': case 'dst.port': {
      const [side, part] = column.split('.') as [Side, EndPart];
      return endClause(schema, row[side], side, part);
    }
    case 'elapsed':
      return row.elapsedUs === null || !schema.variables.some((known) => known.name === 'elapsed_time')
        ? null
        : `elapsed_time >= ${Math.floor(row.elapsedUs)}`;
    case 'node':
      return equalsClause(schema, 'node_name', row.node);
  }
}

/** The hub cuts summaries at this many bytes of UTF-8; the cut may fall into a character of up to four. */
const summaryBytesMax = 512;

function isCut(summary: string): boolean {
  return new TextEncoder().encode(summary).length > summaryBytesMax - 4;
}
