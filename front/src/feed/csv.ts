import type { Row } from '../api/types';

/**
 * RFC 4180 quoting. A text that a spreadsheet would run as a formula gets a leading apostrophe: summaries come from the wire, and
 * whoever sends `=cmd|…` as a path must not reach the desk of the person who opens the export.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function names(side: 'src' | 'dst'): [string, (row: Row) => string][] {
  return (['namespace', 'service', 'pod', 'node'] as const).map((part) => [`${side}_${part}`, (row) => row[side][part] ?? '']);
}

const columns: readonly [string, (row: Row) => string | number | null][] = [
  ['time', (row) => isoMicroseconds(row.timestamp)],
  ['id', (row) => row.id],
  ['protocol', (row) => row.protocol],
  ['kind', (row) => row.kind],
  ['method', (row) => row.method],
  ['status', (row) => row.status],
  ['status_class', (row) => row.statusClass],
  ['summary', (row) => row.summary],
  ['src_ip', (row) => row.src.ip],
  ['src_port', (row) => row.src.port],
  ['src_name', (row) => row.src.name],
  ...names('src'),
  ['dst_ip', (row) => row.dst.ip],
  ['dst_port', (row) => row.dst.port],
  ['dst_name', (row) => row.dst.name],
  ...names('dst'),
  ['request_bytes', (row) => row.requestSize],
  ['response_bytes', (row) => row.responseSize],
  ['elapsed_us', (row) => row.elapsedUs],
  ['tls', (row) => String(row.tls)],
  ['node', (row) => row.node],
  ['flags', (row) => row.flags.join(' ')],
];

export const csvHeader = columns.map(([name]) => name).join(',') + '\r\n';

export function csvLine(row: Row): string {
  return columns.map(([, value]) => csvCell(value(row))).join(',') + '\r\n';
}

function isoMicroseconds(timestampMs: number): string {
  const micros = Math.floor((timestampMs - Math.floor(timestampMs)) * 1000);
  return new Date(timestampMs).toISOString().replace('Z', `${micros.toString().padStart(3, '0')}Z`);
}
