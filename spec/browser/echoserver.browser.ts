import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { EchoServer } from '../../examples/echoserver/echoserver.ts';
import { fileUrl } from './support/browser.ts';
import { Chromium } from './support/chromium.ts';

describe("echoserver's page", () => {
  let server: EchoServer;
  let page: Page;
  const chromium = Chromium.forEachSpec({
    start: () => (server = new EchoServer(0)),
    stop: () => server.close(),
  });

  beforeEach(async () => {
    page = await chromium.open(fileUrl('build/examples/echoserver/echoclient.html'));
    await page.fill('#url', `ws://localhost:${server.port()}`);
  });

  async function logged(...lines: string[]): Promise<void> {
    await page.locator('#log > :nth-child(' + lines.length + ')').waitFor();
    expect(await page.locator('#log > *').allTextContents()).to.deep.equal(lines);
  }

  it('connects, echoes and disconnects', async () => {
    await page.click('#connect');
    await logged('CONNECTED');
    await page.fill('#text', 'Hällo 👋');
    await page.press('#text', 'Enter');
    await logged('CONNECTED', 'Hällo 👋');
    expect(await page.inputValue('#text')).to.equal('');
    await page.click('#disconnect');

    await logged('CONNECTED', 'Hällo 👋', 'DISCONNECTED');
  });

  it('tells its state', async () => {
    await page.click('#state');
    await page.click('#connect');
    await page.getByText('CONNECTED').waitFor();
    await page.click('#state');

    await logged('WebSocket is null', 'CONNECTED', 'WebSocket state = 1 ( OPEN )');
  });

  it('echoes a message of a megabyte', async () => {
    await page.click('#connect');
    await page.getByText('CONNECTED').waitFor();

    await page.fill('#text', 'é'.repeat(500_000));
    await page.click('#send');

    await page.locator('#log > .message').waitFor();
    expect(await page.locator('#log > .message').textContent()).to.equal('é'.repeat(500_000));
  });

  it('sees the server go', async () => {
    await page.click('#connect');
    await page.getByText('CONNECTED').waitFor();

    server.close();

    await logged('CONNECTED', 'DISCONNECTED');
  });
});
