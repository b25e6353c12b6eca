// Answers for the detail pane and the ledger page of dev/mock-hub.mjs. Development only.
import { jsonBody } from './generate.mjs';

const table = (title, rows) => ({ title, type: 'table', rows: rows.map(([name, value, selector]) => ({ name, value, selector: selector ?? null })) });

export function entry(row) {
  const isHttp = row.protocol === 'http';
  const request = [
    table('Request', [
      ['Method', row.method, isHttp ? `method == "${row.method}"` : null],
      ['Target', row.summary, isHttp ? `path == ${JSON.stringify(row.summary.split('?')[0])}` : null],
      ['Client', `${row.src.ip}:${row.src.port}`, `src.ip == "${row.src.ip}"`],
    ]),
  ];
  const response = row.flags.includes('noResponse') || row.kind === 'connection' ? [] : [table('Response', [['Status', row.status, isHttp ? `status_code == ${row.status}` : null], ['Elapsed (µs)', row.elapsedUs, `elapsed_time >= ${row.elapsedUs}`]])];
  if (isHttp) {
    request.push(table('Headers', [['host', 'orders.shop.svc.cluster.local:8080', 'request.headers["host"] == "orders.shop.svc.cluster.local:8080"'], ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36', 'request.headers["user-agent"].contains("Chrome")'], ['accept', 'application/json', 'request.headers["accept"] == "application/json"'], ['cookie', 'sid=4f1d0c9e7a', null]]));
    const size = row.seq % 3 === 0 ? 1_000_000 : 1800;
    const body = jsonBody(size);
    if (response.length) {
      response.push(table('Headers', [['content-type', 'application/json', null], ['content-encoding', 'gzip', null]]));
      response.push({ title: 'Body', type: 'body', mimeType: 'application/json', encoding: 'utf8', body, length: body.length, wireLength: Math.floor(body.length / 6), contentEncoding: 'gzip', truncated: false, note: null, selector: 'response.body' });
    }
    if (row.method !== 'GET') {
      const png = Buffer.alloc(4000, 0).map((_, i) => (i * 31) & 255);
      request.push({ title: 'Body', type: 'body', mimeType: 'image/png', encoding: 'base64', body: png.toString('base64'), length: 8000, truncated: true, note: 'Bodies are kept up to 4,000 bytes here.', selector: null });
    }
  }
  const anomalies = row.seq % 5 === 0 ? [{ code: 'http-whitespace-before-colon' }] : [];
  return { row, entry: { ...row, anomalies, protocol: { name: row.protocol, version: '1.1' }, request: { method: row.method, url: row.summary, headers: { host: 'orders' } }, response: { status: row.status } }, representation: { request: row.kind === 'connection' ? [] : request, response } };
}

export function connection(id, row) {
  return {
    id, state: 'established', transport: 'tcp', protocols: row ? [row.protocol] : [], startTime: `${(Date.now() - 5321) * 1000}000`, endTime: null,
    client: { ...(row?.src ?? { ip: '10.0.0.1', port: 40000 }), packets: 12, bytes: 4410 },
    server: { ...(row?.dst ?? { ip: '10.0.0.2', port: 80 }), packets: 15, bytes: 48122 },
    sections: [table('Capture', [['Interface', 'eth0', null], ['Server port', row?.dst.port ?? 80, `dst.port == ${row?.dst.port ?? 80}`]])],
    health: [
      { name: 'retransmissions', title: 'Retransmissions', value: 2, unit: 'packets', doc: 'segments that were sent again' },
      { name: 'handshake', title: 'Handshake', value: 412, unit: 'us', doc: 'from SYN to the ACK that ends the handshake: about one round trip' },
      { name: 'outOfOrder', title: 'Out of order', value: 0, unit: 'packets', doc: 'segments that arrived before an earlier one' },
      { name: 'zeroWindow', title: 'Zero windows', value: 1, unit: '', doc: 'the receiver told the sender to stop' },
    ],
    ledger: { wire: 52532, accounts: [{ class: 'dissected', code: 'messages', title: 'Messages', doc: '', remedy: '', bytes: 50100, packets: 25 }, { class: 'opaque', code: 'headers', title: 'Packet headers', doc: '', remedy: '', bytes: 1782, packets: 27 }, { class: 'lost', code: 'gap', title: 'Hole in the stream', doc: '', remedy: '', bytes: 250, packets: 1 }], pending: 400, balanced: true },
  };
}

export function packets() {
  const list = [];
  for (let i = 0; i < 28; i++) {
    const payload = i < 3 ? 0 : i === 5 ? 9000 : 76 + i * 13;
    const bytes = Buffer.alloc(54 + payload);
    bytes.write('02420a0000070242000000010800', 0, 'hex');
    bytes.write('4500007c1c4640004006b3d10a0000010a000007', 14, 'hex');
    bytes.write('c4f80050000000010000000150180201fe280000', 34, 'hex');
    bytes.write('GET /api/v1/orders HTTP/1.1\r\nhost: orders.shop\r\nuser-agent: curl/8.5.0\r\naccept: */*\r\n\r\n'.slice(0, payload), 54, 'latin1');
    const layers = [{ name: 'Ethernet', offset: 0, length: 14 }, { name: 'IPv4', offset: 14, length: 20 }, { name: 'TCP', offset: 34, length: 20 }];
    if (payload) layers.push({ name: 'Payload', offset: 54, length: payload });
    list.push({ number: i + 1, timestamp: Date.now() - 4000 + i * 3.2, direction: i % 2 ? 'server' : 'client', capturedLength: bytes.length, length: bytes.length, linkType: 1, summary: `TCP 50412 → 80 [${i === 0 ? 'SYN' : i === 1 ? 'SYN,ACK' : i === 2 ? 'ACK' : 'PSH,ACK'}] seq ${i * 76} ack 1 len ${payload}`, layers, hex: bytes.toString('hex') });
  }
  return { packets: list, truncated: false, note: 'packets are kept 10 s; 12 of 40 are gone' };
}

export function ledger(totals) {
  const account = (cls, code, title, doc, remedy, bytes, packets) => ({ class: cls, code, title, doc, remedy, bytes, packets });
  const opaqueTls = Math.floor(totals.opaque * 0.7);
  const lostKernel = Math.floor(totals.lost * 0.6);
  const messages = Math.floor(totals.dissected * 0.9);
  const accounts = [
    account('dissected', 'messages', 'Messages', 'Bytes of requests and responses that became entries.', '', messages, Math.floor(messages / 900)),
    account('dissected', 'headers', 'Packet headers', 'Ethernet, IP and TCP/UDP headers.', '', totals.dissected - messages, Math.floor(messages / 900)),
    account('opaque', 'encrypted', 'Encrypted without plaintext', 'TLS records whose keys or plaintext nobody gave us.', 'Enable the tracer (tap.tls=true) for processes that use OpenSSL, Go or BoringSSL.', opaqueTls, Math.floor(opaqueTls / 1200)),
    account('opaque', 'unknown-protocol', 'Unknown protocol', 'No dissector recognised the first 4 KiB of the connection.', 'Tell us the protocol; the packets can be downloaded in the PCAP tab.', totals.opaque - opaqueTls, Math.floor(totals.opaque / 3000)),
    account('lost', 'kernel-drop', 'Dropped by the kernel', 'The capture ring was full when the packet came.', 'Give the worker more CPU, or narrow the targets.', lostKernel, Math.floor(lostKernel / 700)),
    account('lost', 'gap', 'Hole in a TCP stream', 'Bytes that both ends acknowledged but that were never seen.', 'Often follows kernel drops; otherwise check for asymmetric routes.', totals.lost - lostKernel, 0),
  ];
  const whole = { wire: totals.wire, accounts, pending: totals.pending, balanced: true };
  return { ...whole, workers: [{ node: 'vm', ledger: whole }], drops: [{ code: 'kernel-drop', title: 'Dropped by the kernel', packets: Math.floor(lostKernel / 700), bytes: lostKernel }] };
}
