import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { Chromium } from './support/chromium.ts';
import { PageProgram } from './support/page-program.ts';

/** Before its first attempt to come back, the page waits for half a second at the most, in milliseconds. */
const LONGEST_WAIT = 500;

describe("stockticker's page", () => {
  const program = new PageProgram('stockticker/main', '--seed=5', '--interval=5');
  const chromium = Chromium.forEachSpec(program);
  let page: Page;
  let pushes: { symbol: string; price: number }[];

  beforeEach(async () => {
    page = await chromium.newPage({ colorScheme: 'light', viewport: { width: 1280, height: 880 } });
    pushes = [];
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        const message = JSON.parse(String(payload)) as { type: string } & (typeof pushes)[number];
        if (message.type === 'price') pushes.push(message);
      });
    });
    await page.goto(program.address);
    await inState('open');
  });

  async function inState(state: 'open' | 'closed'): Promise<void> {
    await page.locator(`#state[data-state=${state}]`).waitFor();
  }

  async function watched(...symbols: string[]): Promise<void> {
    const cells = page.locator('#prices th');
    await chromium.until(async () => (await cells.allTextContents()).join() === symbols.join());
  }

  /** Has the page's clock stand still: it neither makes an attempt to come back nor pings. */
  async function standStill(): Promise<void> {
    await page.clock.install();
    await page.reload();
    await inState('open');
    await page.clock.pauseAt(Date.now() + 60_000);
  }

  async function priceMoves(symbol: string): Promise<void> {
    const price = page.locator(`tr[data-symbol=${symbol}] .price`);
    const before = (await price.textContent()) ?? '';
    await price.filter({ hasNotText: before }).waitFor();
  }

  async function pushesOf(...symbols: string[]): Promise<void> {
    const isThere = (wanted: string) => pushes.some(({ symbol }) => symbol === wanted);
    await chromium.until(() => symbols.every(isThere));
  }

  async function choose(...symbols: string[]): Promise<void> {
    await page.click('#none');
    for (const symbol of symbols) await page.check(`input[value=${symbol}]`);
    await watched(...symbols);
  }

  it('shows prices that move, from the first visit on', async () => {
    await watched('AAPL', 'ADBE', 'AMD', 'AMZN', 'ASML', 'CRM', 'CSCO');

    await priceMoves('AAPL');
    await priceMoves('CRM');
  });

  it('gets pushes for what is chosen only', async () => {
    await choose('NVDA', 'TSLA');
    // What came on the way here may be of what was chosen before.
    await pushesOf('NVDA', 'TSLA');
    pushes.length = 0;

    await pushesOf('NVDA', 'TSLA');

    expect(new Set(pushes.map(({ symbol }) => symbol))).to.deep.equal(new Set(['NVDA', 'TSLA']));
  });

  it('finds symbols', async () => {
    await page.fill('#search', 'ms');

    expect(await page.locator('#symbols label:visible').allTextContents()).to.deep.equal(['MSFT']);
  });

  it('remembers the choice', async () => {
    await choose('IBM', 'SAP');

    await page.reload();

    await watched('IBM', 'SAP');
  });

  it('shows the round trip', async () => {
    await page.locator('#roundtrip', { hasText: /^\d+\.\d ms$/ }).waitFor();
  });

  it('draws the trend of each symbol', async () => {
    await choose('AAPL', 'MSFT');
    const canvas = page.locator('[data-symbol=MSFT] canvas');
    const before = await canvas.screenshot();

    await chromium.until(async () => !before.equals(await canvas.screenshot()));

    expect(await page.locator('#prices canvas').count()).to.equal(2);
  });

  it('shows one symbol in detail: the first, until another one is clicked', async () => {
    await choose('AAPL', 'MSFT');
    expect(await page.textContent('#detail-title')).to.equal('AAPL');

    await page.click('[data-symbol=MSFT] .price');

    expect(await page.textContent('#detail-title')).to.equal('MSFT');
    const chart = page.locator('#chart');
    const before = await chart.screenshot();
    await chromium.until(async () => !before.equals(await chart.screenshot()));
  });

  it('shows another one in detail when that one is not watched any longer', async () => {
    await choose('AAPL', 'MSFT');

    await page.uncheck('input[value=AAPL]');
    await watched('MSFT');
    expect(await page.textContent('#detail-title')).to.equal('MSFT');

    await page.click('#none');
    await watched();
    expect(await page.isHidden('#detail')).to.equal(true);
    expect(await page.isVisible('#empty')).to.equal(true);
  });

  it('tells up from down by more than colours', async () => {
    await choose('AAPL', 'MSFT', 'SAP', 'TSLA');

    for (const symbol of ['AAPL', 'MSFT', 'SAP', 'TSLA']) {
      await page
        .locator(`[data-symbol=${symbol}] .change:not(.percent)`, {
          hasText: /^(▲ \+|▼ −|● )\d+\.\d\d$/,
        })
        .waitFor();
    }
    await page.locator('#detail .change', { hasText: /^(▲ \+|▼ −|● )/ }).waitFor();
  });

  it('can be used with the keyboard', async () => {
    await page.click('#none');
    await watched();

    await page.keyboard.press('/');
    await page.keyboard.type('goog');
    await page.keyboard.press('Enter');
    await page.fill('#search', '');
    await page.focus('input[value=IBM]');
    await page.keyboard.press('Space');
    await watched('GOOG', 'IBM');

    await page.focus('[data-symbol=GOOG] button');
    await page.keyboard.press('ArrowDown');
    expect(await page.textContent('#detail-title')).to.equal('IBM');
    expect(await page.getAttribute('[data-symbol=IBM] button', 'aria-pressed')).to.equal('true');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    expect(await page.textContent('#detail-title')).to.equal('GOOG');
  });

  for (const width of [320, 800]) {
    it(`needs no more than ${width} px where there are no more`, async () => {
      await page.setViewportSize({ width, height: 700 });
      await priceMoves('AAPL');

      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(width);
    });
  }

  it('comes back by itself after the server was killed, with the same symbols', async () => {
    await choose('IBM', 'TSLA');
    await standStill();
    await program.end('SIGKILL');
    await inState('closed');
    await program.start();

    await page.clock.fastForward(LONGEST_WAIT);
    await page.clock.resume();

    await inState('open');
    await watched('IBM', 'TSLA');
    await priceMoves('IBM');
    await priceMoves('TSLA');
  });

  it('says when the server has gone, and tries again at once when told to', async () => {
    await standStill();
    expect((await program.end('SIGTERM')).code).to.equal(0);
    await inState('closed');
    expect(await page.textContent('#state')).to.equal('Disconnected');

    await program.start();
    await page.click('#reconnect');

    await inState('open');
  });

  it('looks good', async () => {
    await page.check('input[value=TSLA]');
    await page.check('input[value=MSFT]');
    await chromium.until(() => pushes.length >= 100);
    await page.screenshot({ path: 'artefacts/stockticker.png', fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await chromium.until(() => pushes.length >= 150);
    await page.screenshot({ path: 'artefacts/stockticker-dark.png', fullPage: true });

    const ground = await page.evaluate(`getComputedStyle(document.body).backgroundColor`);
    expect(ground).to.equal('rgb(13, 16, 21)');
  });
});
