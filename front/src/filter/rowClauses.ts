import type { Row, Schema } from '../api/types';
import { equalsClause, stringLiteral } from './clauses';

/** The columns of the feed whose value can be added to the filter. */
export type ClauseColumn = 'protocol' | 'method' | 'status' | 'summary' | 'src' | 'dst' | 'elapsed' | 'node';

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
