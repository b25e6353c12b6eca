// What both browser checks need.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { chromium } = createRequire(join(root, 'front', 'package.json'))('playwright-core');
const waitMs = 60_000;

/** Polls until the condition holds: a bound on the whole, nothing asserted about how long it took. */
export async function until(what, condition) {
  const end = Date.now() + waitMs;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    if (Date.now() > end) throw new Error(`did not happen: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--headless=new', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });

/** Texts of the rows that are on the screen. */
export const rowsOf = (page) => page.locator('#feed .row:not(.notice)').evaluateAll((all) => all.map((row) => row.innerText.replace(/\s+/g, ' ')));

/** Types a filter and applies it. */
export async function filter(page, text) {
  await page.locator('.cm-content').first().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
  await page.keyboard.press('Escape');
  await page.locator('.cm-content').first().click();
  await page.keyboard.press('Enter');
}
