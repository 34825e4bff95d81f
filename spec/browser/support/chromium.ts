import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { faultsOf, launchBrowser } from './browser.ts';

/** How long {@link Chromium.until} leaves the page and the server alone before it asks again, in milliseconds. */
const PAUSE = 10;

/** What the pages of a spec talk to: a server or a program, a new one for each spec. */
export interface Counterpart {
  start?(): unknown;
  stop(): unknown;
}

/** Chromium, the pages that a spec opens in it, and what goes wrong in them. */
export class Chromium {
  #browser: Browser | undefined;
  #pages: Page[] = [];
  #faults: string[][] = [];
  #specs = 0;

  /**
   * Has Chromium run for the specs of the `describe` that this is called in. Behind each spec it
   * closes the pages, has the counterpart stop, and fails if anything has gone wrong in a page.
   */
  static forEachSpec(counterpart?: Counterpart): Chromium {
    const chromium = new Chromium();
    before(async () => {
      chromium.#browser = await launchBrowser();
    });
    after(() => chromium.#browser?.close());
    beforeEach(() => counterpart?.start?.());
    afterEach(async () => {
      await chromium.#closePages();
      await counterpart?.stop();
      expect(chromium.takeFaults()).to.deep.equal([]);
    });
    return chromium;
  }

  /** An empty page in a window of its own, as another person would have it. */
  async newPage(options?: BrowserContextOptions): Promise<Page> {
    const page = await this.#browser!.newPage(options);
    this.#pages.push(page);
    this.#faults.push(faultsOf(page));
    return page;
  }

  /** The same with the page at `url`. */
  async open(url: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await this.newPage(options);
    await page.goto(url);
    return page;
  }

  /** What has gone wrong in the pages so far: that was meant to, and does not fail the spec. */
  takeFaults(): string[] {
    return this.#faults.flatMap((faults) => faults.splice(0));
  }

  /** Asks again and again until the answer is yes; gives up when the spec has ended without it. */
  async until(question: () => boolean | Promise<boolean>): Promise<void> {
    const spec = this.#specs;
    while (!(await question())) {
      await setTimeout(PAUSE);
      if (spec !== this.#specs) throw new Error(`The spec has ended before ${String(question)}.`);
    }
  }

  async #closePages(): Promise<void> {
    this.#specs++;
    const pages = this.#pages.splice(0);
    for (const page of pages) await page.close();
  }
}
