import { expect } from 'chai';
import { ProxyType, QNetworkProxy, SocketError } from '../../lib/index.ts';
import { OurServer } from '../interop/support/our-server.ts';
import { close, echo, failureOf, open, type ClientOptions } from './support/client.ts';
import { describeWith } from '../support/describe-with.ts';
import { Gateway, type Recipe } from './support/gateway.ts';

/** @param method how it wants to know who is there. */
function recipe(target: number, method: 'none' | 'username'): Recipe {
  return {
    program: 'danted',
    files: (_, port) => ({
      'danted.conf': [
        'logoutput: stderr',
        `internal: 127.0.0.1 port = ${port}`,
        'external: 127.0.0.1',
        'clientmethod: none',
        `socksmethod: ${method}`,
        'client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }',
        // Port 1, where nobody listens, shows what becomes of that.
        `socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 port = ${target} }`,
        'socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 port = 1 }',
        '',
      ].join('\n'),
    }),
    options: (directory) => ['-f', `${directory}/danted.conf`, '-p', `${directory}/pid`],
  };
}

describeWith('danted', 'apt-get install dante-server', () => {
  let server: OurServer;
  let danted: Gateway;

  async function start(scheme: 'ws' | 'wss', method: 'none' | 'username' = 'none'): Promise<void> {
    server = new OurServer(scheme, []);
    danted = await Gateway.start(recipe(Number(new URL(server.url).port), method));
  }

  async function stop(): Promise<void> {
    server.stop();
    await danted.stop();
  }

  function through(user = '', password = ''): ClientOptions {
    return {
      proxy: new QNetworkProxy(ProxyType.Socks5Proxy, '127.0.0.1', danted.port, user, password),
    };
  }

  for (const scheme of ['ws', 'wss'] as const) {
    describe(`that lets everybody through, over ${scheme}`, () => {
      before(() => start(scheme));
      after(() => stop());

      for (const host of ['127.0.0.1', 'localhost']) {
        it(`leads to ${host}`, async () => {
          const url = server.url.replace('127.0.0.1', host);
          const client = await open(url, through());
          const message = 'aä€😀'.repeat(100_000);

          expect((await echo(client, message)) === message).to.equal(true);
          await close(client);
        });
      }

      it('refuses what its rules do not allow', async () => {
        const failure = await failureOf(open(`${scheme}://127.0.0.1:2/`, through()));

        expect(failure.cause).to.equal(SocketError.SocketAccessError);
      });

      it('tells that nobody listens', async () => {
        const failure = await failureOf(open(`${scheme}://127.0.0.1:1/`, through()));

        expect(failure.cause).to.equal(SocketError.ConnectionRefusedError);
      });
    });
  }

  // Its users are those of the system, and their passwords for root alone to read: who is let
  // through is shown with microsocks.
  describe('that wants a name and a password', () => {
    before(() => start('ws', 'username'));
    after(() => stop());

    it('refuses strangers', async () => {
      for (const options of [through(), through('joe', 'wrong')]) {
        const failure = await failureOf(open(server.url, options));

        expect(failure.cause).to.equal(SocketError.ProxyAuthenticationRequiredError);
      }
    });
  });
});
