/** Figures as people read them. Everything is locale-independent: a screenshot from one person must read the same to another. */

export function count(n: number): string {
  return Math.round(n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** 1,024-based, three significant digits: "812 B", "1.21 KB", "34.5 MB". */
export function bytes(n: number): string {
  let value = n;
  let unit = 0;
  while (Math.abs(value) >= 1023.5 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${byteUnits[unit]}`;
}

/** From microseconds: "812 µs", "8.12 ms", "1.20 s", "3 min 20 s". */
export function duration(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${threeDigits(us / 1000)} ms`;
  if (us < 60_000_000) return `${threeDigits(us / 1e6)} s`.replace(/\.0+ /, ' ');
  const seconds = Math.round(us / 1e6);
  if (seconds < 3600) return twoUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  return twoUnits(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min');
}

/** How long a store keeps what it has: 0 means that only its size counts. */
export function kept(ttlMs: number): string {
  return ttlMs === 0 ? 'until the store is full' : duration(ttlMs * 1000);
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** Local time of day with milliseconds: "14:03:59.120". */
export function timeOfDay(timestampMs: number): string {
  const date = new Date(timestampMs);
  const part = (value: number, digits = 2) => value.toString().padStart(digits, '0');
  return `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}.${part(date.getMilliseconds(), 3)}`;
}

/** Local date and time to the microsecond, with the zone: "2026-11-23 14:03:59.120456 +01:00". */
export function dateTime(timestampMs: number): string {
  const date = new Date(timestampMs);
  const part = (value: number, digits = 2) => value.toString().padStart(digits, '0');
  const micros = Math.floor((timestampMs - Math.floor(timestampMs)) * 1000);
  return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())} ${timeOfDay(timestampMs)}${part(micros, 3)} ${timeZone(date)}`;
}

/** "UTC" or "+01:00": times are those of the reader's own clock. */
export function timeZone(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const part = (value: number) => Math.abs(Math.trunc(value)).toString().padStart(2, '0');
  return offset === 0 ? 'UTC' : `${offset < 0 ? '-' : '+'}${part(offset / 60)}:${part(offset % 60)}`;
}

/** A share in percent that never claims 0 or 100 when it is not exactly that. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  if (part === whole) return '100 %';
  const share = (part / whole) * 100;
  if (share < 0.01) return '< 0.01 %';
  if (share > 99.99) return '> 99.99 %';
  return `${share.toFixed(share < 1 || share > 99 ? 2 : 1)} %`;
}

export function rate(perSecond: number): string {
  return perSecond >= 100 || perSecond === 0 ? count(perSecond) : perSecond.toFixed(1);
}

export function endpoint(end: { ip: string; port: number; name?: string }): string {
  const host = end.name || (end.ip.includes(':') ? `[${end.ip}]` : end.ip);
  return end.port ? `${host}:${end.port}` : host;
}
