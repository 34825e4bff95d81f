// The page of the scenarios, with mocha's own build for pages; see scenarios.ts.
import { QWebSocket } from '../../../lib/electron/qwebsocket.ts';
import { Reconnector } from '../../../lib/electron/reconnector.ts';
import { itReconnects } from '../../support/reconnector-contract.ts';
import { itBehavesLikeAQWebSocket, type EchoPeer } from '../../support/socket-contract.ts';
import type { Outcome } from './scenarios.ts';

interface Page {
  readonly outside: {
    startPeer(): Promise<string>;
    stopPeer(url: string): Promise<void>;
    report(outcome: Outcome): Promise<void>;
  };
  readonly mocha: {
    run(done: () => void): {
      on(event: 'pass', listener: (test: Title) => void): unknown;
      on(event: 'fail', listener: (test: Title, error: Error) => void): unknown;
    };
  };
}

interface Title {
  fullTitle(): string;
}

const { outside, mocha } = globalThis as unknown as Page;

async function startPeer(): Promise<EchoPeer> {
  const url = await outside.startPeer();
  return { url, stop: () => outside.stopPeer(url) };
}

describe('QWebSocket of a sandboxed page', () => {
  itBehavesLikeAQWebSocket(() => new QWebSocket(), startPeer);
  itReconnects((options) => new Reconnector(new QWebSocket(), options), startPeer);
});

const outcome: Outcome = { passed: [], failed: [] };
const runner = mocha.run(() => void outside.report(outcome));
runner.on('pass', (test) => outcome.passed.push(test.fullTitle()));

runner.on('fail', (test, error) => outcome.failed.push(`${test.fullTitle()}: ${error.message}`));
