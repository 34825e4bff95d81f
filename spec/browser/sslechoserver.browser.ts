import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { stub, type SinonStub } from 'sinon';
import { SslEchoServer } from '../../examples/sslechoserver/sslechoserver.ts';
import { fileUrl } from './support/browser.ts';
import { Chromium } from './support/chromium.ts';

describe("sslechoserver's page", () => {
  let print: SinonStub;
  let server: SslEchoServer;
  const chromium = Chromium.forEachSpec({
    start() {
      print = stub(console, 'error');
      server = new SslEchoServer(0);
    },
    stop() {
      server.close();
      print.restore();
    },
  });

  async function openPage(ignoreHTTPSErrors: boolean): Promise<Page> {
    const address = fileUrl('build/examples/sslechoserver/sslechoclient.html');
    const page = await chromium.open(address, { ignoreHTTPSErrors });
    await page.fill('#url', `wss://localhost:${server.port()}`);
    return page;
  }

  it('connects, echoes and disconnects once the certificate is allowed', async () => {
    const page = await openPage(true);

    await page.click('#connect');
    await page.fill('#text', 'Hällo 👋');
    await page.getByText('CONNECTED').waitFor();
    await page.press('#text', 'Enter');
    await page.locator('#log > .message').waitFor();
    await page.click('#disconnect');
    await page.getByText('DISCONNECTED').waitFor();

    const lines = await page.locator('#log > *').allTextContents();
    expect(lines).to.deep.equal(['CONNECTED', 'Hällo 👋', 'DISCONNECTED']);
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
    expect(chromium.takeFaults().join()).to.include('ERR_CERT_AUTHORITY_INVALID');
  });
});
