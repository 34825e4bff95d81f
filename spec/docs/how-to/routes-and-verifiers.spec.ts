import { expect } from 'chai';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { QNetworkRequest } from '../../../lib/network/qnetworkrequest.ts';
import type { UpgradeData } from '../../../lib/websockets/upgrade-data.ts';
import { emitted } from '../../support/emitted.ts';
import { exportsOf } from '../support/page-module.ts';

interface User {
  readonly name: string;
}

interface Code {
  readonly users: UpgradeData<User>;
  letUsersIn(server: QWebSocketServer, find: (token: string) => Promise<User | undefined>): void;
  readonly front: QWebSocketServer;
  readonly chat: QWebSocketServer;
  readonly prices: QWebSocketServer;
}

const PAGE = 'docs/how-to/routes-and-verifiers.md';

describe(PAGE, () => {
  let code: Code;
  let socket: QWebSocket;

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'accounts.ts', 'one-port.ts');
  });

  beforeEach(() => {
    socket = new QWebSocket();
  });

  afterEach(() => {
    socket.abort();
  });

  /** Opens the socket; returns how that went. */
  function open(url: string, token = ''): Promise<string> {
    const request = new QNetworkRequest(url);
    request.setRawHeader('Authorization', token);
    socket.open(request);
    return Promise.race([
      emitted(socket.connected).then(() => 'connected'),
      emitted(socket.disconnected).then(() => socket.errorString()),
    ]);
  }

  it('lets users in, and knows them by their sockets', async () => {
    const server = new QWebSocketServer('Test');
    code.letUsersIn(server, async (token) => (token === 'a' ? { name: 'ann' } : undefined));
    server.listen('127.0.0.1');
    const url = server.serverUrl().toString();

    expect(await open(url, 'b')).to.include('status 401');
    expect(await open(url, 'a')).to.equal('connected');

    expect(code.users.of(server.nextPendingConnection()!)).to.deep.equal({ name: 'ann' });
    server[Symbol.dispose]();
  });

  it('has several servers on one port, and nobody for other paths', async () => {
    const { front, chat, prices } = code;
    front.listen('127.0.0.1');
    const url = front.serverUrl().toString();

    expect(await open(`${url}/chat/a`)).to.equal('connected');
    expect(await open(`${url}/prices`)).to.equal('connected');
    expect(await open(`${url}/else`)).to.include('status 404');

    expect([front, chat, prices].map((server) => server.hasPendingConnections())).to.deep.equal([
      false,
      true,
      true,
    ]);
    for (const server of [front, chat, prices]) server[Symbol.dispose]();
  });
});
