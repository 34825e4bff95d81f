import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { launchBrowser } from './support/browser.ts';
import { bundle } from './support/bundles.ts';
import { Pages } from './support/page-server.ts';

/** What mocha found out in the page. */
interface Outcome {
  readonly passed: string[];
  readonly failed: string[];
}

const PAGE = `<!doctype html><link rel="icon" href="data:," /><div id="mocha"></div>
<script src="/mocha.js"></script>
<script>mocha.setup({ ui: 'bdd', timeout: 20000, reporter: class {} });</script>
<script type="module" src="/contract.js"></script>`;

describe('QWebSocket in Chromium', () => {
  let browser: Browser;
  let pages: Pages;

  before(async () => {
    browser = await launchBrowser();
    const entry = resolve('build/spec/browser/contract.page.js');
    // An entry point of its own: an import for its effect would be dropped (sideEffects: false).
    const contract = await bundle('', { entryPoints: [entry], stdin: undefined!, minify: false });
    pages = await Pages.serve({
      '/': PAGE,
      '/mocha.js': readFileSync('node_modules/mocha/mocha.js', 'utf8'),
      '/contract.js': contract.code,
    });
  });

  after(async () => {
    pages.close();
    await browser.close();
  });

  it('keeps to the contract of all backends', async () => {
    const peers = new Map<string, WsEchoPeer>();
    const page = await browser.newPage();
    await page.exposeFunction('startPeer', async () => {
      const peer = await WsEchoPeer.start();
      peers.set(peer.url, peer);
      return peer.url;
    });
    await page.exposeFunction('stopPeer', (url: string) => peers.get(url)!.stop());
    await page.goto(pages.origin);

    const { passed, failed } = (await page.evaluate(`new Promise((resolve) => {
      const outcome = { passed: [], failed: [] };
      mocha.run(() => resolve(outcome))
        .on('pass', (test) => outcome.passed.push(test.fullTitle()))
        .on('fail', (test, error) => outcome.failed.push(test.fullTitle() + ': ' + error.message));
    })`)) as Outcome;
    await page.close();

    expect(failed).to.deep.equal([]);
    // As many as there were when this was written, at least: none would be no failure either.
    expect(passed.length).to.be.greaterThan(40);
  });
});
