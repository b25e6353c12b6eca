// Asserts from Chromium what the dashboard of a cluster shows: targets and their dialog, names in rows, both ends' manifests, nodes, events.
// The rule of targets is changed for a moment and put back.
//
//   e2e/browser-cluster URL [--q KFL] [--token TOKEN] [--screenshots DIR]
//   URL: of a running dashboard, such as that of `kubeshark proxy`
//   --q: calls between pods of the cluster that are stored already, such as 'http && url.contains("call=a-")'
//   --token: where the hub asks for it (an Ingress, a port-forward)
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { filter, launch, rowsOf, until } from './browser-common.mjs';

const option = (name) => (process.argv.includes(`--${name}`) ? process.argv[process.argv.indexOf(`--${name}`) + 1] : null);
const url = process.argv[2];
if (!url?.startsWith('http')) {
  console.log('usage: e2e/browser-cluster URL [--q KFL] [--token TOKEN] [--screenshots DIR]');
  process.exit(2);
}
const query = option('q') ?? 'http';
const screenshots = option('screenshots');
let passed = 0;
const ok = (name) => {
  passed++;
  console.log(`ok     ${name}`);
};

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1440, height: 760 } });
const errors = [];
page.on('pageerror', (error) => errors.push(error.message));
const shot = (name) => screenshots && page.screenshot({ path: join(screenshots, `${name}.png`) });
const text = async (selector, of = page) => (await of.locator(selector).first().innerText()).replace(/\s+/g, ' ');
/** By the page's own session: its cookie, its proxy. */
const api = async (path, body) => {
  const answer = await page.request.fetch(new URL(`api/${path}`, url).href, body ? { method: 'POST', data: body } : {});
  assert.equal(answer.ok(), true, `${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
};
const sentence = ({ pods, namespaces, nodes }) => {
  const words = (n, one) => `${n} ${one}${n === 1 ? '' : 's'}`;
  return `Targeting ${words(pods, 'pod')} in ${words(namespaces, 'namespace')} across ${words(nodes, 'node')}`;
};

async function login(token) {
  const place = `${url}?q=http#/nodes`;
  await page.goto(place);
  await page.waitForSelector('.login');
  await page.locator('input[type=password]').fill('not the token');
  await page.keyboard.press('Enter');
  await until('a wrong token is refused', async () => /not the hub’s token/.test(await text('.login')));
  await page.locator('input[type=password]').fill(token);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.nodes-table');
  assert.equal(page.url(), place);
  ok('without a token there is the login, after it the page that was asked for');
}

async function targets() {
  const { counts, regex, namespaces, excluded } = await api('targets');
  await until('the header says what is targeted', async () => (await text('.targeting')).includes(sentence(counts)));
  ok(`the header says: ${sentence(counts)}`);

  const other = await browser.newPage({ storageState: await page.context().storageState() });
  await other.goto(url);
  await until('another browser says the same', async () => (await text('.targeting', other)).includes(sentence(counts)));

  await page.keyboard.press('t');
  const dialog = page.getByRole('dialog');
  const input = dialog.getByLabel('Pod name matches');
  await input.fill('(front-end');
  await until('what is wrong, and where', async () => /character 1:.*missing closing/.test((await dialog.innerText()).replace(/\s+/g, ' ')));
  assert.equal(await dialog.getByRole('button', { name: 'Apply' }).isDisabled(), true);
  ok('a regular expression that is none: the place is shown, and it cannot be applied');

  const wanted = { regex: '^front-end-', namespaces, excluded };
  const { pods, counts: fewer } = await api('targets/preview', wanted);
  assert.notEqual(pods.length, counts.pods, 'the rule of the check must change something');
  await input.fill(wanted.regex);
  await until('the list is that of the rule', async () => (await dialog.locator('.pod-line:not(.pod-leaves)').count()) === pods.length);
  const listed = await dialog.locator('.pod-line:not(.pod-leaves) > span:nth-child(2)').allInnerTexts();
  assert.deepEqual(listed.toSorted(), pods.map((pod) => pod.name).toSorted());
  await shot('targets');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await until('the dialog closes', async () => (await dialog.count()) === 0);
  for (const of of [page, other]) await until('the headers follow', async () => (await text('.targeting', of)).includes(sentence(fewer)));
  assert.equal((await api('targets')).counts.pods, pods.length);
  await api('targets', { regex, namespaces, excluded });
  for (const of of [page, other]) await until('the headers follow what a script applied', async () => (await text('.targeting', of)).includes(sentence(counts)));
  await other.close();
  ok('the preview is what is applied; whoever looks sees it');
}

async function blindSpots() {
  const banners = page.locator('.banner', { hasText: 'Blind spot' });
  const spots = new Set((await api('workers')).flatMap((worker) => worker.blind.map((blind) => blind.text)));
  await until('a banner for each, three at most', async () => (await banners.count()) === Math.min(3, spots.size));
  while ((await banners.count()) > 0) await banners.first().getByRole('button', { name: 'Hide' }).click();
  await page.reload();
  await until('the workers are known again', async () => spots.size === 0 || (await page.locator('.pages .badge').count()) === 1);
  assert.equal(await banners.count(), 0);
  ok(`blind spots (${spots.size}): a banner for each, which stays away once it is hidden`);
}

/** Applies a filter and waits until the rows are its own. */
async function show(kfl) {
  await filter(page, kfl);
  await until(`${kfl} is applied`, () => new URL(page.url()).searchParams.get('q') === kfl);
  await until('calls', async () => (await rowsOf(page)).length > 0);
}

async function names() {
  await show(query);
  const row = (await api(`entries?limit=500&kfl=${encodeURIComponent(`(${query}) && src.pod.name != "" && dst.pod.name != "" && dst.service.name != ""`)}`)).rows[0];
  assert.ok(row, `no call between pods matches ${query}`);
  await show(`(${query}) && dst.pod.name == "${row.dst.pod}" && src.pod.name == "${row.src.pod}"`);
  const shown = page.locator('#feed .row:not(.notice)').first();
  await until('only calls of these two pods', async () => {
    const rows = await rowsOf(page);
    const lines = rows.map((line) => line.replaceAll(' ', ''));
    return lines.length > 0 && lines.every((line) => line.includes(row.src.pod) && line.includes(`${row.dst.service}/${row.dst.pod}`));
  });
  assert.ok((await shown.innerText()).includes(row.dst.namespace));
  assert.match(await shown.locator('.c-dst').getAttribute('title'), new RegExp(`address: ${row.dst.ip.replaceAll('.', '\\.')}:`));
  ok('rows show service, pod and namespace of both ends; the address is in the tooltip');

  await show(`(${query}) && dst.pod.name != ""`);
  await until('a row is selected', async () => {
    await page.keyboard.press('k'); // which holds the feed, so that the row stands under the pointer
    return (await page.locator('#feed .row.selected').count()) > 0;
  });
  const end = page.locator('#feed .row.selected .c-dst');
  await end.hover();
  await end.locator('.plus-pod .plus').click();
  const pod = await until('the clause is in the address', () => /dst\.pod\.name == "([^"]+)"$/.exec(new URL(page.url()).searchParams.get('q') ?? '')?.[1]);
  await until('only calls of that pod', async () => {
    const rows = await rowsOf(page);
    return rows.length > 0 && rows.every((line) => line.replaceAll(' ', '').includes(pod));
  });
  ok('+pod adds the pod to the filter');
  await shot('names');

  await page.locator('#feed .row.exchange .c-time').first().click();
  const pane = page.locator('[aria-label="Details of the selected entry"]');
  await pane.getByRole('tab', { name: 'K8S', exact: true }).click();
  await until('the manifest', async () => /kind: ?Pod/.test((await pane.innerText()).replace(/\n/g, ' ')));
  await shot('k8s');
  const label = pane.locator('.facts td', { hasText: '=' }).first();
  const [name] = (await label.locator('.fact-value').innerText()).split('=');
  await label.locator('.fact-add').click();
  await until('the label is in the filter', async () => new URL(page.url()).searchParams.get('q').includes(`labels["${name}"]`));
  await until('calls with that label', async () => (await rowsOf(page)).length > 0);
  ok('K8S tab: both ends, their manifests, labels to filter by');
}

