import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { startApplication, type ChatElectron } from '../../examples/electron/application.ts';
import { bundle } from '../../examples/electron/bundle.ts';
import { faultsOf, launchBrowser } from './support/browser.ts';
import { ChromiumElectron } from './support/chromium-electron.ts';

// Chromium in the place of Electron: see ChromiumElectron.
describe("electron's windows", () => {
  let browser: Browser;
  let electron: ChromiumElectron;
  let faults: string[];

  before(async () => {
    browser = await launchBrowser();
    await bundle();
  });

  after(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    electron = new ChromiumElectron(browser);
    await startApplication(electron as unknown as ChatElectron);
    faults = electron.pages.flatMap((page) => faultsOf(page));
  });

  afterEach(async () => {
    electron.app.emit('quit');
    await electron.close();
  });

  function windows(): [Page, Page] {
    return electron.pages as [Page, Page];
  }

  it('hear each other, with keys alone', async () => {
    const [one, other] = windows();
    await one.getByText('Open', { exact: true }).waitFor();
    await one.keyboard.type('Hello, window!');
    await one.keyboard.press('Enter');

    await other.getByText(': Hello, window!').waitFor();
    await one.getByText(': Hello, window!').waitFor();
    expect(await one.getByLabel('Message', { exact: true }).inputValue()).to.equal('');
    expect(faults).to.deep.equal([]);
  });

  it('leave when they are reloaded, and come again', async () => {
    const [one, other] = windows();
    await other.getByText('Window 2 is here.').waitFor();
    await one.reload();

    await other.getByText('Window 1 has left.').waitFor();
    await other.getByText('Window 3 is here.').waitFor();
  });

  it('cannot connect by themselves', async () => {
    const [one] = windows();
    const room = await one.locator('#room').getAttribute('content');
    const violated = await one.evaluate(
      (url) =>
        new Promise((resolve) => {
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
            resolve(effectiveDirective),
          );
          void new WebSocket(url);
        }),
      room!,
    );

    expect(violated).to.equal('connect-src');
  });

  it('go on after the machine has slept', async () => {
    const [one] = windows();
    await one.getByText('Window 2 is here.').waitFor();
    electron.powerMonitor.emit('suspend');
    electron.powerMonitor.emit('resume');
    await one.keyboard.type('Still here.');
    await one.keyboard.press('Enter');

    await one.getByText(': Still here.').waitFor();
  });
});
