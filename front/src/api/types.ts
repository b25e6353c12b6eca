/** The hub's API as docs/api.md states it. Times in ms since the epoch, durations in µs, sizes in bytes. */

export type StatusClass = 'ok' | 'warn' | 'error' | 'neutral';
export type RowKind = 'exchange' | 'connection' | 'event';
export type RowFlag = 'noRequest' | 'noResponse' | 'afterGap' | 'truncated' | 'incomplete' | 'unfinished';

/** Names are "" or absent where nothing is known; an event has no address. */
export interface Endpoint {
  ip: string;
  port: number;
  name: string;
  namespace?: string;
  pod?: string;
  service?: string;
  node?: string;
}

export interface Row {
  id: string;
  seq: number;
  conn: string;
  protocol: string;
  kind: RowKind;
  method: string;
  status: string;
  statusClass: StatusClass;
  summary: string;
  timestamp: number;
  elapsedUs: number | null;
  src: Endpoint;
  dst: Endpoint;
  requestSize: number;
  responseSize: number;
  node: string;
  tls: boolean;
  flags: RowFlag[];
  /** the service's address that the client asked, where the row is the pod's that answered */
  nat?: Asked;
}

export interface Asked {
  ip: string;
  port: number;
  service: string;
  /** id of the entry that was seen on the client's side */
  entry: string;
}

export interface DropCounter {
  code: string;
  title?: string;
  packets: number;
  bytes: number;
}

/** A worker that began anew: what it had stored is gone. Times are epoch ms. */
export interface Restart {
  at: number;
  /** when the earlier one last answered the hub */
  lastSeen: number;
  /** that it had stored then */
  entriesLost: number;
  times: number;
}

export interface WorkerStats {
  node: string;
  version: string;
  backend: string;
  connected: boolean;
  /** why it is not connected */
  problem?: string;
  /** while it is news: as long as what was lost would have been kept */
  restarted?: Restart;
  packets: number;
  bytes: number;
  drops: DropCounter[];
  liveConnections: number;
  rssBytes: number;
  heapBytes: number;
}

export interface LedgerTotals {
  wire: number;
  dissected: number;
  opaque: number;
  lost: number;
  pending: number;
}

export interface Overload {
  since: number;
  cause: string;
  message: string;
}

export interface Stats {
  now: number;
  rates: { entriesPerSecond: number; packetsPerSecond: number; bytesPerSecond: number };
  store: {
    entries: number;
    entryBytes: number;
    packetBytes: number;
    oldest: number;
    newest: number;
    entriesTtlMs: number;
    packetsTtlMs: number;
  };
  workers: WorkerStats[];
  ledger: LedgerTotals;
  /** bytes of this program's own dashboard and streams: a part of `ledger.opaque` */
  ownBytes?: number;
  overload: Overload | null;
}

export interface KflError {
  code: string;
  message: string;
  position: number;
  length: number;
  line?: number;
  column?: number;
  suggestion?: string | null;
}

export interface Hello {
  type: 'hello';
  version: string;
  mode: 'local' | 'pcap' | 'cluster';
  source: string;
  nodes: string[];
  limits: { rows: number };
  targets?: TargetCounts;
}

export type HubFrame =
  | Hello
  | { type: 'subscribed'; id: number; kfl: string }
  | { type: 'filterError'; id: number; error: KflError }
  | { type: 'rows'; id: number; rows: Row[]; notShown: number; history: boolean }
  | { type: 'historyEnd'; id: number; rows: number; truncated: boolean; older?: string }
  | ({ type: 'targets'; counts: TargetCounts } & TargetRule)
  | ({ type: 'stats' } & Stats)
  | { type: 'end'; reason: string };

export interface ProtocolInfo {
  id: string;
  name: string;
  longName: string;
  abbreviation: string;
  backgroundColor: string;
  foregroundColor: string;
  referenceLink: string;
  layer: string;
  ports: (number | string)[];
  /** Which KFL variable a row's column shows, e.g. {"status": "status_code"}; a column that is absent cannot be clicked. */
  rowVariables?: Partial<Record<'method' | 'status' | 'summary', string>>;
}

