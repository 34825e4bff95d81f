import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { launchBrowser } from './support/browser.ts';
import { bundle } from './support/bundles.ts';
import { Firefox } from './support/firefox.ts';
import { Pages } from './support/page-server.ts';

/** What mocha found out in the page. */
interface Outcome {
  readonly passed: string[];
  readonly failed: string[];
}

const PAGE = `<!doctype html><link rel="icon" href="data:," /><div id="mocha"></div>
<script src="/mocha.js"></script>
<script>mocha.setup({ ui: 'bdd', timeout: 20000, reporter: class {} });</script>
<script type="module" src="/contract.js"></script>
<script type="module">
  const outcome = { passed: [], failed: [] };
  mocha.run(() => fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) }))
    .on('pass', (test) => outcome.passed.push(test.fullTitle()))
    .on('fail', (test, error) => outcome.failed.push(test.fullTitle() + ': ' + error.message));
</script>`;

/** Shows a page to a browser; returns how to end that. */
type Show = (url: string) => Promise<() => Promise<void>>;

const browsers: Record<string, Show> = {
  Chromium: async (url) => {
    const browser = await launchBrowser();
    const page = await browser.newPage();
    await page.goto(url);
    return () => browser.close();
  },
  Firefox: async (url) => {
    const firefox = new Firefox(url);
    return () => firefox.close();
  },
};

describe('QWebSocket', () => {
  let pages: Pages;
  let close: () => Promise<void>;

  afterEach(async () => {
    await close();
    pages.close();
  });

  for (const [name, show] of Object.entries(browsers)) {
    it(`keeps to the contract of all backends in ${name}`, async () => {
      const peers = new Map<string, WsEchoPeer>();
      const entry = resolve('build/spec/browser/contract.page.js');
      // An entry point of its own: an import for its effect would be dropped (sideEffects: false).
      const contract = await bundle('', { entryPoints: [entry], stdin: undefined!, minify: false });
      let finish!: (outcome: Outcome) => void;
      const finished = new Promise<Outcome>((done) => (finish = done));
      const files = {
        '/': PAGE,
        '/mocha.js': readFileSync('node_modules/mocha/mocha.js', 'utf8'),
        '/contract.js': contract.code,
      };
      pages = await Pages.serve(files, {
        posts: {
          '/start-peer': async () => {
            const peer = await WsEchoPeer.start();
            peers.set(peer.url, peer);
            return peer.url;
          },
          '/stop-peer': (url) => peers.get(url)!.stop(),
          '/outcome': (text) => finish(JSON.parse(text) as Outcome),
        },
      });

      close = await show(pages.origin);
      const { passed, failed } = await finished;

      expect(failed).to.deep.equal([]);
      // As many as there were when this was written, or more: none would be no failure either.
      expect(passed.length).to.be.greaterThan(40);
    });
  }
});
