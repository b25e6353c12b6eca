// A hub that invents its traffic, for looking at the dashboard while working on it. DEVELOPMENT ONLY: it captures nothing, it is
// no test double of the hub's behaviour, and it is not part of the product. It speaks docs/api.md and serves front/dist.
//
//   node dev/mock-hub.mjs [--port 8899] [--rate 200] [--stored 20000] [--overload] [--slow] [--empty] [--pcap] [--base /some/path]
//        [--cluster [--away node-2] [--blind] [--no-targets] [--events 20]] [--token TEXT]
//   --rate N rows/s   --slow leaves out rows and counts them as notShown   --empty has no traffic   --pcap ends after 5 s
//   --cluster names a small shop on three nodes; --events: every so many rows, one of Kubernetes; --token: 401 until POST /api/login had it
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import * as shop from './cluster.mjs';
import * as details from './details.mjs';
import { row, schema } from './generate.mjs';
import { check, compile, complete } from './kfl.mjs';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return fallback;
  return fallback === false ? true : (process.argv[at + 1] ?? fallback);
};
const port = Number(option('port', '8899'));
const rate = option('empty', false) ? 0 : Number(option('rate', '200'));
const storedMax = Number(option('stored', '20000'));
const base = option('base', '');
const overload = option('overload', false);
const slow = option('slow', false);
const pcap = option('pcap', false);
const cluster = option('cluster', false);
const away = option('away', '');
const blind = option('blind', false);
const eventEvery = Number(option('events', '40'));
const token = option('token', '');
if (option('no-targets', false)) shop.mode.regex = '^checkout-';
const dist = fileURLToPath(new URL('../dist/', import.meta.url));

const store = [];
const started = Date.now();
const totals = { wire: 0, dissected: 0, opaque: 0, lost: 0, pending: 0 };

function produce(count) {
  const fresh = [];
  for (let i = 0; i < count; i++) {
    const at = Date.now() - 100 + (i * 100) / count;
    const next = row(at);
    fresh.push(cluster ? shop.dress(next, next.seq) : next);
    if (cluster && next.seq % eventEvery === 0) fresh.push(shop.event(at));
  }
  store.push(...fresh);
  if (store.length > storedMax) store.splice(0, store.length - storedMax);
  for (const { requestSize, responseSize } of fresh) {
    const size = requestSize + responseSize;
    totals.wire += size;
    totals.lost += overload ? Math.floor(size * 0.04) : 0;
    totals.opaque += Math.floor(size * 0.11);
  }
  totals.pending = Math.min(totals.wire, 4096);
  totals.dissected = totals.wire - totals.lost - totals.opaque - totals.pending;
  return fresh;
}
if (rate > 0) produce(Math.min(storedMax, 12_000));

function stats() {
  const kernelDrops = Math.floor((totals.lost * 0.6) / 700);
  return {
    now: Date.now(),
    rates: { entriesPerSecond: rate, packetsPerSecond: rate * 3, bytesPerSecond: rate * 9000 },
    store: { entries: store.length, entryBytes: store.length * 1400, packetBytes: rate * 20_000, oldest: store[0]?.timestamp ?? 0, newest: store.at(-1)?.timestamp ?? 0, entriesTtlMs: 300_000, packetsTtlMs: 10_000 },
    ...(cluster && { targets: shop.targets().counts }),
    workers: cluster ? clusterWorkers() : [{ node: 'vm', version: '0.1.0', backend: 'af_packet', connected: true, packets: rate * 3 * Math.floor((Date.now() - started) / 1000), bytes: totals.wire, drops: overload ? [{ code: 'kernel-drop', packets: kernelDrops, bytes: kernelDrops * 700 }] : [], liveConnections: 214, rssBytes: 187 * 2 ** 20, heapBytes: 64 * 2 ** 20 }],
    ledger: totals,
    overload: overload ? { since: started, cause: 'kernel-drop', message: 'More packets arrive than this machine can take in: 4 % of the bytes are lost. Give the worker more CPU, or narrow what is captured.' } : null,
  };
}

