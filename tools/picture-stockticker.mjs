// Makes the pictures of the stock ticker's page that the README shows.
//
//   node tools/picture-stockticker.mjs [FOLDER]
//
// FOLDER is docs/images without one. The prices are those of a seeded walk, the clock stands where
// it is put, and no server runs: the pictures are the same whenever they are made. Needs Chromium
// (CHROMIUM names the binary) and the font Inter (Debian: fonts-inter), which stands in for the
// system's.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { setUp } from './setup.mjs';

const SEED = 14;
const STEPS = 1800;
const PAUSE = 50;
const END = Date.UTC(2026, 10, 20, 14, 30);
const ROUND_TRIP = 1;
const CHOSEN = ['AAPL', 'AMZN', 'ASML', 'IBM', 'MSFT', 'NVDA', 'TSLA'];
const LOOKED_AT = 'MSFT';
const SIZE = { width: 1200, height: 836 };
const ADDRESS = 'http://stockticker.example/';

const at = (path) => new URL(`../${path}`, import.meta.url);

process.exitCode = setUp('examples');
const { RandomWalk, roundToCents } = await import('../build/examples/stockticker/feed.js');
const walk = new RandomWalk(SEED, PAUSE);
const steps = Array.from({ length: STEPS }, (_, index) => {
  const { symbol, price } = walk.next();
  const change = roundToCents(price - walk.openings.get(symbol));
  return { symbol, price, change, time: END - (STEPS - index) * PAUSE };
});
if (process.exitCode === 0) await main(process.argv[2] ?? at('docs/images').pathname);

async function main(folder) {
  if (!execFileSync('fc-list', [':family=Inter'], { encoding: 'utf8' }).includes('Inter')) {
    throw new Error('The font Inter is missing (Debian: fonts-inter).');
  }
  const temporary = mkdtempSync(join(tmpdir(), 'picture-'));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    env: { ...process.env, FONTCONFIG_FILE: fontConfiguration(temporary) },
  });
  try {
    await picture(browser, 'light', join(folder, 'stockticker.png'));
    await picture(browser, 'dark', join(folder, 'stockticker-dark.png'));
  } finally {
    await browser.close();
    rmSync(temporary, { recursive: true });
  }
}

/** Has `system-ui` and `sans-serif` be Inter, wherever this runs. */
function fontConfiguration(folder) {
  const path = join(folder, 'fonts.conf');
  const aliases = ['system-ui', 'sans-serif'].map(
    (name) => `<match target="pattern"><test name="family"><string>${name}</string></test>
      <edit name="family" mode="assign" binding="strong"><string>Inter</string></edit></match>`,
  );
  writeFileSync(
    path,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
    <fontconfig><dir>/usr/share/fonts</dir><cachedir>${folder}</cachedir>${aliases.join('')}</fontconfig>`,
  );
  return path;
}

async function picture(browser, colorScheme, path) {
  const page = await browser.newPage({
    viewport: SIZE,
    colorScheme,
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  await page.route(`${ADDRESS}**`, (route) => route.fulfill(fileFor(route.request().url())));
  await page.addInitScript(
    ([key, symbols]) => localStorage.setItem(key, JSON.stringify(symbols)),
    ['stockticker.symbols', CHOSEN],
  );
  await page.routeWebSocket('**/feed', (socket) => {
    socket.onMessage((text) => answer(page, socket, JSON.parse(text)));
  });
  await page.clock.install({ time: END - 1000 });
  await page.clock.pauseAt(END);
  await page.goto(ADDRESS);
  await page.getByText(`${ROUND_TRIP}.0 ms`).waitFor();
  await page.getByRole('button', { name: LOOKED_AT }).click();
  await page.mouse.move(0, 0);
  // Once to show what has come, and once for the colours that fade after a change.
  await page.clock.runFor(100);
  await page.evaluate('document.activeElement.blur()');
  await page.screenshot({ path, animations: 'disabled' });
  await page.close();
}

function fileFor(url) {
  const { pathname } = new URL(url);
  const path = pathname === '/' ? 'stockticker/index.html' : pathname.slice(1);
  return { path: at(`build/examples/${path}`).pathname };
}

/** Says what the server would say, all at once. */
async function answer(page, socket, { type, id }) {
  const say = (message) => socket.send(JSON.stringify(message));
  if (type === 'list') say({ type: 'symbols', symbols: [...walk.openings.keys()] });
  if (type === 'subscribe') {
    say({ type: 'subscribed', symbols: CHOSEN });
    for (const step of steps) if (CHOSEN.includes(step.symbol)) say({ type: 'price', ...step });
  }
  if (type === 'ping') {
    await page.clock.runFor(ROUND_TRIP);
    say({ type: 'pong', id });
  }
}
