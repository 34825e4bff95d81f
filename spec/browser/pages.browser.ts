import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { fileUrl, launchBrowser } from './support/browser.ts';

const BUILT = 'build/examples';
const pages = readdirSync(BUILT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.html'))
  .map((name) => join(BUILT, name));
const styled = pages.filter((path) => readFileSync(path, 'utf8').includes('support/page.css'));

describe("the examples' pages", () => {
  let browser: Browser;
  let page: Page;
  let addresses: string[];

  before(async () => {
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 320, height: 600 } });
    page.on('request', (request) => addresses.push(request.url()));
  });

  after(async () => {
    await browser.close();
  });

  async function open(path: string): Promise<void> {
    addresses = [];
    await page.goto(fileUrl(path));
  }

  it('are there', () => {
    expect(styled.length).to.be.greaterThan(2);
  });

  for (const path of styled) {
    describe(path, () => {
      before(() => open(path));

      it('fits a window of 320 px', async () => {
        const width = await page.evaluate(() => document.documentElement.scrollWidth);

        expect(width).to.be.lessThan(321);
      });

      it('fetches nothing from anywhere else', () => {
        expect(addresses.length).to.be.greaterThan(0);
        expect(addresses.filter((address) => !/^(?:file|data):/.test(address))).to.deep.equal([]);
      });

      it('says what each of its controls is', async () => {
        const controls = page.locator('input, select, textarea, button, [tabindex]');
        const nameless = await controls.evaluateAll((elements) =>
          elements
            .filter((element) => {
              const labels = element instanceof HTMLInputElement ? element.labels : null;
              const texts = [element.ariaLabel, labels?.[0]?.textContent, element.textContent];
              return !texts.some((text) => (text ?? '').trim() !== '');
            })
            .map((element) => element.outerHTML),
        );

        expect(nameless).to.deep.equal([]);
      });
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`have text that can be read, ${colorScheme}`, async () => {
      await open(styled[0]!);
      await page.emulateMedia({ colorScheme });
      const colour = (name: string) =>
        page.evaluate(
          (property) => getComputedStyle(document.body).getPropertyValue(property),
          `--${name}`,
        );

      const pairs = ['ground', 'card'].flatMap((below) =>
        ['ink', 'faint', 'accent', 'good', 'bad', 'wait'].map((text) => [text, below] as const),
      );
      for (const [text, below] of [...pairs, ['on-accent', 'accent'] as const]) {
        const ratio = contrast(await colour(text), await colour(below));
        expect(ratio, `${text} on ${below}`).to.be.greaterThan(4.5);
      }
    });
  }
});

/** How much two colours differ in brightness: WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}

function luminance(colour: string): number {
  const [, red = '', green = '', blue = ''] = /^#(..)(..)(..)$/.exec(colour) ?? [];
  const [r, g, b] = [red, green, blue].map((digits) => {
    const share = Number.parseInt(digits, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