function clusterWorkers() {
  const packets = store.length === 0 ? 0 : rate * Math.floor((Date.now() - started) / 1000) + 4100;
  const lost = Math.floor((totals.lost * 0.6) / 700);
  const drops = overload ? [{ code: 'kernel-drop', title: 'Dropped by the kernel', packets: lost, bytes: lost * 700 }] : [];
  return shop.workers({ away, blind, drops, packetsOf: (i) => Math.max(0, packets - i * 13), bytesOf: (i) => Math.max(0, Math.floor(totals.wire / 3) - i * 4096) });
}

const json = (response, status, body) => {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
};
const refuse = (response, status, code, message) => json(response, status, { error: { code, message } });
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

function regexError(rule) {
  try {
    new RegExp(rule.regex);
    return null;
  } catch {
    return { error: { code: 'bad-regex', message: 'missing closing )', position: Math.max(0, rule.regex.lastIndexOf('(')) } };
  }
}

/** What a cluster's hub answers besides; false: not one of these. */
function clusterApi(path, body, response) {
  const answer = (status, value) => json(response, status, value) ?? true;
  if (path === '/api/targets' && body === null) return answer(200, shop.targets());
  if (path.startsWith('/api/targets')) {
    const error = regexError(body);
    if (error) return answer(400, error);
    if (path === '/api/targets/preview') return answer(200, shop.preview(body));
    Object.assign(shop.mode, body);
    const { pods: _, ...rule } = shop.targets();
    for (const { socket } of clients) socket.send(JSON.stringify({ type: 'targets', ...rule }));
    return answer(200, shop.targets());
  }
  if (path === '/api/workers') return answer(200, clusterWorkers());
  const id = /^\/api\/entries\/(.+)\/kubernetes$/.exec(path)?.[1];
  if (id === undefined) return false;
  const found = store.find((r) => r.id === decodeURIComponent(id));
  return found ? answer(200, shop.manifests(found)) : (refuse(response, 404, 'expired', 'the entry is not in the store'), true);
}

function api(url, response) {
  const parameter = (name) => url.searchParams.get(name) ?? '';
  switch (url.pathname.slice(base.length)) {
    case '/api/health':
      return json(response, 200, { status: 'ok' });
    case '/api/stats':
      return json(response, 200, stats());
    case '/api/schema':
      return json(response, 200, schema);
    case '/api/ledger':
      return json(response, 200, details.ledger(totals));
    case '/api/kfl/validate': {
      const error = check(parameter('kfl'));
      return json(response, 200, error ? { ok: false, error } : { ok: true });
    }
    case '/api/kfl/complete':
      return json(response, 200, complete(parameter('kfl'), Number(parameter('position'))));
    case '/api/entry': {
      const found = store.find((r) => r.id === parameter('id'));
      if (found?.kind === 'event') return json(response, 200, shop.eventEntry(found));
      if (found) return json(response, 200, withLabels(details.entry(found)));
      return refuse(response, 404, /^[\w-]+\/\d+-\d$/.test(parameter('id')) ? 'expired' : 'unknown', `entry ${parameter('id')} is not in the store`);
    }
    case '/api/entries': {
      const test = compile(parameter('kfl'));
      const at = store.findIndex((r) => r.id === parameter('before') || String(r.seq) === parameter('before'));
      const older = (parameter('before') ? store.slice(0, Math.max(0, at)) : store).filter(test);
      const limit = Number(parameter('limit') || 100);
      return json(response, 200, { rows: older.slice(-limit), truncated: older.length > limit, older: older.at(-limit)?.id ?? '' });
    }
    case '/api/connection':
      return json(response, 200, details.connection(parameter('id'), store.findLast((r) => r.conn === parameter('id'))));
    case '/api/packets':
      return json(response, 200, details.packets());
    case '/api/pcap':
      response.writeHead(200, { 'Content-Disposition': 'attachment; filename="connection.pcapng"' });
      return response.end('mock');
    case '/api/export':
      return json(response, 200, { log: { version: '1.2', entries: [] } });
    default:
      return refuse(response, 404, 'no-such-call', `there is no ${url.pathname}`);
  }
}

