import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QNetworkRequest } from '../../../lib/network/qnetworkrequest.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { emitted } from '../../support/emitted.ts';
import { hasLocalSockets, LocalPath } from '../../support/local-path.ts';
import { exportsOf, writeModule } from '../support/page-module.ts';

const PAGE = 'docs/how-to/gateways.md';

describe(PAGE, () => {
  describe('the instance', function () {
    this.timeout(20_000);
    let child: ChildProcess;
    let at: string;

    beforeEach(async () => {
      const env = { ...process.env, PORT: '0', ORIGINS: 'https://app.example' };
      child = spawn(process.execPath, [writeModule(PAGE, 'instance.ts')], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(child.stdout!, 'data')) as [Buffer];
      at = /^Listening on (127\.0\.0\.1:\d+)$/m.exec(line.toString())![1]!;
    });

    afterEach(() => {
      child.kill('SIGKILL');
    });

    it('answers health checks, and nothing else, on the port of its WebSockets', async () => {
      expect((await fetch(`http://${at}/health`)).status).to.equal(200);
      expect((await fetch(`http://${at}/feed`)).status).to.equal(404);
    });

    it('lets in the pages it knows, and programs', async () => {
      const socket = new QWebSocket('https://app.example');
      const program = new QWebSocket();
      for (const each of [socket, program]) {
        each.open(`ws://${at}/feed`);
        await emitted(each.connected);
        each.abort();
      }
      const foreign = new QWebSocket('https://foreign.example');
      foreign.open(`ws://${at}/feed`);
      await emitted(foreign.disconnected);

      expect(foreign.errorString()).to.include('403');
    });

    it('says goodbye on SIGTERM and ends', async () => {
      const socket = new QWebSocket();
      socket.open(`ws://${at}/feed`);
      await emitted(socket.connected);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await emitted(socket.disconnected);

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1001, 'Restarting.']);
      expect(await ended).to.deep.equal([0, null]);
    });
  });

  describe('clientAddress()', () => {
    let clientAddress: (socket: QWebSocket, gateways: readonly string[]) => QHostAddress;
    let server: QWebSocketServer;
    let client: QWebSocket;
    let accepted: QWebSocket;

    before(async () => {
      ({ clientAddress } = await exportsOf<{ clientAddress: typeof clientAddress }>(
        PAGE,
        'client-address.ts',
      ));
    });

    beforeEach(() => {
      server = new QWebSocketServer('Test');
      client = new QWebSocket();
    });

    afterEach(() => {
      client.abort();
      accepted.abort();
      server.close();
    });

    async function connect(forwarded: string): Promise<void> {
      server.listen('127.0.0.1', 0);
      const request = new QNetworkRequest(server.serverUrl());
      if (forwarded !== '') request.setRawHeader('X-Forwarded-For', forwarded);
      client.open(request);
      await emitted(server.newConnection);
      accepted = server.nextPendingConnection()!;
    }

    it('is whom a gateway names that comes through a Unix-domain socket', async function () {
      if (!hasLocalSockets) this.skip();
      const local = new LocalPath();
      server.listenLocal(local.path);
      const request = new QNetworkRequest(server.serverUrl());
      request.setRawHeader('X-Forwarded-For', '192.0.2.1');
      client.open(request);
      await emitted(server.newConnection);
      accepted = server.nextPendingConnection()!;
      local.remove();

      expect(clientAddress(accepted, ['']).toString()).to.equal('192.0.2.1');
      expect(clientAddress(accepted, ['127.0.0.1']).isNull()).to.equal(true);
    });

    const rows: Record<string, [forwarded: string, gateways: string[], client: string]> = {
      'the peer without a header': ['', ['127.0.0.1'], '127.0.0.1'],
      'the one that the gateway names': ['192.0.2.1', ['127.0.0.1'], '192.0.2.1'],
      'the one from the right that is no gateway': [
        '6.6.6.6, 192.0.2.1, 10.0.0.2',
        ['127.0.0.1', '10.0.0.2'],
        '192.0.2.1',
      ],
      'the peer when that is no gateway': ['6.6.6.6', ['10.0.0.2'], '127.0.0.1'],
      'an address of IPv6': ['2001:db8::1', ['127.0.0.1'], '2001:db8::1'],
      'the gateway when it names nobody': ['unknown', ['127.0.0.1'], '127.0.0.1'],
    };
    for (const [what, [forwarded, gateways, expected]] of Object.entries(rows)) {
      it(`is ${what}`, async () => {
        await connect(forwarded);

        expect(clientAddress(accepted, gateways).toString()).to.equal(expected);
      });
    }
  });
});
