// Believable traffic for dev/mock-hub.mjs. Development only: nothing here is captured, and nothing here is shipped.

export const protocols = [
  p('http', 'HTTP/1.1', 'Hypertext Transfer Protocol 1.1', 'HTTP', '#416CDE', '#ffffff', 'https://www.rfc-editor.org/rfc/rfc9112', '7', [80, 8080], { method: 'method', status: 'status_code', summary: 'path' }),
  p('dns', 'DNS', 'Domain Name System', 'DNS', '#606060', '#ffffff', 'https://www.rfc-editor.org/rfc/rfc1035', '7', [53], {}),
  p('redis', 'Redis', 'Redis Serialization Protocol', 'REDIS', '#a41e11', '#ffffff', 'https://redis.io/docs/reference/protocol-spec/', '7', [6379], { method: 'redis_command' }),
  p('postgresql', 'PostgreSQL', 'PostgreSQL frontend/backend protocol 3', 'PGSQL', '#336791', '#ffffff', 'https://www.postgresql.org/docs/current/protocol.html', '7', [5432], {}),
  p('kafka', 'Kafka', 'Apache Kafka protocol', 'KAFKA', '#000000', '#ffffff', 'https://kafka.apache.org/protocol', '7', [9092], {}),
  p('k8s', 'K8S', 'Kubernetes event', 'K8S', '#326ce5', '#ffffff', 'https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/', 'event', [], { method: 'k8s_kind', status: 'k8s_reason', summary: 'k8s_message' }),
  p('tcp', 'TCP', 'Transmission Control Protocol', 'TCP', '#dadada', '#303030', 'https://www.rfc-editor.org/rfc/rfc9293', '4', [], {}),
];

function p(id, name, longName, abbreviation, backgroundColor, foregroundColor, referenceLink, layer, ports, rowVariables) {
  return { id, name, longName, abbreviation, backgroundColor, foregroundColor, referenceLink, layer, ports, rowVariables };
}

const v = (name, type, doc, protocol, example) => ({ name, type, doc, ...(protocol && { protocol }), ...(example && { example }) });

export const schema = {
  protocols,
  variables: [
    ...protocols.filter((x) => x.id !== 'tcp').map((x) => v(x.id, 'bool', `the entry is ${x.longName}`, undefined, x.id)),
    v('event', 'bool', 'what Kubernetes reports', undefined, 'event'),
    ...['kind', 'name', 'namespace', 'reason', 'type', 'message'].map((name) => v(`k8s_${name}`, 'string', `${name} of an event`, 'k8s')),
    ...['src', 'dst'].flatMap((side) => ['pod.name', 'service.name', 'namespace'].map((name) => v(`${side}.${name}`, 'string', `${name} of that end`))),
    ...['local_labels', 'remote_labels'].map((name) => v(name, 'map<string, string>', 'labels of the pod')),
    v('conn', 'bool', 'the entry is a connection, not a call', undefined, '!conn'),
    v('protocol', 'string', 'id of the protocol', undefined, 'protocol == "redis"'),
    v('elapsed_time', 'int', 'from request to response, in microseconds', undefined, 'elapsed_time > 500000'),
    v('status_class', 'string', 'ok, warn, error or neutral', undefined, 'status_class == "error"'),
    v('unanswered', 'bool', 'no response was seen', undefined, 'unanswered'),
    v('node_name', 'string', 'the node that saw it'),
    v('src.ip', 'string', 'address of the client'),
    v('src.port', 'int', 'port of the client'),
    v('src.name', 'string', 'name of the client'),
    v('dst.ip', 'string', 'address of the server', undefined, 'dst.ip == "10.0.0.7"'),
    v('dst.port', 'int', 'port of the server', undefined, 'dst.port == 8080'),
    v('dst.name', 'string', 'name of the server'),
    v('method', 'string', 'request method', 'http', 'method == "POST"'),
    v('path', 'string', 'path of the request target', 'http', 'path.startsWith("/api")'),
    v('status_code', 'int', 'status code of the response', 'http', 'status_code >= 500'),
    v('redis_command', 'string', 'command', 'redis', 'redis_command == "GET"'),
  ],
  functions: [
    { name: 'startsWith', signature: 'string.startsWith(string) -> bool', doc: 'begins with' },
    { name: 'contains', signature: 'string.contains(string) -> bool', doc: 'holds the text' },
    { name: 'matches', signature: 'string.matches(string) -> bool', doc: 'matches the RE2 regular expression' },
  ],
  anomalies: [{ code: 'http-whitespace-before-colon', title: 'Space before the colon of a header', doc: 'RFC 9112 §5.1 demands that servers refuse it.' }],
  ledger: [],
};

