import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { stub, type SinonStub } from 'sinon';
import { SslEchoServer } from '../../examples/sslechoserver/sslechoserver.ts';
import { faultsOf, fileUrl, launchBrowser } from './support/browser.ts';

describe("sslechoserver's page", () => {
  let browser: Browser;
  let print: SinonStub;
  let server: SslEchoServer;

  before(async () => {
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
  });

  beforeEach(() => {
    print = stub(console, 'error');
    server = new SslEchoServer(0);
  });

  afterEach(() => {
    server.close();
    print.restore();
  });

  async function openPage(ignoreHTTPSErrors: boolean): Promise<Page> {
    const page = await browser.newPage({ ignoreHTTPSErrors });
    await page.goto(fileUrl('build/examples/sslechoserver/sslechoclient.html'));
    await page.fill('#url', `wss://localhost:${server.port()}`);
    return page;
  }

  it('connects, echoes and disconnects once the certificate is allowed', async () => {
    const page = await openPage(true);
    const faults = faultsOf(page);

    await page.click('#connect');
    await page.fill('#text', 'Hällo 👋');
    await page.getByText('CONNECTED').waitFor();
    await page.press('#text', 'Enter');
    await page.locator('#log > .message').waitFor();
    await page.click('#disconnect');
    await page.getByText('DISCONNECTED').waitFor();

    const lines = await page.locator('#log > *').allTextContents();
    expect(lines).to.deep.equal(['CONNECTED', 'Hällo 👋', 'DISCONNECTED']);
    expect(faults).to.deep.equal([]);
    await page.close();
  });

  it('says where the certificate can be allowed when the browser refuses it', async () => {
    const page = await openPage(false);

    await page.click('#connect');
    await page.getByText('DISCONNECTED').waitFor();

    const lines = await page.locator('#log > *').allTextContents();
    expect(lines).to.deep.equal(['ERROR: The connection failed.', 'DISCONNECTED']);
    expect(await page.getAttribute('#address', 'href')).to.equal(
      `https://localhost:${server.port()}`,
    );
    await page.close();
  });
});
