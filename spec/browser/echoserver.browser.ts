import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { EchoServer } from '../../examples/echoserver/echoserver.ts';
import { faultsOf, fileUrl, launchBrowser } from './support/browser.ts';

describe("echoserver's page", () => {
  let browser: Browser;
  let server: EchoServer;
  let page: Page;
  let faults: string[];

  before(async () => {
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    server = new EchoServer(0);
    page = await browser.newPage();
    faults = faultsOf(page);
    await page.goto(fileUrl('build/examples/echoserver/echoclient.html'));
    await page.fill('#url', `ws://localhost:${server.port()}`);
  });

  afterEach(async () => {
    await page.close();
    server.close();
    expect(faults).to.deep.equal([]);
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
