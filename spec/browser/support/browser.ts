// The types of playwright-core speak of the elements of a page.
/// <reference lib="dom" />
import { chromium, type Browser, type Page } from 'playwright-core';

/** Chromium without a window, and without anything it does on its own over the network. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Everything that goes wrong in a page, as it happens. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // A server that is down on purpose is not the page's fault.
    const isExpected = message.text().includes('ERR_CONNECTION_REFUSED');
    if (message.type() === 'error' && !isExpected) faults.push(message.text());
  });
  return faults;
}

/** The address of a page that is opened as a file. */
export function fileUrl(path: string): string {
  return new URL(path, `file://${process.cwd()}/`).href;
}
