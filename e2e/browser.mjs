// Starts nginx, redis, unbound and `kubeshark tap --local` on loopback, makes calls, and asserts from Chromium that the dashboard shows them:
// feed, filter, details, connection, packets (the download is read by tshark), ledger, errors, the end by Ctrl-C. The pictures of docs/img
// are made by `--screenshots docs/img`.
//
//   e2e/browser [--screenshots DIR]
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter as applyFilter, launch, root, rowsOf, until } from './browser-common.mjs';

const screenshots = process.argv.includes('--screenshots') ? process.argv[process.argv.indexOf('--screenshots') + 1] : null;
const work = mkdtempSync(join(tmpdir(), 'kubeshark-e2e-'));
chmodSync(work, 0o755); // nginx reads as another user
const processes = [];
let passed = 0;

const ok = (name) => {
  passed++;
  console.log(`ok     ${name}`);
};

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  child.text = '';
  child.stdout.on('data', (data) => (child.text += data));
  child.stderr.on('data', (data) => (child.text += data));
  child.exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  processes.push(child);
  return child;
}

const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'pipe'] });
const dig = (port, ...question) => run('dig', '@127.0.0.1', '-p', String(port), '+time=2', '+tries=1', ...question);
const curl = (...args) => run('curl', '-s', '-S', '--noproxy', '*', ...args);

async function servers() {
  const [http, redis, dns] = [await freePort(), await freePort(), await freePort()];
  const config = join(work, 'nginx.conf');
  writeFileSync(config, `
daemon off; error_log ${work}/error.log; pid ${work}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path ${work}/body; proxy_temp_path ${work}/proxy; fastcgi_temp_path ${work}/f; uwsgi_temp_path ${work}/u; scgi_temp_path ${work}/s;
  server {
    listen 127.0.0.1:${http};
    location /api/ { default_type application/json; return 200 '{"shop":{"items":[{"name":"sock","price":5}]},"path":"$request_uri"}'; }
    location /broken { return 503 'out of order'; }
    location /missing { return 404 'not here'; }
    location /catalog.json { root ${work}; }
    location / { return 200 'hello $request_uri'; }
  }
}`);
  writeFileSync(join(work, 'catalog.json'), JSON.stringify(Array.from({ length: 60_000 }, (_, id) => ({ id, name: `sock ${id}`, sizes: [36, 38, 40], price: id % 50 }))));
  start('nginx', ['-c', config, '-p', work]);
  start('redis-server', ['--port', String(redis), '--bind', '127.0.0.1', '--save', '', '--dir', work]);
  writeFileSync(join(work, 'unbound.conf'), `
server:
  interface: 127.0.0.1@${dns}
  do-daemonize: no
  chroot: ""
  username: ""
  pidfile: "${work}/unbound.pid"
  use-syslog: no
  local-zone: "shop.test." static
  local-data: "www.shop.test. 300 IN A 10.1.2.3"
  local-data: "shop.test. 300 IN MX 10 mail.shop.test."
remote-control:
  control-enable: no
`);
  start('unbound', ['-d', '-c', join(work, 'unbound.conf')]);
  await until('nginx answers', () => curl(`http://127.0.0.1:${http}/ready`).startsWith('hello'));
  await until('redis answers', () => run('redis-cli', '-p', String(redis), 'ping').startsWith('PONG'));
  await until('unbound answers', () => dig(dns, 'www.shop.test', 'A').includes('10.1.2.3'));
  return { http, redis, dns };
}

