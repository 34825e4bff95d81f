import { expect } from 'chai';
import { createServer, type Server, type Socket } from 'node:net';
import type { Page } from 'playwright-core';
import { listenOnLoopback } from '../support/ports.ts';
import { Chromium } from './support/chromium.ts';
import { PageProgram } from './support/page-program.ts';

describe("bridge's page", () => {
  const program = new PageProgram('bridge/main');
  // Each spec starts the program itself, with what it is to show.
  const chromium = Chromium.forEachSpec({ stop: () => program.stop() });
  let page: Page;

  beforeEach(async () => {
    page = await chromium.newPage({ viewport: { width: 900, height: 700 } });
  });

  async function open(...args: string[]): Promise<void> {
    await program.start(...args);
    await page.goto(program.address);
    await page.locator('[data-live=state][data-state=open]').first().waitFor();
  }

  it('shows what comes, and sends what is typed', async () => {
    await open();
    await page.locator('output', { hasText: /^temperature \d\d\.\d wanted 21\.0$/ }).waitFor();
    await page.locator('.service[data-state=open]').waitFor();

    await page.fill('input', 'set 27.5');
    await page.keyboard.press('Enter');

    await page.locator('output', { hasText: 'wanted 27.5' }).waitFor();
    await page.locator('.log', { hasText: 'wanted 27.5' }).waitFor();
    expect(await page.inputValue('input')).to.equal('');
  });

  it('cannot be led astray by what a service says', async () => {
    const accepted: Socket[] = [];
    const service = createServer((socket) => {
      accepted.push(socket);
      socket.write('<img src=x onerror="document.title = 1"><b>bold</b>\n');
    });
    await open(...(await placeOf(service)));

    await page.locator('output', { hasText: '<b>bold</b>' }).waitFor();

    expect(await page.locator('section b, section img').count()).to.equal(0);
    service.close();
    accepted[0]!.destroy();
  });

  it('tells when the service goes away', async () => {
    const accepted: Socket[] = [];
    const service = createServer((socket) => {
      accepted.push(socket);
      socket.write('still here\n');
    });
    await open(...(await placeOf(service)));
    await page.locator('output', { hasText: 'still here' }).waitFor();
    expect(await page.isHidden('form')).to.equal(true);

    service.close();
    accepted[0]!.end();

    await page.locator('.service[data-state=closed]', { hasText: 'Service is away' }).waitFor();
    await page.locator('.reason', { hasText: 'The service has closed the connection.' }).waitFor();
  });

  it('keeps a line that could not be sent, and does not vouch for the service meanwhile', async () => {
    await open();
    await page.locator('.service[data-state=open]').waitFor();

    program.signal('SIGTERM');
    await page.locator('[data-live=state][data-state=closed]').waitFor();
    await page.fill('input', 'set 27.5');
    await page.keyboard.press('Enter');

    expect(await page.inputValue('input')).to.equal('set 27.5');
    expect(await page.isHidden('.service')).to.equal(true);
  });

  it('shows a card for each service, and fits a telephone', async () => {
    await page.setViewportSize({ width: 320, height: 700 });
    const service = createServer();
    await open(...(await placeOf(service)), '--poll=http://127.0.0.1:1/with/a/rather/long/path');
    await page.locator('.reason:visible').waitFor();

    expect(await page.locator('section').count()).to.equal(2);
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(320);
    service.close();
  });

  async function placeOf(service: Server): Promise<string[]> {
    return [`--tcp=127.0.0.1:${await listenOnLoopback(service)}`];
  }
});
