import type { Completion, ConnectionDetail, EntryDetail, LedgerPage, PacketList, Row, Schema, Validation } from './types';

/** An error answer of the hub, or the network's refusal (`code` = "unreachable"). */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Addresses hang from the document's base, so that the dashboard works under any base path. */
export function apiUrl(path: string, parameters: Record<string, string | number> = {}): URL {
  const url = new URL(`api/${path}`, document.baseURI);
  url.hash = '';
  url.search = '';
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value));
  return url;
}

export function webSocketUrl(): string {
  const url = apiUrl('ws');
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

async function call(url: URL, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('unreachable', 0, 'The hub does not answer. Is it still running?');
  }
  if (answer.ok) return answer;
  const body = (await answer.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
  throw new ApiError(
    body?.error?.code ?? `http-${answer.status}`,
    answer.status,
    body?.error?.message ?? `The hub answered ${answer.status} ${answer.statusText}`,
  );
}

async function get<T>(path: string, parameters: Record<string, string | number>, signal?: AbortSignal): Promise<T> {
  const answer = await call(apiUrl(path, parameters), signal ? { signal } : {});
  return (await answer.json()) as T;
}

export const fetchSchema = (signal?: AbortSignal) => get<Schema>('schema', {}, signal);
export const fetchEntry = (id: string, signal?: AbortSignal) => get<EntryDetail>('entry', { id }, signal);
export const fetchConnection = (id: string, signal?: AbortSignal) => get<ConnectionDetail>('connection', { id }, signal);
export const fetchPackets = (conn: string, limit: number, signal?: AbortSignal) =>
  get<PacketList>('packets', { conn, limit }, signal);
export const fetchLedger = (signal?: AbortSignal) => get<LedgerPage>('ledger', {}, signal);
export const validateKfl = (q: string, signal?: AbortSignal) => get<Validation>('kfl/validate', { q }, signal);
export const completeKfl = (q: string, position: number, signal?: AbortSignal) =>
  get<Completion>('kfl/complete', { q, position }, signal);
export const fetchEntriesBefore = (q: string, before: number, limit: number) =>
  get<{ rows: Row[]; truncated: boolean }>('entries', { q, before, limit });
export const pcapUrl = (conn: string) => apiUrl('pcap', { conn }).href;

export async function exportEntries(format: 'har' | 'jsonl', ids: string[]): Promise<Blob> {
  const answer = await call(apiUrl('export'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ format, ids }),
  });
  return answer.blob();
}
