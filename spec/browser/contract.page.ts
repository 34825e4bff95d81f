// Runs in a page, with mocha's own build for pages; contract.browser.ts starts it and hears of it.
import { QWebSocket } from '../../lib/browser/qwebsocket.ts';
import { Reconnector } from '../../lib/browser/reconnector.ts';
import { itReconnects } from '../support/reconnector-contract.ts';
import { itBehavesLikeAQWebSocket, type EchoPeer } from '../support/socket-contract.ts';

/** As much of the page's fetch() as is used here. */
type Ask = (url: string, options: object) => Promise<{ text(): Promise<string> }>;

const { fetch: ask } = globalThis as unknown as { fetch: Ask };

async function startPeer(): Promise<EchoPeer> {
  const answer = await ask('/start-peer', { method: 'POST' });
  const url = await answer.text();
  return { url, stop: () => ask('/stop-peer', { method: 'POST', body: url }) };
}

describe('QWebSocket (browser)', () => {
  // Browsers drop what comes when the page has closed (WHATWG WebSockets §4).
  itBehavesLikeAQWebSocket(() => new QWebSocket(), startPeer, { hearsWhileClosing: false });
  itReconnects((options) => new Reconnector(new QWebSocket(), options), startPeer);
});