const allowed = (request) => token === '' || (request.headers.cookie ?? '').includes(`kubeshark=${token}`);
const withLabels = (detail) => {
  for (const side of ['src', 'dst']) detail.entry[side] = { ...detail.entry[side], labels: shop.labelsOf(detail.entry[side]) };
  return detail;
};

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://mock');
  const path = url.pathname.slice(base.length);
  if (path.startsWith('/api/')) {
    let text = '';
    request.on('data', (data) => (text += data));
    return request.on('end', () => {
      const body = text === '' ? null : JSON.parse(text);
      if (path === '/api/login') {
        if (body.token !== token) return refuse(response, 401, 'unauthorized', 'this is not the token');
        response.setHeader('Set-Cookie', `kubeshark=${token}; HttpOnly; SameSite=Strict; Path=/`);
        return json(response, 200, {});
      }
      if (!allowed(request)) return refuse(response, 401, 'unauthorized', 'this hub wants its token');
      if (cluster && clusterApi(path, body, response)) return;
      return api(url, response);
    });
  }
  const file = normalize(join(dist, path === '/' ? 'index.html' : path));
  if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile()) return refuse(response, 404, 'no-such-file', path);
  response.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:",
  });
  createReadStream(file).pipe(response);
});

const clients = new Set();
new WebSocketServer({ server, path: `${base}/api/ws`, verifyClient: ({ req }, done) => done(allowed(req), 401) }).on('connection', (socket) => {
  const client = { socket, id: 0, test: null, paused: false, missed: 0 };
  const send = (message) => socket.send(JSON.stringify(message));
  clients.add(client);
  socket.on('close', () => clients.delete(client));
  send({ type: 'hello', version: '0.1.0-mock', mode: pcap ? 'pcap' : cluster ? 'cluster' : 'local', source: pcap ? 'checkout-incident.pcap' : cluster ? 'cluster' : 'all interfaces', nodes: cluster ? shop.nodes : ['vm'], ...(cluster && { targets: shop.targets().counts }), limits: { rows: 300_000 } });
  send({ type: 'stats', ...stats() });
  socket.on('message', (text) => {
    const message = JSON.parse(text);
    if (message.type === 'pause') client.paused = true;
    if (message.type === 'resume') client.paused = false;
    if (message.type !== 'subscribe') return;
    const error = check(message.kfl);
    if (error) return send({ type: 'filterError', id: message.id, error });
    client.id = message.id;
    client.test = compile(message.kfl);
    send({ type: 'subscribed', id: message.id, kfl: message.kfl });
    const matching = store.filter(client.test);
    const history = matching.slice(-message.history);
    for (let i = 0; i < history.length; i += 5000) send({ type: 'rows', id: message.id, rows: history.slice(i, i + 5000), notShown: 0, history: true });
    send({ type: 'historyEnd', id: message.id, rows: history.length, truncated: history.length < matching.length, older: history[0]?.id ?? '' });
    if (pcap) setTimeout(() => send({ type: 'end', reason: 'The file is read to its end: 12,000 entries.' }), 5000);
  });
});

let debt = 0;
let ticks = 0;
setInterval(() => {
  if (pcap) return;
  debt += rate / 10;
  const fresh = produce(Math.floor(debt));
  debt -= fresh.length;
  const gap = slow && ++ticks % 20 === 0;
  for (const client of clients) {
    if (!client.test) continue;
    const rows = fresh.filter(client.test);
    if (client.paused || gap) {
      client.missed += rows.length;
      continue;
    }
    if (rows.length + client.missed > 0) client.socket.send(JSON.stringify({ type: 'rows', id: client.id, rows, notShown: client.missed, history: false }));
    client.missed = 0;
  }
}, 100);
setInterval(() => {
  const text = JSON.stringify({ type: 'stats', ...stats() });
  for (const { socket } of clients) socket.send(text);
}, 1000);

server.listen(port, '127.0.0.1', () => console.log(`mock hub (invented traffic, ${rate} rows/s): http://127.0.0.1:${port}${base}/`));