let state = 42;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];
const names = ['', '', 'cart', 'front-end', 'orders', 'catalogue'];
const end = (port) => ({ ip: `10.0.${Math.floor(random() * 4)}.${Math.floor(random() * 250) + 1}`, port, name: pick(names) });

const paths = ['/api/v1/orders', '/api/v1/orders/8192?expand=items', '/catalogue?size=5&tags=formal', '/health', '/login', '/cart/items', '/api/v2/users/77/addresses/3?fields=street,city,postcode,country&locale=en_GB', '/static/app.css', '=cmd|\' /C calc\'!A0'];
const hosts = ['orders.shop.svc.cluster.local', 'example.com', 'db-0.db.shop.svc.cluster.local', 'nosuch.shop.svc'];
let seq = 0;

function common(timestamp) {
  seq++;
  const connection = Math.floor(seq / 7);
  return { id: `local/${connection}-${seq % 7}`, seq, conn: `local/${connection}`, kind: 'exchange', timestamp, startTime: `${Math.floor(timestamp * 1000)}000`, node: 'vm', tls: random() < 0.1, flags: [] };
}

export function row(timestamp) {
  const base = common(timestamp);
  const elapsedUs = Math.floor(200 + random() ** 6 * 900_000);
  const src = end(32768 + Math.floor(random() * 28000));
  const kind = random();
  const sizes = { requestSize: Math.floor(80 + random() * 900), responseSize: Math.floor(random() ** 4 * 200_000) };
  const anyOf = { ...base, elapsedUs, src, ...sizes };
  if (kind < 0.62) {
    const status = random() < 0.85 ? 200 : pick([201, 301, 304, 400, 404, 429, 500, 503]);
    const statusClass = status < 300 ? 'ok' : status < 400 ? 'neutral' : status < 500 ? 'warn' : 'error';
    if (random() < 0.01)
      return { ...anyOf, protocol: 'http', method: 'GET', status: '', statusClass: 'warn', summary: pick(paths), dst: end(8080), elapsedUs: null, responseSize: 0, flags: ['noResponse'] };
    return { ...anyOf, protocol: 'http', method: pick(['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE']), status: String(status), statusClass, summary: pick(paths), dst: end(pick([80, 8080])), flags: random() < 0.01 ? ['truncated'] : random() < 0.005 ? ['afterGap'] : [] };
  }
  if (kind < 0.75) {
    const failed = random() < 0.08;
    return { ...anyOf, protocol: 'dns', method: pick(['A', 'AAAA', 'SRV']), status: failed ? 'NXDOMAIN' : 'NOERROR', statusClass: failed ? 'error' : 'ok', summary: pick(hosts), dst: end(53), tls: false };
  }
  if (kind < 0.87) return { ...anyOf, protocol: 'redis', method: pick(['GET', 'SET', 'HGETALL', 'EXPIRE']), status: 'OK', statusClass: 'ok', summary: `session:${Math.floor(random() * 9999)}`, dst: end(6379) };
  if (kind < 0.94) return { ...anyOf, protocol: 'postgresql', method: 'Query', status: random() < 0.05 ? '23505' : 'SELECT', statusClass: random() < 0.05 ? 'error' : 'ok', summary: 'SELECT id, total FROM orders WHERE customer = $1 ORDER BY placed DESC LIMIT 20', dst: end(5432) };
  if (kind < 0.98) return { ...anyOf, protocol: 'kafka', method: 'Produce', status: 'NONE', statusClass: 'ok', summary: 'topic orders, partition 3, 12 records', dst: end(9092) };
  return { ...anyOf, protocol: 'tcp', kind: 'connection', method: '', status: 'established', statusClass: 'neutral', summary: 'unknown protocol, 18 packets', dst: end(7777), elapsedUs: null };
}

/** A body of about `bytes` bytes of minified JSON. */
export function jsonBody(bytes) {
  const items = [];
  let size = 0;
  while (size < bytes) {
    const item = { id: 9007199254740993n.toString(), sku: `SKU-${items.length}`, price: 19.9, tags: ['blue', 'formal'], stock: { berlin: 4, oslo: 0 }, active: true, note: null };
    size += 130;
    items.push(item);
  }
  return JSON.stringify({ items }).replaceAll('"9007199254740993"', '9007199254740993');
}