async function nodes() {
  await page.goto(`${url}#/nodes`);
  const workers = await api('workers');
  await until('a line for each node', async () => (await page.locator('.nodes-table tbody tr').count()) === workers.length);
  const table = await text('.nodes-table');
  for (const worker of workers) assert.ok(table.includes(worker.node), `${worker.node} is missing`);
  await until('all are connected', async () => (await page.locator('.nodes-table .good-text').count()) === workers.length);
  for (const spot of new Set(workers.flatMap((worker) => worker.blind.map((b) => b.text)))) assert.ok((await page.locator('.nodes').innerText()).includes(spot));
  await shot('nodes');
  ok(`nodes: ${workers.map((worker) => worker.node).join(', ')}, their figures and blind spots`);
}

async function events() {
  const { rows } = await api('entries?limit=50&kfl=event');
  if (rows.length === 0) return console.log('skip   no Kubernetes event happened yet');
  await page.goto(`${url}`);
  await page.locator('.chip', { hasText: 'event' }).click();
  await until('only events', async () => (await page.locator('#feed .row:not(.event):not(.notice)').count()) === 0 && (await page.locator('#feed .row.event').count()) > 0);
  await page.locator('#feed .row.event').last().click();
  const pane = page.locator('[aria-label="Details of the selected entry"]');
  await until('its details', async () => /Reason/.test(await pane.innerText()));
  assert.equal(await pane.getByRole('tab', { name: 'PCAP' }).count(), 0);
  await shot('events');
  await page.locator('.chip', { hasText: 'event' }).click();
  await until('the chip takes it back', async () => !new URL(page.url()).searchParams.has('q'));
  ok('Kubernetes events: their own rows and details, and a chip');
}

let failure = null;
try {
  if (option('token')) await login(option('token'));
  await page.goto(url);
  await page.waitForSelector('.cluster-bar');
  await blindSpots();
  await targets();
  await names();
  await nodes();
  await events();
  assert.deepEqual(errors, [], 'no error in the page');
} catch (error) {
  failure = error;
  console.log(`FAILED ${error.stack}`);
  await shot('failed');
}
await browser.close();
console.log(`browser-cluster: ${passed} passed, ${failure ? 1 : 0} failed`);
process.exit(failure ? 1 : 0);
