// What a real Electron is started with: tools/test-electron.mjs. It says what it found in one line.
import * as electron from 'electron';
import Mocha from 'mocha';
import { NetWebSocket } from '../../../lib/electron/net-websocket.ts';
import { Reconnector } from '../../../lib/node/reconnector.ts';
import { WsEchoPeer } from '../../support/echo-peer.ts';
import { itReconnects } from '../../support/reconnector-contract.ts';
import { itBehavesLikeAQWebSocket } from '../../support/socket-contract.ts';
import { pageScenarios, type Outcome } from './scenarios.ts';

// Not with `await` out here: Electron is not ready before this module has been run.
void pageScenarios(electron)
  .then(async (page) => ({ page, net: await netScenarios() }))
  .then((found) => console.log(`outcome: ${JSON.stringify(found)}`))
  .catch((error: unknown) => console.error(error))
  .finally(() => electron.app.exit());

/** Goes through the contract of QWebSockets with Electron's own net.WebSocket. */
function netScenarios(): Promise<Outcome> {
  const mocha = new Mocha({ timeout: 20_000, reporter: class extends Mocha.reporters.Base {} });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  describe('NetWebSocket', () => {
    itBehavesLikeAQWebSocket(
      () => new NetWebSocket(electron.net),
      () => WsEchoPeer.start(),
      { hearsWhileClosing: false },
    );
    itReconnects(
      (options) => new Reconnector(new NetWebSocket(electron.net), options),
      () => WsEchoPeer.start(),
    );
  });
  const outcome: Outcome = { passed: [], failed: [] };
  return new Promise((resolve) => {
    mocha
      .run(() => resolve(outcome))
      .on('pass', (test) => outcome.passed.push(test.fullTitle()))
      .on('fail', (test, error: Error) => {
        outcome.failed.push(`${test.fullTitle()}: ${error.message}`);
      });
  });
}
