import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { Chromium } from './support/chromium.ts';
import { PageProgram } from './support/page-program.ts';

describe("arena's page", () => {
  const program = new PageProgram('arena/main');
  const chromium = Chromium.forEachSpec(program);

  async function join(colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await chromium.open(program.address, {
      viewport: { width: 1280, height: 800 },
      colorScheme,
      // Without trails, a player is one disc.
      reducedMotion: 'reduce',
    });
    await page.locator('#state[data-state=open]').waitFor();
    await page.locator('#scores .self').waitFor();
    return page;
  }

  async function ownNumber(page: Page): Promise<string> {
    return (await page.getAttribute('#scores .self', 'data-player'))!;
  }

  /** Where the picture shows a player: the middle of the pixels that have its colour. */
  async function shownAt(page: Page, player: string): Promise<{ x: number; y: number } | null> {
    return page.evaluate((wanted) => {
      const dot = document.querySelector<HTMLElement>(`[data-player="${wanted}"] i`);
      const canvas = document.querySelector<HTMLCanvasElement>('#arena');
      const pen = canvas?.getContext('2d');
      if (!dot || !canvas || !pen) return null;
      const sample = new OffscreenCanvas(1, 1).getContext('2d')!;
      sample.fillStyle = dot.style.background;
      sample.fillRect(0, 0, 1, 1);
      const color = sample.getImageData(0, 0, 1, 1).data;
      const { data, width } = pen.getImageData(0, 0, canvas.width, canvas.height);
      let [sumX, sumY, count] = [0, 0, 0];
      for (let at = 0; at < data.length; at += 4) {
        if (color.some((value, part) => Math.abs(data[at + part]! - value) > 2)) continue;
        sumX += (at / 4) % width;
        sumY += Math.floor(at / 4 / width);
        count += 1;
      }
      return count < 100 ? null : { x: sumX / count, y: sumY / count };
    }, player);
  }

  async function appears(page: Page, player: string): Promise<{ x: number; y: number }> {
    let place: { x: number; y: number } | null = null;
    await chromium.until(async () => (place = await shownAt(page, player)) !== null);
    return place!;
  }

  /** Holds a key, away from the next wall, until the page shows that the player has moved. */
  async function movesByKeys(mover: Page, watcher: Page): Promise<void> {
    const player = await ownNumber(mover);
    const before = await appears(watcher, player);
    const width = await watcher.evaluate(() => document.querySelector('canvas')!.width);
    const isRight = before.x < width / 2;

    await mover.keyboard.down(isRight ? 'ArrowRight' : 'KeyA');
    await chromium.until(async () => {
      const way = (await appears(watcher, player)).x - before.x;
      return isRight ? way > 100 : way < -100;
    });
    await mover.keyboard.up(isRight ? 'ArrowRight' : 'KeyA');
  }

  it('shows two people how the other one moves', async () => {
    const one = await join();
    const two = await join('dark');

    await movesByKeys(one, two);
    await movesByKeys(two, one);
  });

  it('comes to rest when the key is let go', async () => {
    const page = await join();
    await movesByKeys(page, page);
    const player = await ownNumber(page);

    let before = await appears(page, player);
    await chromium.until(async () => {
      const now = await appears(page, player);
      const isStill = Math.hypot(now.x - before.x, now.y - before.y) < 0.01;
      before = now;
      return isStill;
    });
  });

  it('steers by dragging', async () => {
    const page = await join();
    const player = await ownNumber(page);
    const before = await appears(page, player);
    const box = (await page.locator('#arena').boundingBox())!;
    const isDown = before.y < 300;

    await page.mouse.move(box.x + 300, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + (isDown ? 280 : 120));

    await chromium.until(async () => {
      const way = (await appears(page, player)).y - before.y;
      return isDown ? way > 50 : way < -50;
    });
    await page.mouse.up();
  });

  it('steers with a finger, which does not scroll', async () => {
    const page = await join();
    await page.setViewportSize({ width: 360, height: 300 });
    const player = await ownNumber(page);
    const before = await appears(page, player);
    const box = (await page.locator('#arena').boundingBox())!;
    const isDown = before.y < box.height / 2;
    const finger = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', way?: number) =>
      finger.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: way === undefined ? [] : [{ x: box.x + 100, y: box.y + 90 + way }],
      });

    await touch('touchStart', 0);
    for (const part of [0.3, 0.6, 1]) await touch('touchMove', (isDown ? 80 : -80) * part);

    await chromium.until(async () => {
      const way = (await appears(page, player)).y - before.y;
      return isDown ? way > 15 : way < -15;
    });
    await touch('touchEnd');
    expect(await page.evaluate('scrollY')).to.equal(0);
  });

  it('tells who comes and who goes', async () => {
    const one = await join();
    await one.getByText(`You are player ${await ownNumber(one)}.`).waitFor();

    const two = await join('dark');
    const other = await ownNumber(two);
    await one.getByText(`Player ${other} joins.`).waitFor();
    await one.locator(`#scores [data-player="${other}"]`).waitFor();

    await two.close();
    await one.getByText(`Player ${other} leaves.`).waitFor();
    await one.locator(`#scores [data-player="${other}"]`).waitFor({ state: 'detached' });
  });

  it('comes back after the server has gone', async () => {
    const page = await join();

    const ended = program.end('SIGTERM');
    await page.getByText('Server is shutting down.').waitFor();
    expect((await ended).code).to.equal(0);
    await page.locator('#state[data-state=closed]').waitFor();
    await program.start();

    await page.locator('#state[data-state=open]').waitFor();
    await movesByKeys(page, page);
  });

  it('fits a telephone', async () => {
    const page = await join();
    await page.setViewportSize({ width: 320, height: 640 });

    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).to.equal(320);
    await page.screenshot({ path: 'artefacts/arena-narrow.png', fullPage: true });
  });
});
