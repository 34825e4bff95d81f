import { expect } from 'chai';
import { ProxyType, QNetworkProxy, SocketError } from '../../lib/index.ts';
import { OurServer } from '../interop/support/our-server.ts';
import { close, echo, failureOf, open, type ClientOptions } from './support/client.ts';
import { describeWith } from '../support/describe-with.ts';
import { Gateway, type Recipe } from './support/gateway.ts';

const HELPERS = '/usr/lib/squid';
// By openssl passwd -apr1 -salt qwebsock pw.
const HASHED = 'joe:$apr1$qwebsock$WZ62Iz868euxmGczhC.Tl/';

const logins = {
  Basic: (directory: string) => [
    `auth_param basic program ${HELPERS}/basic_ncsa_auth ${directory}/hashed`,
    'auth_param basic realm squid',
    'auth_param basic children 1',
  ],
  Digest: (directory: string) => [
    `auth_param digest program ${HELPERS}/digest_file_auth ${directory}/plain`,
    'auth_param digest realm squid',
    'auth_param digest children 1',
  ],
};

/** @param login what it asks for; nothing when it is undefined. */
function recipe(target: number, login?: keyof typeof logins): Recipe {
  const asks = login === undefined ? () => [] : logins[login];
  return {
    program: 'squid',
    files: (directory, port) => ({
      'squid.conf': [
        `http_port 127.0.0.1:${port}`,
        `pid_filename ${directory}/squid.pid`,
        `coredump_dir ${directory}`,
        'cache_log /dev/null',
        'access_log none',
        'cache deny all',
        'shutdown_lifetime 0 seconds',
        'visible_hostname localhost',
        'pinger_enable off',
        ...asks(directory),
        ...(login === undefined ? [] : ['acl known proxy_auth REQUIRED']),
        // Port 1, where nobody listens, shows what becomes of that.
        `acl targets port ${target} 1`,
        'http_access deny !CONNECT',
        'http_access deny !targets',
        `http_access allow ${login === undefined ? 'all' : 'known'}`,
        'http_access deny all',
        '',
      ].join('\n'),
      hashed: `${HASHED}\n`,
      plain: 'joe:pw\n',
    }),
    options: (directory) => ['-N', '-d', '1', '-f', `${directory}/squid.conf`],
  };
}

describeWith('squid', 'apt-get install squid', () => {
  let server: OurServer;
  let squid: Gateway;

  async function start(scheme: 'ws' | 'wss', login?: keyof typeof logins): Promise<void> {
    server = new OurServer(scheme, []);
    squid = await Gateway.start(recipe(Number(new URL(server.url).port), login));
  }

  async function stop(): Promise<void> {
    server.stop();
    await squid.stop();
  }

  function through(user = '', password = ''): ClientOptions & { proxy: QNetworkProxy } {
    const proxy = new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', squid.port, user, password);
    return { proxy };
  }

  async function expectEcho(options: ClientOptions): Promise<void> {
    const client = await open(server.url, options);
    const message = 'aä€😀'.repeat(100_000);
    expect((await echo(client, message)) === message).to.equal(true);
    await close(client);
  }

  for (const scheme of ['ws', 'wss'] as const) {
    describe(`that lets everybody through, over ${scheme}`, () => {
      before(() => start(scheme));
      after(() => stop());

      it('leads to the server', () => expectEcho(through()));

      it('refuses a port that is not on its list', async () => {
        const failure = await failureOf(open(`${scheme}://127.0.0.1:2/`, through()));

        expect(failure.cause).to.equal(SocketError.SocketAccessError);
        expect(failure.message).to.include('Proxy denied connection').and.include('403');
      });

      it('tells that nobody listens', async () => {
        const failure = await failureOf(open(`${scheme}://127.0.0.1:1/`, through()));

        expect(failure.cause).to.equal(SocketError.ConnectionRefusedError);
        expect(failure.message).to.include('503');
      });
    });
  }

  for (const login of ['Basic', 'Digest'] as const) {
    describe(`that wants a login with ${login}`, () => {
      before(() => start('wss', login));
      after(() => stop());

      it('lets through whose proxy has the name and the password', () =>
        expectEcho(through('joe', 'pw')));

      it('asks who is there', async () => {
        let asked = 0;

        await expectEcho({
          ...through(),
          logIn: (authenticator) => {
            asked++;
            authenticator.setUser('joe');
            authenticator.setPassword('pw');
          },
        });

        expect(asked).to.equal(1);
      });

      it('refuses strangers', async () => {
        for (const options of [through(), through('joe', 'wrong'), through('jim', 'pw')]) {
          const failure = await failureOf(open(server.url, options));

          expect(failure.cause).to.equal(SocketError.ProxyAuthenticationRequiredError);
        }
      });
    });
  }
});
