import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { makeBundles } from '../electron/app/bundles.ts';
import { pageScenarios, type ScenarioElectron } from '../electron/app/scenarios.ts';
import { launchBrowser } from './support/browser.ts';
import { ChromiumElectron } from './support/chromium-electron.ts';

// No Electron: Chromium's pages and isolated worlds, and stand-ins for what Electron adds.
describe("QWebSocket of an Electron page, in Chromium's isolated worlds", () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
    await makeBundles();
  });

  after(async () => {
    await browser.close();
  });

  it('keeps to the contract of all backends', async () => {
    const electron = new ChromiumElectron(browser);
    const { passed, failed } = await pageScenarios(electron as unknown as ScenarioElectron);
    await electron.close();

    expect(failed).to.deep.equal([]);
    // As many as there were when this was written, at least: none would be no failure either.
    expect(passed.length).to.be.greaterThan(40);
  });
});
