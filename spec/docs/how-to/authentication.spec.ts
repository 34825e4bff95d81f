import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import sinon from 'sinon';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { emitted } from '../../support/emitted.ts';
import { resetTcp } from '../../support/reset.ts';
import { exportsOf } from '../support/page-module.ts';

interface Tickets {
  issue(user: string): string;
  redeem(target: string): string | undefined;
}

interface Code {
  guard(
    http: Server,
    server: QWebSocketServer,
    check: (request: IncomingMessage) => Promise<string | undefined>,
    welcome: (socket: QWebSocket, user: string) => void,
  ): void;
  bearerOf(request: IncomingMessage): string | undefined;
  basicOf(request: IncomingMessage): { user: string; password: string } | undefined;
  isSame(one: string, other: string): boolean;
  openWithToken(url: string, token: string): QWebSocket;
  openWithPassword(url: string, user: string, password: string): QWebSocket;
  letIn(server: QWebSocketServer, pages: ReadonlySet<string>): void;
  Tickets: new () => Tickets;
  askFirst(
    socket: QWebSocket,
    check: (token: string) => string | undefined,
    welcome: (user: string) => void,
    patience?: number,
  ): void;
}

const PAGE = 'docs/how-to/authentication.md';

describe(PAGE, () => {
  let code: Code;
  let server: QWebSocketServer;
  let socket: QWebSocket;
  let accepted: QWebSocket | undefined;

  before(async () => {
    code = await exportsOf<Code>(
      PAGE,
      'gate.ts',
      'checks.ts',
      'client.ts',
      'origins.ts',
      'tickets.ts',
      'first-message.ts',
    );
  });

  beforeEach(() => {
    server = new QWebSocketServer('Test');
    socket = new QWebSocket();
    accepted = undefined;
  });

  afterEach(() => {
    socket.abort();
    accepted?.abort();
    server.close();
  });

  /** Who was let in, or why nobody was. */
  function result(client = socket): Promise<string> {
    socket = client;
    return Promise.race([
      emitted(client.connected).then(() => 'connected'),
      emitted(client.disconnected).then(() => client.errorString()),
    ]);
  }

  describe('guard()', () => {
    let http: Server;
    let url: string;
    let welcome: sinon.SinonSpy;

    beforeEach(async () => {
      http = createServer();
      http.listen(0, '127.0.0.1');
      await once(http, 'listening');
      url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/feed`;
      welcome = sinon.spy((taken: QWebSocket) => (accepted = taken));
    });

    afterEach(() => {
      http.close();
      http.closeAllConnections();
    });

    function guardBy(check: (request: IncomingMessage) => string | undefined): void {
      code.guard(http, server, async (request) => check(request), welcome);
    }

    it('lets in who has a token, and says who it is', async () => {
      guardBy((request) => (code.bearerOf(request) === 't0ken' ? 'ann' : undefined));

      expect(await result(code.openWithToken(url, 't0ken'))).to.equal('connected');
      sinon.assert.calledOnceWithExactly(welcome, accepted, 'ann');
    });

    it('answers 401 to others', async () => {
      guardBy((request) => (code.bearerOf(request) === 't0ken' ? 'ann' : undefined));

      expect(await result(code.openWithToken(url, 'wrong'))).to.include('status 401');
      sinon.assert.notCalled(welcome);
    });

    it('asks programs for a password', async () => {
      guardBy((request) => {
        const basic = code.basicOf(request);
        return basic !== undefined && code.isSame(basic.password, 'pass:wörd')
          ? basic.user
          : undefined;
      });

      expect(await result(code.openWithPassword(url, 'ann', 'pass:wörd'))).to.equal('connected');
      sinon.assert.calledOnceWithExactly(welcome, accepted, 'ann');
      socket.abort();
      expect(await result(code.openWithPassword(url, 'ann', 'wrong'))).to.include('status 401');
    });

    it('answers 503 when it cannot know', async () => {
      code.guard(http, server, () => Promise.reject(new Error('No database.')), welcome);

      expect(await result(code.openWithToken(url, 't0ken'))).to.include('status 503');
    });

    it('takes a ticket once', async () => {
      const tickets = new code.Tickets();
      guardBy((request) => tickets.redeem(request.url ?? ''));
      const target = `${url}?ticket=${tickets.issue('ann')}`;
      socket.open(target);
      expect(await result()).to.equal('connected');
      socket.abort();

      socket.open(target);
      expect(await result()).to.include('status 401');
    });

    for (const user of ['ann', undefined]) {
      it(`survives a client that goes away while it looks: ${user}`, async () => {
        let decide: (user: string | undefined) => void = () => {};
        const asked = new Promise<void>((resolve) => {
          const check = (): Promise<string | undefined> =>
            new Promise((settle) => {
              decide = settle;
              resolve();
            });
          code.guard(http, server, check, welcome);
        });
        const over = new Promise<void>((resolve) => {
          http.on('upgrade', (_request, stream) => stream.on('close', resolve));
        });
        const raw = connect((http.address() as AddressInfo).port, '127.0.0.1');
        raw.write(
          'GET / HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
        );
        await asked;
        resetTcp(raw);
        await once(raw, 'close');
        decide(user);
        await over;

        sinon.assert.notCalled(welcome);
      });
    }
  });

  it('takes a ticket for some seconds', () => {
    const clock = sinon.useFakeTimers();
    try {
      const tickets = new code.Tickets();
      const [first, second] = [tickets.issue('ann'), tickets.issue('bob')];
      clock.tick(29_999);
      expect(tickets.redeem(`/feed?ticket=${first}`)).to.equal('ann');
      clock.tick(1);
      expect(tickets.redeem(`/feed?ticket=${second}`)).to.equal(undefined);
      expect(tickets.redeem('/feed')).to.equal(undefined);
    } finally {
      clock.restore();
    }
  });

  it('compares secrets', () => {
    expect(code.isSame('secret', 'secret')).to.equal(true);
    expect(code.isSame('secret', 'secreT')).to.equal(false);
    expect(code.isSame('secret', 'secrets')).to.equal(false);
  });

  it('lets in the pages it knows', async () => {
    code.letIn(server, new Set(['https://app.example']));
    server.listen('127.0.0.1', 0);
    const known = new QWebSocket('https://app.example');
    known.open(server.serverUrl());
    expect(await result(known)).to.equal('connected');
    known.abort();

    const foreign = new QWebSocket('https://app.example.evil.example');
    foreign.open(server.serverUrl());
    expect(await result(foreign)).to.include('status 403');
  });

  describe('askFirst()', () => {
    let welcome: sinon.SinonSpy;
    let clock: sinon.SinonFakeTimers;

    beforeEach(async () => {
      welcome = sinon.spy();
      server.listen('127.0.0.1', 0);
      socket.open(server.serverUrl());
      const connected = emitted(socket.connected);
      await emitted(server.newConnection);
      accepted = server.nextPendingConnection()!;
      await connected;
      clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      code.askFirst(accepted, (token) => (token === 't0ken' ? 'ann' : undefined), welcome);
    });

    afterEach(() => clock.restore());

    async function refusal(): Promise<[code: number, reason: string]> {
      await emitted(socket.disconnected);
      sinon.assert.notCalled(welcome);
      return [socket.closeCode(), socket.closeReason()];
    }

    const REFUSAL = [1008, 'Log in first.'];

    it('takes the first message for the token, and leaves the rest', async () => {
      socket.sendTextMessage('t0ken');
      socket.sendTextMessage('news?');
      const [message] = await new Promise<[string]>((resolve) => {
        accepted!.textMessageReceived.connect((text) => {
          if (welcome.called && text !== 't0ken') resolve([text]);
        });
      });

      expect(message).to.equal('news?');
      expect(clock.countTimers()).to.equal(0);
      sinon.assert.calledOnceWithExactly(welcome, 'ann');
      expect(accepted!.isValid()).to.equal(true);
    });

    it('closes on a wrong token', async () => {
      socket.sendTextMessage('wrong');
      socket.sendTextMessage('t0ken');

      expect(await refusal()).to.deep.equal(REFUSAL);
    });

    it('closes on bytes', async () => {
      socket.sendBinaryMessage(new Uint8Array(3));

      expect(await refusal()).to.deep.equal(REFUSAL);
    });

    it('closes when nothing comes', async () => {
      clock.tick(5_000);

      expect(await refusal()).to.deep.equal(REFUSAL);
    });
  });
});
