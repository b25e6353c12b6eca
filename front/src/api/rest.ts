import { Store } from '../lib/store';
import type {
  ClusterWorker, Completion, ConnectionDetail, EntryDetail, LedgerPage, Manifests, PacketList, Row, Schema, TargetPreview, TargetRule, Targets, Validation,
} from './types';

/** The hub answered 401: it wants its token before anything else. */
export const tokenWanted = new Store(false);

/** An error answer of the hub, or the network's refusal (`code` = "unreachable"). */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    /** where in the text that was sent the mistake is, in characters */
    readonly position: number | null = null,
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
  const error = errorOf(answer, (await answer.json().catch(() => null)) as ErrorBody | null);
  if (answer.status === 401) tokenWanted.set(true);
  throw error;
}

interface ErrorBody {
  error?: { code?: string; message?: string; position?: number };
  /** of the Kubernetes API server, whose proxy may lie in between */
  kind?: string;
  message?: string;
}

/** Who answers is the hub, or one of the proxies before it: their answers are no JSON of ours. */
export function errorOf(answer: { status: number; statusText: string }, body: ErrorBody | null): ApiError {
  const { status } = answer;
  if (body?.error) return new ApiError(body.error.code ?? `http-${status}`, status, body.error.message ?? `The hub answered ${status}`, body.error.position ?? null);
  if (body?.kind === 'Status') return new ApiError('api-server', status, `The Kubernetes API server answered ${status}: ${body.message ?? answer.statusText}`);
  if (status === 502 || status === 503 || status === 504)
    return new ApiError('hub-away', status, `The dashboard’s server is there, but the hub behind it is not (${status}). Its pod: kubectl get pods -l app.kubernetes.io/component=hub`);
  return new ApiError(`http-${status}`, status, `The hub answered ${status} ${answer.statusText}`.trim());
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
export const validateKfl = (kfl: string, signal?: AbortSignal) => get<Validation>('kfl/validate', { kfl }, signal);
export const completeKfl = (kfl: string, position: number, signal?: AbortSignal) =>
  get<Completion>('kfl/complete', { kfl, position }, signal);
export interface RowPage {
  rows: Row[];
  truncated: boolean;
  /** where the next older page ends; "" or absent where the hub counts by itself */
  older?: string;
}
/** @param before an earlier answer's `older`, or with one worker a row's number */
export const fetchEntriesBefore = (kfl: string, before: number | string, limit: number) => get<RowPage>('entries', { kfl, before, limit });
export const pcapUrl = (conn: string) => apiUrl('pcap', { conn }).href;
/** packets of the connections that have an entry that matches */
export const pcapOfMatchesUrl = (kfl: string) => apiUrl('pcap', { kfl }).href;

const post = (path: string, body: object, signal?: AbortSignal) =>
  call(apiUrl(path), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), ...(signal && { signal }) });

export async function exportEntries(format: 'har' | 'jsonl', ids: string[]): Promise<Blob> {
  return (await post('export', { format, ids })).blob();
}

export const fetchHealth = () => get<{ status: string }>('health', {});
export const fetchTargets = (signal?: AbortSignal) => get<Targets>('targets', {}, signal);
export const fetchWorkers = (signal?: AbortSignal) => get<ClusterWorker[]>('workers', {}, signal);
/** The id's slash stays one: proxies on the way treat %2F each in its own manner. */
export const fetchManifests = (id: string, signal?: AbortSignal) =>
  get<Manifests>(`entries/${id.split('/').map(encodeURIComponent).join('/')}/kubernetes`, {}, signal);

export async function previewTargets(rule: TargetRule, signal: AbortSignal): Promise<TargetPreview> {
  return (await (await post('targets/preview', rule, signal)).json()) as TargetPreview;
}

/** Answers with what will be targeted. */
export async function applyTargets(rule: TargetRule): Promise<Targets> {
  return (await (await post('targets', rule)).json()) as Targets;
}

/** The hub answers with a cookie that scripts cannot read. */
export async function login(token: string): Promise<void> {
  await post('login', { token });
  tokenWanted.set(false);
}
