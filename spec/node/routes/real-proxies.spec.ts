import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProxyType, QNetworkProxy } from '../../../lib/network/qnetworkproxy.ts';
import { connectTunnel } from '../../../lib/node/routes/connect-tunnel.ts';
import { socks5Tunnel } from '../../../lib/node/routes/socks5-tunnel.ts';
import { describeWith } from '../../support/describe-with.ts';
import { freePort } from '../../support/ports.ts';
import { RunningProgram } from '../../support/program-in-path.ts';
import { RecordedRoute } from '../../support/recorded-route.ts';
import { ScriptedPeer } from '../../support/scripted-peer.ts';

async function withTinyproxy(
  path: string,
  settings: string[],
  use: (port: number) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'qwebsockets-'));
  const port = await freePort();
  const file = join(directory, 'tinyproxy.conf');
  const lines = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Timeout 60',
    'LogLevel Critical',
    ...settings,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const program = await RunningProgram.start(path, ['-d', '-c', file], port);
  try {
    await use(port);
  } finally {
    await program.stop();
    await rm(directory, { recursive: true });
  }
}

async function withMicrosocks(
  path: string,
  options: string[],
  use: (port: number) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const all = ['-i', '127.0.0.1', '-p', String(port), ...options];
  const program = await RunningProgram.start(path, all, port);
  try {
    await use(port);
  } finally {
    await program.stop();
  }
}

describe('real proxies', () => {
  let peer: ScriptedPeer;
  let target: number;
  let events: RecordedRoute;

  beforeEach(async () => {
    peer = await ScriptedPeer.listen();
    target = peer.port;
    events = new RecordedRoute();
  });

  afterEach(async () => {
    events.stream?.destroy();
    await peer.close();
  });

  /** Goes to the peer unless told otherwise, and says something there and back. */
  async function go(
    type: ProxyType,
    proxyPort: number,
    user = '',
    password = '',
    host = '127.0.0.1',
  ): Promise<void> {
    const proxy = new QNetworkProxy(type, '127.0.0.1', proxyPort, user, password);
    const tunnel = type === ProxyType.HttpProxy ? connectTunnel : socks5Tunnel;
    tunnel(proxy, host, target, { readBufferSize: 0 }, events).start();
    await events.end;
    if (events.stream === undefined) return;

    await events.leadsTo(await peer.accept());
  }

  describeWith('tinyproxy', 'apt-get install tinyproxy-bin', (path) => {
    const http = ProxyType.HttpProxy;
    const guarded = ['BasicAuth joe pw'];

    it('lets everybody through', () =>
      withTinyproxy(path, [], async (port) => {
        await go(http, port);

        expect(events.failure).to.equal(undefined);
      }));

    it('lets through whom it knows', () =>
      withTinyproxy(path, guarded, async (port) => {
        await go(http, port, 'joe', 'pw');

        expect(events.failure).to.equal(undefined);
        expect(events.asked).to.equal(0);
      }));

    it('asks who is there', () =>
      withTinyproxy(path, guarded, async (port) => {
        events.answer = (authenticator) => {
          authenticator.setUser('joe');
          authenticator.setPassword('pw');
        };
        await go(http, port);

        expect(events.failure).to.equal(undefined);
        expect(events.asked).to.equal(1);
      }));

    it('refuses strangers', () =>
      withTinyproxy(path, guarded, async (port) => {
        await go(http, port);

        expect(events.failure?.error).to.equal(12);
        expect(peer.count).to.equal(0);
      }));

    it('refuses ports that it was not told', () =>
      withTinyproxy(path, ['ConnectPort 1'], async (port) => {
        await go(http, port);

        expect(events.failure?.error).to.equal(3);
        expect(peer.count).to.equal(0);
      }));
  });

  describeWith('microsocks', 'apt-get install microsocks', (path) => {
    const socks = ProxyType.Socks5Proxy;
    const guarded = ['-u', 'joe', '-P', 'pw'];

    it('reaches an address', () =>
      withMicrosocks(path, [], async (port) => {
        await go(socks, port);

        expect(events.failure).to.equal(undefined);
      }));

    it('resolves a name', () =>
      withMicrosocks(path, [], async (port) => {
        await go(socks, port, '', '', 'localhost');

        expect(events.failure).to.equal(undefined);
      }));

    it('lets through whom it knows', () =>
      withMicrosocks(path, guarded, async (port) => {
        await go(socks, port, 'joe', 'pw');

        expect(events.failure).to.equal(undefined);
        expect(events.asked).to.equal(0);
      }));

    it('asks who is there', () =>
      withMicrosocks(path, guarded, async (port) => {
        events.answer = (authenticator) => {
          authenticator.setUser('joe');
          authenticator.setPassword('pw');
        };
        await go(socks, port);

        expect(events.failure).to.equal(undefined);
        expect(events.asked).to.equal(1);
      }));

    it('refuses strangers', () =>
      withMicrosocks(path, guarded, async (port) => {
        await go(socks, port, 'jim', 'wrong');

        expect(events.failure?.error).to.equal(12);
        expect(peer.count).to.equal(0);
      }));

    it('tells that nobody listens', () =>
      withMicrosocks(path, [], async (port) => {
        await peer.close();
        await go(socks, port);
        peer = await ScriptedPeer.listen();

        expect(events.failure?.error).to.equal(0);
      }));
  });
});