async function main() {
  const { http, redis, dns } = await servers();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const tap = start(join(root, 'kubeshark'), ['tap', '--local', '-i', 'lo', '--port', String(port), '--no-open', '--packets-ttl', '5m']);
  await until('the dashboard is there', () => {
    if (tap.exitCode !== null) throw new Error(`tap ended: ${tap.text}`);
    return curl(`${url}api/health`).includes('"status"');
  });
  ok('tap --local serves the dashboard');

  const browser = await launch();
  processes.push({ kill: () => browser.close(), exitCode: null, exited: Promise.resolve() });
  const page = await browser.newPage({ viewport: { width: 1200, height: 680 }, acceptDownloads: true });
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const shot = (name) => screenshots && page.screenshot({ path: join(screenshots, `${name}.png`) });
  const rows = () => rowsOf(page);

  await page.goto(url);
  await page.waitForSelector('#feed');
  for (let i = 0; i < 3; i++) curl(`http://127.0.0.1:${http}/catalog.json`);
  for (let i = 0; i < 20; i++) curl(`http://127.0.0.1:${http}/api/items/${i}?page=${i}`);
  curl(`http://127.0.0.1:${http}/broken`);
  curl('-X', 'POST', '-H', 'Content-Type: application/json', '-d', '{"user":{"id":42}}', `http://127.0.0.1:${http}/api/order`);
  run('redis-cli', '-p', String(redis), 'set', 'cart:7', 'three socks');
  run('redis-cli', '-p', String(redis), 'get', 'cart:7');
  run('redis-cli', '-p', String(redis), 'incr', 'cart:7');
  dig(dns, 'www.shop.test', 'A');
  dig(dns, 'shop.test', 'MX');
  dig(dns, 'nowhere.shop.test', 'A');
  curl(`http://127.0.0.1:${http}/missing`);
  await until('the calls are in the feed', async () => {
    const text = (await rows()).join('\n');
    return text.includes('/api/order') && text.includes('/broken') && text.includes('cart:7') && text.includes('NXDOMAIN');
  });
  ok('the feed shows HTTP, Redis and DNS calls as they are made');
  await shot('feed');

  const answer = (query) => JSON.parse(curl(`${url}api/entries?limit=1000&kfl=${encodeURIComponent(query)}`)).rows;
  await until('exactly the calls that curl made', () => answer(`http && path.startsWith("/api/items/")`).length === 20);
  assert.equal(answer('http && status_code == 503').length, 1);
  assert.equal(answer('request.body.json("$.user.id") == 42').length, 1);
  assert.equal(answer('redis && redis_key == "cart:7"').length, 3);
  assert.equal(answer('dns && dns_code == "NXDOMAIN"').length, 1);
  ok('queries find exactly what was made, bodies included');

  const filter = (text) => applyFilter(page, text);
  await filter('http && status_code >= 500');
  await until('the filter is in the address', () => new URL(page.url()).searchParams.get('q') === 'http && status_code >= 500');
  await until('only the failed call is left', async () => {
    const now = await rows();
    return now.length === 1 && now[0].includes('/broken') && now[0].includes('503');
  });
  ok('a filter applies, and is in the address');
  await filter('stauts_code == 1');
  await until('the error says what was meant', async () => (await page.locator('[role=alert]').allInnerTexts()).join(' ').includes('status_code'));
  assert.equal((await rows()).length, 1, 'the old stream goes on');
  ok('a wrong filter says what is wrong and changes nothing');
  await filter('');
  await until('all rows are back', async () => (await rows()).length > 10);
  await page.locator('.cm-content').first().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('http && path == "/api');
  await page.keyboard.press('Control+Space');
  await until('values of the traffic are offered', async () => (await page.locator('.cm-tooltip-autocomplete li').allInnerTexts()).join(' ').includes('/api/items/'));
  ok('completion knows the values that were seen');
  await shot('filter');

  await page.goto(`${url}?q=${encodeURIComponent('path == "/api/order"')}`);
  await until('the posted call', async () => (await rows()).length === 1);
  await page.locator('#feed .row:not(.notice)').first().click();
  const pane = page.locator('[aria-label="Details of the selected entry"]');
  const tab = (name) => pane.getByRole('tab', { name, exact: true }).click();
  await until('the request', async () => (await pane.innerText()).includes('/api/order'));
  await until('the body', async () => (await pane.innerText()).includes('"id": 42'));
  await tab('Response');
  await until('the response', async () => (await pane.innerText()).includes('sock'));
  await shot('details');
  await tab('Data');
  await until('the JSON', async () => (await pane.innerText()).includes('"protocol"'));
  await tab('Connection');
  await until('the connection', async () => /retransmissions/i.test(await pane.innerText()));
  await shot('connection');
  await tab('PCAP');
  await until('the packets', async () => (await pane.locator('[role=option]').count()) >= 6);
  await pane.locator('[role=option]').nth(3).click();
  await shot('packets');
  ok('details: request, response, data, connection, packets');

  const [download] = await Promise.all([page.waitForEvent('download'), pane.locator('a[download]').click()]);
  const file = join(work, 'download.pcapng');
  await download.saveAs(file);
  const read = run('tshark', '-r', file, '-d', `tcp.port==${http},http`, '-Y', 'http.request', '-T', 'fields', '-e', 'http.request.uri').trim();
  assert.equal(read, '/api/order');
  ok('the downloaded capture is read by tshark');

  if (screenshots) {
    await page.goto(`${url}?q=${encodeURIComponent('!conn')}`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 1200, height: 640 });
    await page.locator('#feed .row.error').first().click();
    await tab('Response');
    await until('the response', async () => (await pane.innerText()).includes('503'));
    await shot('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 600, height: 800 });
    await page.goto(url);
    await until('the feed', async () => (await rows()).length > 5);
    await shot('narrow');
    await page.setViewportSize({ width: 1200, height: 680 });
  }
  await page.goto(`${url}#/ledger`);
  await until('the ledger page', async () => /headers/i.test(await page.locator('body').innerText()));
  await shot('ledger');
  const ledger = JSON.parse(curl(`${url}api/ledger`));
  const sum = ledger.accounts.reduce((total, account) => total + account.bytes, 0);
  assert.equal(sum + ledger.pending, ledger.wire);
  ok('the ledger adds up');
  assert.deepEqual(errors, [], 'no error in the page');

  // The launcher replaces itself by java, so the child is the program.
  tap.kill('SIGINT');
  const ended = await tap.exited;
  assert.equal(ended.code === 0 || ended.code === 130, true, `exit ${JSON.stringify(ended)}: ${tap.text}`);
  assert.match(tap.text, /Saw [\d,]+ entries in [\d,]+ packets/);
  ok('Ctrl-C ends it with a summary');
}

let failure = null;
try {
  await main();
} catch (error) {
  failure = error;
  console.log(`FAILED ${error.stack}`);
  for (const child of processes) if (child.text) console.log(`--- ${child.spawnargs?.[0]}\n${child.text.slice(-2000)}`);
}
for (const child of processes) if (child.exitCode === null) await child.kill('SIGTERM');
await Promise.all(processes.map((child) => child.exited));
rmSync(work, { recursive: true, force: true });
console.log(`browser: ${passed} passed, ${failure ? 1 : 0} failed`);
process.exit(failure ? 1 : 0);
