// A small shop on three nodes for dev/mock-hub.mjs --cluster: pods, services, labels, events. Development only.

export const nodes = ['node-1', 'node-2', 'node-3'];
const workload = (service, namespace, port, count, suffixes, ip) =>
  Array.from({ length: count }, (_, i) => ({
    name: suffixes ? `${service}-${suffixes[0]}-${suffixes[i + 1]}` : `${service}-${i}`, namespace, service, port, node: nodes[(i + service.length) % 3],
    ip: `10.244.${(i + service.length) % 3}.${ip + i}`, labels: { 'app.kubernetes.io/name': service, 'pod-template-hash': suffixes?.[0] ?? 'none', tier: port === 8080 ? 'backend' : 'data' },
  }));

export const pods = [
  ...workload('front-end', 'shop', 80, 2, ['7d9c5f6b8', 'k2x8p', 'v7qzn'], 11),
  ...workload('catalogue', 'shop', 8080, 3, ['6d5b8f9c7', 'x2x4k', 'm9d2r', '8wlqt'], 21),
  ...workload('cart', 'shop', 8080, 2, ['5c8f7d6b9', 'hh42s', 'p0o9i'], 31),
  ...workload('orders', 'shop', 8080, 1, ['84cf9b7d5', 'zz8mq'], 41),
  ...workload('redis', 'shop', 6379, 1, null, 51),
  ...workload('postgresql', 'shop', 5432, 1, null, 61),
  ...workload('coredns', 'kube-system', 53, 2, ['66bc5c9577', '2wq8n', 'l9f7d'], 2),
  ...workload('ingress-nginx-controller', 'ingress', 80, 1, ['5b9f7c8d44', 'q6w2e'], 71),
];
const clusterIps = Object.fromEntries([...new Set(pods.map((pod) => pod.service))].map((service, i) => [service, `10.96.${i + 3}.${17 * (i + 1)}`]));

export const mode = { regex: '', namespaces: ['shop'], excluded: [] };

export function matching({ regex, namespaces, excluded }) {
  const test = new RegExp(regex);
  return pods.filter((pod) => test.test(pod.name) && (namespaces.length === 0 || namespaces.includes(pod.namespace)) && !excluded.includes(pod.namespace));
}

const plain = (pod, targeted) => ({ name: pod.name, namespace: pod.namespace, node: pod.node, ip: pod.ip, targeted });
const countsOf = (list) => ({ pods: list.length, namespaces: new Set(list.map((p) => p.namespace)).size, nodes: new Set(list.map((p) => p.node)).size });

export function targets(rule = mode) {
  const wanted = matching(rule);
  return { ...mode, pods: pods.map((pod) => plain(pod, wanted.includes(pod))), counts: countsOf(wanted) };
}
export function preview(rule) {
  const wanted = matching(rule);
  return { pods: wanted.map((pod) => plain(pod, true)), counts: countsOf(wanted) };
}

const end = (pod, port) => ({ ip: pod.ip, port, name: pod.service, namespace: pod.namespace, pod: pod.name, service: pod.service, node: pod.node });
const callers = { 80: ['ingress-nginx-controller'], 8080: ['front-end', 'orders'], 6379: ['cart'], 5432: ['orders'], 53: ['front-end', 'cart', 'orders'], 9092: ['orders'] };
const of = (service) => pods.filter((pod) => pod.service === service);
const serving = { 80: ['front-end'], 8080: ['catalogue', 'cart', 'orders'], 6379: ['redis'], 5432: ['postgresql'], 53: ['coredns'] };

/** Puts the shop's names on an invented row; `n` chooses who. */
export function dress(row, n) {
  const pick = (list) => list[n % list.length];
  const { port } = row.dst;
  const client = pick(of(pick(callers[port] ?? callers[8080])));
  const src = end(client, row.src.port);
  if (!serving[port]) return { ...row, src, dst: { ip: '203.0.113.24', port: 443, name: 'api.payments.example' }, node: client.node, ...ids(row, client.node) };
  const service = pick(serving[port]);
  const server = pick(of(service));
  const asked = n % 11 === 0 ? { ip: clusterIps[service], port, name: service, namespace: server.namespace, service } : end(server, port);
  const nat = n % 7 === 0 && asked.pod && { nat: { ip: clusterIps[service], port, service, entry: `${client.node}/77-0` } };
  return { ...row, src, dst: asked, node: server.node, ...ids(row, server.node), ...nat };
}
const ids = (row, node) => ({ id: row.id.replace('local', node), conn: row.conn.replace('local', node) });

