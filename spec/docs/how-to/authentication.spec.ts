import { expect } from 'chai';
import sinon from 'sinon';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import type { QHttpServerRequest } from '../../../lib/websockets/qhttpserverrequest.ts';
import type { UpgradeData } from '../../../lib/websockets/upgrade-data.ts';
import { emitted } from '../../support/emitted.ts';
import { uncaughtErrors } from '../../support/uncaught.ts';
import { exportsOf } from '../support/page-module.ts';

interface Tickets {
  issue(user: string): string;
  redeem(ticket: string): string | undefined;
}

interface Code {
  readonly users: UpgradeData<string>;
  guard(
    server: QWebSocketServer,
    check: (request: QHttpServerRequest) => Promise<string | undefined>,
  ): void;
  bearerOf(request: QHttpServerRequest): string | undefined;
  basicOf(request: QHttpServerRequest): { user: string; password: string } | undefined;
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
    beforeEach(() => {
      server.newConnection.connect(() => {
        accepted = server.nextPendingConnection() ?? undefined;
      });
      server.listen('127.0.0.1', 0);
    });

    function guardBy(check: (request: QHttpServerRequest) => string | undefined): void {
      code.guard(server, async (request) => check(request));
    }

    /** Who is connected now, as the server knows it. */
    function user(): string | undefined {
      return code.users.of(accepted!);
    }

    const url = (): string => server.serverUrl().toString();

    it('lets in who has a token, and says who it is', async () => {
      guardBy((request) => (code.bearerOf(request) === 't0ken' ? 'ann' : undefined));

      expect(await result(code.openWithToken(url(), 't0ken'))).to.equal('connected');
      expect(user()).to.equal('ann');
    });

    it('answers 401 to others', async () => {
      guardBy((request) => (code.bearerOf(request) === 't0ken' ? 'ann' : undefined));

      expect(await result(code.openWithToken(url(), 'wrong'))).to.include('status 401');
      expect(accepted).to.equal(undefined);
    });

    it('asks programs for a password', async () => {
      guardBy((request) => {
        const basic = code.basicOf(request);
        return basic !== undefined && code.isSame(basic.password, 'pass:wörd')
          ? basic.user
          : undefined;
      });

      expect(await result(code.openWithPassword(url(), 'ann', 'pass:wörd'))).to.equal('connected');
      expect(user()).to.equal('ann');
      socket.abort();
      expect(await result(code.openWithPassword(url(), 'ann', 'wrong'))).to.include('status 401');
    });

    it('answers 500 when it cannot know, and tells of it', async () => {
      code.guard(server, () => Promise.reject(new Error('No database.')));
      let outcome = '';

      const errors = await uncaughtErrors(async () => {
        outcome = await result(code.openWithToken(url(), 't0ken'));
      });

      expect(outcome).to.include('status 500');
      expect(errors.map(String)).to.deep.equal(['Error: No database.']);
    });

    it('takes a ticket once', async () => {
      const tickets = new code.Tickets();
      guardBy((request) => tickets.redeem(request.query().get('ticket') ?? ''));
      // It would run out while other specs have the time in their hands.
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout'] });
      const target = `${url()}/feed?ticket=${tickets.issue('ann')}`;
      clock.restore();
      socket.open(target);
      expect(await result()).to.equal('connected');
      socket.abort();

      socket.open(target);
      expect(await result()).to.include('status 401');
    });
  });

  it('takes a ticket for some seconds', () => {
    const clock = sinon.useFakeTimers();
    try {
      const tickets = new code.Tickets();
      const [first, second] = [tickets.issue('ann'), tickets.issue('bob')];
      clock.tick(29_999);
      expect(tickets.redeem(first)).to.equal('ann');
      clock.tick(1);
      expect(tickets.redeem(second)).to.equal(undefined);
      expect(tickets.redeem('')).to.equal(undefined);
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
