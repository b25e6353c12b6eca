// Measures how smooth the dashboard is against a running hub (the real one, or dev/mock-hub.mjs).
//
//   node perf/fps.mjs [URL] [SECONDS]      default http://127.0.0.1:8899/ 20      prints one line of JSON
//
// frames: requestAnimationFrame callbacks per second, one sample a second, the first two seconds left out (page load, history).
// longTasks: tasks over 50 ms on the page's thread. busy: share of the time in which the page's thread ran scripts, style or layout.
import { chromium } from 'playwright-core';

const url = process.argv[2] ?? 'http://127.0.0.1:8899/';
const seconds = Number(process.argv[3] ?? 20);
const warmUpSeconds = 2;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--headless=new', '--disable-gpu', '--disable-background-networking', '--enable-precise-memory-info'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
const errors = [];
page.on('pageerror', (error) => errors.push(error.message));
page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));

await page.addInitScript(() => {
  const perf = (globalThis.__perf = { frames: 0, longTasks: [] });
  const frame = () => {
    perf.frames++;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) perf.longTasks.push({ at: Math.round(task.startTime), ms: Math.round(task.duration) });
  }).observe({ type: 'longtask' });
});

await page.goto(url);
await page.waitForSelector('#feed');
const devtools = await page.context().newCDPSession(page);
await devtools.send('Performance.enable');
const taskSeconds = async () => (await devtools.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value;

await page.waitForTimeout(warmUpSeconds * 1000);
const figures = () => page.evaluate(() => ({ now: performance.now(), frames: __perf.frames, rows: Number(document.getElementById('feed').getAttribute('aria-rowcount')), received: Number(/shown ([\d,]+)/.exec(document.querySelector('footer').innerText)[1].replaceAll(',', '')), heap: performance.memory.usedJSHeapSize }));
const first = await figures();
const busyBefore = await taskSeconds();
const rates = [];
let before = first;
for (let second = 0; second < seconds; second++) {
  await page.waitForTimeout(1000);
  const now = await figures();
  rates.push(((now.frames - before.frames) * 1000) / (now.now - before.now));
  before = now;
}
const elapsed = (before.now - first.now) / 1000;
const busy = (await taskSeconds()) - busyBefore;
const longTasks = await page.evaluate(() => __perf.longTasks);
rates.sort((a, b) => a - b);
const quantile = (q) => Number(rates[Math.min(rates.length - 1, Math.floor(q * rates.length))].toFixed(1));
console.log(
  JSON.stringify({
    url,
    seconds,
    framesPerSecond: { min: quantile(0), p5: quantile(0.05), median: quantile(0.5) },
    rowsKept: before.rows,
    rowsPerSecond: Math.round((before.received - first.received) / elapsed),
    longTasks: { count: longTasks.filter((t) => t.at > first.now).length, longestMs: Math.max(0, ...longTasks.filter((t) => t.at > first.now).map((t) => t.ms)), whileLoading: longTasks.filter((t) => t.at <= first.now).length },
    busyPercent: Number(((busy / elapsed) * 100).toFixed(1)),
    heapMiB: Number((before.heap / 2 ** 20).toFixed(1)),
    errors,
  }),
);
await browser.close();