const happenings = [
  ['Warning', 'Unhealthy', 'orders', 'Readiness probe failed: HTTP probe failed with statuscode: 503', 4],
  ['Warning', 'OOMKilled', 'cart', 'Container cart was killed: out of memory (limit 128Mi, exit code 137)', 1],
  ['Normal', 'Created', 'cart', 'Created container cart', 2],
  ['Normal', 'ScalingReplicaSet', 'catalogue', 'Scaled up replica set catalogue-6d5b8f9c7 from 2 to 3', 1],
  ['Warning', 'BackOff', 'cart', 'Back-off restarting failed container cart in pod cart-5c8f7d6b9-hh42s', 3],
  ['Normal', 'Pulled', 'catalogue', 'Container image "registry.local/shop/catalogue:1.4" already present on machine', 1],
];
let eventSeq = 0;
export function event(timestamp) {
  const [type, reason, service, message, count] = happenings[eventSeq++ % happenings.length];
  const pod = of(service)[0];
  const kind = reason === 'ScalingReplicaSet' ? 'Deployment' : 'Pod';
  const about = { ip: '', port: 0, name: kind === 'Pod' ? '' : service, namespace: 'shop', pod: kind === 'Pod' ? pod.name : '', service: '', node: pod.node };
  return {
    id: `hub/${eventSeq}-0`, seq: eventSeq, conn: `hub/${eventSeq}`, protocol: 'k8s', kind: 'event', method: kind, status: reason, statusClass: type === 'Warning' ? 'warn' : 'neutral', summary: message,
    timestamp, startTime: `${Math.floor(timestamp * 1000)}000`, elapsedUs: null, src: { ip: '', port: 0, name: '' }, dst: about, requestSize: 0, responseSize: 0, node: pod.node, tls: false, flags: [],
    mock: { type, count },
  };
}

export const labelsOf = (endpoint) => pods.find((pod) => pod.name === endpoint.pod)?.labels ?? {};

const podYaml = (pod) => `apiVersion: v1
kind: Pod
metadata:
  name: ${pod.name}
  namespace: ${pod.namespace}
  uid: 1f0c9a52-6f0e-4c0f-9f43-2b1b5f3b1c${pod.ip.slice(-2).replace('.', '0')}
  creationTimestamp: "2026-11-23T16:58:02Z"
  labels:
${Object.entries(pod.labels).map(([k, v]) => `    ${k}: ${v}`).join('\n')}
  annotations:
    # kept short for the picture
    shop.example/notes: |
      owner: team-${pod.service}
      pager: none
spec:
  nodeName: ${pod.node}
  serviceAccountName: default
  restartPolicy: Always
  containers:
  - name: ${pod.service}
    image: registry.local/shop/${pod.service}:1.4
    args:
    - --listen=:${pod.port}
    ports:
    - containerPort: ${pod.port}
      protocol: TCP
    resources:
      limits: {cpu: 500m, memory: 128Mi}
    readinessProbe:
      httpGet:
        path: /health
        port: ${pod.port}
      periodSeconds: 5
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
  volumes:
  - name: tmp
    emptyDir: {}
status:
  phase: Running
  podIP: ${pod.ip}
  hostIP: 192.168.7.1${pod.node.slice(-1)}
`;
const serviceYaml = (service, port) => `apiVersion: v1
kind: Service
metadata:
  name: ${service}
  namespace: shop
spec:
  type: ClusterIP
  clusterIP: ${clusterIps[service]}
  selector:
    app.kubernetes.io/name: ${service}
  ports:
  - name: http
    port: ${port}
    targetPort: ${port}
`;

export function manifests(row) {
  const sheets = (side) => {
    const pod = pods.find((known) => known.name === side.pod);
    return { ...(pod && { pod: podYaml(pod) }), ...(side.service && { service: serviceYaml(side.service, side.port) }) };
  };
  return { src: sheets(row.src), dst: sheets(row.dst) };
}

export function eventEntry(row) {
  const rows = [['Kind', row.method, `k8s_kind == "${row.method}"`], ['Name', row.dst.pod || row.dst.name, `k8s_name == "${row.dst.pod || row.dst.name}"`], ['Namespace', row.dst.namespace, `k8s_namespace == "${row.dst.namespace}"`], ['Reason', row.status, `k8s_reason == "${row.status}"`], ['Type', row.mock.type, `k8s_type == "${row.mock.type}"`], ['Message', row.summary, null], ['Count', row.mock.count, null], ['Node', row.node, null]];
  const section = { title: 'Event', type: 'table', rows: rows.map(([name, value, selector]) => ({ name, value, selector })) };
  return { row, entry: { ...row, anomalies: [] }, representation: { request: [section], response: null } };
}

export function workers({ away, blind, packetsOf, bytesOf, drops }) {
  const spots = [
    { code: 'tls-plaintext', text: 'TLS is shown as opaque bytes: the tracer is off.', remedy: 'kubeshark tap --set tap.tls=true' },
    { code: 'bpf-jit', text: 'Kernel 4.19 has no BTF: no eBPF capture, AF_PACKET is used.', remedy: 'a kernel from 5.8 on; nothing else is lost' },
  ];
  return nodes.map((node, i) => {
    const gone = node === away;
    return {
      worker: node, node, version: '0.1.0', connected: !gone, ...(gone && { problem: 'connection refused by 10.244.1.9:48999 (pod kubeshark-worker-daemon-set-7k2xd: CrashLoopBackOff)' }), backend: 'af_packet',
      packets: packetsOf(i), bytes: bytesOf(i), entries: Math.floor(packetsOf(i) / 3), connections: gone ? 0 : 71 - i * 9, liveConnections: gone ? 0 : 71 - i * 9, drops: i === 0 ? drops : [],
      rssBytes: (142 + i * 9) * 2 ** 20, heapBytes: (38 + i * 4) * 2 ** 20, blind: !blind || gone ? [] : i === 2 ? spots : spots.slice(0, 1),
    };
  });
}
