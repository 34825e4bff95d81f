// Runs in a page, with mocha's own build for pages; contract.browser.ts starts it.
import { QWebSocket } from '../../lib/browser/qwebsocket.ts';
import { itBehavesLikeAQWebSocket, type EchoPeer } from '../support/socket-contract.ts';

/** What the page is given from outside. */
interface Outside {
  startPeer(): Promise<string>;
  stopPeer(url: string): Promise<void>;
}

const outside = globalThis as unknown as Outside;

async function startPeer(): Promise<EchoPeer> {
  const url = await outside.startPeer();
  return { url, stop: () => outside.stopPeer(url) };
}

describe('QWebSocket (browser)', () => {
  // Chromium, like every browser, drops what comes when the page has closed (WHATWG WebSockets §4).
  itBehavesLikeAQWebSocket(() => new QWebSocket(), startPeer, { hearsWhileClosing: false });
});
