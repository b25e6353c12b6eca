import type { Schema } from '../api/types';

/** Does the expression have `||` or `?:` outside parentheses and strings? Then `&&` would bind tighter than what was meant. */
export function bindsLooserThanAnd(kfl: string): boolean {
  let depth = 0;
  for (let i = 0; i < kfl.length; i++) {
    const c = kfl[i]!;
    if (c === '"' || c === "'") i = endOfString(kfl, i);
    else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (depth === 0 && (c === '?' || (c === '|' && kfl[i + 1] === '|'))) return true;
  }
  return false;
}

/** Index of the quote that closes the string begun at `start`, or the last index. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === text[start]) return i;
  }
  return text.length - 1;
}

/** The clauses joined by && at the top level, trimmed. */
export function topLevelClauses(kfl: string): string[] {
  if (bindsLooserThanAnd(kfl)) return [kfl.trim()];
  const clauses: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < kfl.length; i++) {
    const c = kfl[i]!;
    if (c === '"' || c === "'") i = endOfString(kfl, i);
    else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (depth === 0 && c === '&' && kfl[i + 1] === '&') {
      clauses.push(kfl.slice(start, i).trim());
      start = i + 2;
      i++;
    }
  }
  clauses.push(kfl.slice(start).trim());
  return clauses.filter((clause) => clause !== '');
}

/** `kfl && clause`, with parentheses where they are needed, and without saying anything twice. */
export function joinClause(kfl: string, clause: string): string {
  const left = kfl.trim();
  const right = clause.trim();
  if (left === '') return right;
  const wrappedRight = bindsLooserThanAnd(right) ? `(${right})` : right;
  if (topLevelClauses(left).includes(wrappedRight)) return left;
  return `${bindsLooserThanAnd(left) ? `(${left})` : left} && ${wrappedRight}`;
}

/** Without the clause, where it stands by itself. */
export function removeClause(kfl: string, clause: string): string {
  return topLevelClauses(kfl)
    .filter((known) => known !== clause)
    .join(' && ');
}

export function negate(clause: string): string {
  return /^[\w.]+$/.test(clause) ? `!${clause}` : `!(${clause})`;
}

/** A string as a KFL (CEL) literal. */
export function stringLiteral(text: string): string {
  return `"${text
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
    .replace(/[\u0000-\u001f\u007f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** `variable == value`, typed as the schema says; null where the language has no such variable or the value has not its type. */
export function equalsClause(schema: Schema | null, variable: string, value: string | number | boolean): string | null {
  const type = schema?.variables.find((known) => known.name === variable)?.type;
  if (type === undefined || value === '') return null;
  if (type === 'list<string>') return String(value).split(', ').map((item) => `${stringLiteral(item)} in ${variable}`).join(' && '); // rows join lists so
  if (type === 'string') return `${variable} == ${stringLiteral(String(value))}`;
  if (type === 'bool') return value === true || value === 'true' ? variable : `!${variable}`;
  if (!/^-?\d+(\.\d+)?$/.test(String(value))) return null;
  return `${variable} == ${value}`;
}