export interface VariableInfo {
  name: string;
  type: string;
  doc: string;
  protocol?: string;
  example?: string;
}

export interface Schema {
  protocols: ProtocolInfo[];
  variables: VariableInfo[];
  functions: { name: string; signature: string; doc: string }[];
  anomalies: { code: string; title: string; doc: string }[];
  ledger: { class: string; code: string; title: string; doc: string; remedy: string }[];
}

export interface SectionRow {
  name: string;
  value: string | number | boolean | null;
  selector: string | null;
}

export interface TableSection {
  title: string;
  type: 'table';
  rows: SectionRow[];
}

export interface BodySection {
  title: string;
  type: 'body';
  mimeType: string;
  encoding: 'utf8' | 'base64';
  body: string;
  length: number;
  wireLength?: number;
  contentEncoding?: string;
  truncated?: boolean;
  note?: string | null;
  selector?: string | null;
}

export type Section = TableSection | BodySection;

export interface EntryDetail {
  row: Row;
  entry: Record<string, unknown>;
  representation: { request?: Section[] | null; response?: Section[] | null };
}

export interface ConnectionSide {
  ip: string;
  port: number;
  name?: string;
  packets: number;
  bytes: number;
}

export interface HealthFigure {
  name: string;
  title: string;
  value: number | string | null;
  unit: string;
  doc: string;
  /** the clause for this figure */
  selector?: string | null;
}

export interface LedgerAccount {
  class: 'dissected' | 'opaque' | 'lost';
  code: string;
  title: string;
  doc: string;
  remedy: string;
  bytes: number;
  packets: number;
}

export interface Ledger {
  wire: number;
  accounts: LedgerAccount[];
  pending: number;
  balanced: boolean;
}

export interface ConnectionDetail {
  id: string;
  state: string;
  transport: string;
  protocols: string[];
  startTime: string;
  endTime: string | null;
  client: ConnectionSide;
  server: ConnectionSide;
  sections: Section[];
  health: HealthFigure[];
  ledger?: Ledger;
}

export interface PacketLayer {
  name: string;
  offset: number;
  length: number;
}

export interface PacketInfo {
  number: number;
  timestamp: number;
  direction: 'client' | 'server';
  capturedLength: number;
  length: number;
  linkType: number;
  summary: string;
  layers: PacketLayer[];
  hex: string;
}

export interface PacketList {
  packets: PacketInfo[];
  truncated: boolean;
  note?: string | null;
}

export interface LedgerPage extends Ledger {
  workers: { node: string; ledger: Ledger }[];
  drops: DropCounter[];
}

export type Validation = { ok: true } | { ok: false; error: KflError };

export interface Completion {
  from: number;
  to: number;
  options: { label: string; type: string; detail?: string; doc?: string; apply?: string }[];
}

export interface TargetCounts {
  pods: number;
  namespaces: number;
  nodes: number;
}

/** Which pods are captured: the name matches (RE2), and the namespace is wanted (none named: all) and not excluded. */
export interface TargetRule {
  regex: string;
  namespaces: string[];
  excluded: string[];
}

export interface TargetPod {
  name: string;
  namespace: string;
  node: string;
  ip: string;
  targeted?: boolean;
}

export interface Targets extends TargetRule {
  pods: TargetPod[];
  counts: TargetCounts;
}

export interface TargetPreview {
  pods: TargetPod[];
  counts?: TargetCounts;
}

/** What a worker cannot see, and what to do about it. */
export interface BlindSpot {
  code: string;
  text: string;
  remedy: string;
}

export interface ClusterWorker {
  worker: string;
  node: string;
  version: string;
  connected: boolean;
  problem?: string | null;
  restarted?: Restart;
  backend: string;
  packets: number;
  bytes: number;
  entries: number;
  /** of the whole cluster, as this worker knows them */
  targetedPods?: number;
  connections: number;
  drops: DropCounter[];
  rssBytes: number;
  heapBytes: number;
  blind: BlindSpot[];
}

/** YAML of what an endpoint is, as far as it is known. */
export type EndManifests = Partial<Record<'pod' | 'service', string | null>>;

export interface Manifests {
  src?: EndManifests | null;
  dst?: EndManifests | null;
}
