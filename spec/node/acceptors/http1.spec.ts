import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { restore, spy, useFakeTimers } from 'sinon';
import { ServerRecord } from '../../../lib/node/diagnostics/server-record.ts';
import { QObject } from '../../../lib/core/qobject.ts';
import { HeadBudget } from '../../../lib/node/head-budget.ts';
import { Http1Acceptor, type AcceptorOwner } from '../../../lib/node/acceptors/http1.ts';
import type { Recognized } from '../../../lib/node/recognition.ts';
import { checkRequestLine } from '../../../lib/codec/request-line.ts';
import { QSslConfiguration } from '../../../lib/ssl/qsslconfiguration.ts';
import { begin } from '../../../lib/websockets/qwebsocket-base.ts';
import type { QWebSocketBase } from '../../../lib/websockets/qwebsocket-base.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { UpgradeVerifiers } from '../../../lib/websockets/upgrade-verifiers.ts';
import type {
  ServerBackendEvents,
  ServerSettings,
} from '../../../lib/websockets/server-backend.ts';
import { emitted } from '../../support/emitted.ts';
import { hex } from '../../support/hex.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { RawClient, SAMPLE_ACCEPT, upgradeRequest } from '../../support/raw-client.ts';
import { RecordingServerEvents } from '../../support/server-events.ts';
import { SERVER_SETTINGS } from '../../support/server-settings.ts';
import { wordsOf } from '../../support/words-of.ts';

/** Keeps what an acceptor tells. */
class Owner implements AcceptorOwner {
  readonly outcomes: (QWebSocketBase | undefined)[] = [];
  readonly refused = spy();
  readonly events: ServerBackendEvents;
  readonly settings: ServerSettings;
  readonly headBudget = new HeadBudget();
  readonly record = new ServerRecord(undefined);
  readonly #finished: (() => void)[] = [];

  constructor(events: Partial<ServerBackendEvents>, settings: Partial<ServerSettings>) {
    this.events = Object.assign(new RecordingServerEvents(), { refused: this.refused }, events);
    this.settings = { ...SERVER_SETTINGS, ...settings };
  }

  recognize(): Recognized {
    return { isSecure: this.settings.isSecure, authority: undefined };
  }

  findPath(): undefined {}

  handOver(): boolean {
    return true;
  }

  finished(_acceptor: Http1Acceptor, socket: QWebSocketBase | undefined): void {
    this.outcomes.push(socket);
    for (const resolve of this.#finished.splice(0)) resolve();
  }

  /** The socket that comes of the handshake, if one does. */
  async outcome(): Promise<QWebSocketBase | undefined> {
    if (this.outcomes.length === 0) {
      await new Promise<void>((resolve) => this.#finished.push(resolve));
    }
    return this.outcomes[0];
  }
}

/** What `owner` was told of refusals: the code, and Qt's words. */
function refusalsOf({ refused }: Owner): [code: number, words: string][] {
  return refused.args.map(([code, text]) => [code as number, wordsOf(text as string)]);
}

interface Meeting {
  readonly client: RawClient;
  readonly stream: Socket;
  readonly owner: Owner;
  readonly acceptor: Http1Acceptor;
}

describe('Http1Acceptor', () => {
  let server: Server;
  let clients: RawClient[];

  beforeEach(async () => {
    clients = [];
    server = createServer({ allowHalfOpen: true });
    await listenOnLoopback(server);
  });

  afterEach(() => {
    restore();
    for (const { socket } of clients) socket.destroy();
    server.close();
  });

  /** A client whose handshake has begun. */
  async function meet(
    events: Partial<ServerBackendEvents> = {},
    settings: Partial<ServerSettings> = {},
    timeLeft?: number,
    sslConfiguration?: QSslConfiguration,
  ): Promise<Meeting> {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = await RawClient.connect((server.address() as AddressInfo).port);
    clients.push(client);
    const [stream] = await accepted;
    const owner = new Owner(events, settings);
    const acceptor = new Http1Acceptor(stream, owner, sslConfiguration);
    acceptor.start(timeLeft);
    return { client, stream, owner, acceptor };
  }

  /** What the server answers to `request` before it ends the connection. */
  async function answerTo(
    request: string | Uint8Array,
    events: Partial<ServerBackendEvents> = {},
    settings: Partial<ServerSettings> = {},
  ): Promise<{ answer: string; owner: Owner }> {
    const { client, owner } = await meet(events, settings);
    client.write(request);
    const answer = await client.ended();
    return { answer, owner };
  }

  describe('a good request', () => {
    it('is answered with 101 and the accept value of its key', async () => {
      const { client } = await meet();

      client.write(upgradeRequest());

      const answer = await client.hears('\r\n\r\n');
      expect(answer.startsWith('HTTP/1.1 101 Switching Protocols\r\n')).to.equal(true);
      expect(answer).to.include(`\r\nSec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n`);
    });

    it('makes a connected socket that knows the request', async () => {
      const { client, owner } = await meet();

      client.write(upgradeRequest({ Origin: 'http://a.example' }, 'GET /chat?room=1 HTTP/1.1'));

      const socket = await owner.outcome();
      expect(socket?.isValid()).to.equal(true);
      expect(socket?.requestUrl().toString()).to.equal('ws://127.0.0.1/chat?room=1');
      expect(socket?.origin()).to.equal('http://a.example');
      expect(owner.refused.callCount).to.equal(0);
    });

    it('has a URL of wss on a secure server', async () => {
      const { client, owner } = await meet({}, { isSecure: true });

      client.write(upgradeRequest());

      expect((await owner.outcome())?.requestUrl().scheme()).to.equal('wss');
    });

    it('makes a socket that knows the encrypted connection', async () => {
      const sslConfiguration = new QSslConfiguration();
      const { client, owner } = await meet({}, {}, undefined, sslConfiguration);

      client.write(upgradeRequest());

      const told = (await owner.outcome())!.sslConfiguration();
      expect(told.equals(sslConfiguration)).to.equal(true);
    });

    it('gets the first of its subprotocols that the server supports', async () => {
      const { client, owner } = await meet({}, { supportedSubprotocols: ['chat', 'superchat'] });

      client.write(upgradeRequest({ 'Sec-WebSocket-Protocol': 'x, superchat, chat' }));

      expect(await client.hears('\r\n\r\n')).to.include('Sec-WebSocket-Protocol: superchat\r\n');
      expect((await owner.outcome())?.subprotocol()).to.equal('superchat');
    });

    it('learns the name of the server', async () => {
      const { client } = await meet({}, { serverName: 'Echo/1' });

      client.write(upgradeRequest());

      expect(await client.hears('\r\n\r\n')).to.include('\r\nServer: Echo/1\r\n');
    });

    it('may come byte by byte', async () => {
      const { client, stream, owner } = await meet();

      for (const byte of Buffer.from(upgradeRequest())) stream.emit('data', Buffer.of(byte));

      await client.hears('101');
      expect((await owner.outcome())?.isValid()).to.equal(true);
    });

    it('may bring frames along, which the socket delivers later', async () => {
      const { client, owner } = await meet();

      client.write(
        Buffer.concat([Buffer.from(upgradeRequest()), hex('81 85 37 fa 21 3d 7f 9f 4d 51 58')]),
      );

      const socket = (await owner.outcome())!;
      begin(socket);
      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['Hello']);
    });

    it('leaves the stream to the socket, paused and with one listener for each event', async () => {
      const { client, stream, owner } = await meet();

      client.write(upgradeRequest());

      await owner.outcome();
      const counts = ['data', 'error', 'close'].map((event) => stream.listenerCount(event));
      expect(counts).to.deep.equal([1, 1, 1]);
      expect(stream.isPaused()).to.equal(true);
    });
  });

  describe('a bad request', () => {
    const line = 'GET / HTTP/1.1';
    const refusals: Record<string, [request: string | Buffer, status: number]> = {
      'text that is no HTTP': ['EHLO there\r\n\r\n', 400],
      'a TLS ClientHello': [hex('16 03 01 00 05 01 00 00 01 00 ff 0a 0d 0a 0d 0a'), 400],
      'another method': [upgradeRequest({}, 'POST / HTTP/1.1'), 405],
      'a method in lower case': [upgradeRequest({}, 'get / HTTP/1.1'), 405],
      'HTTP/1.0': [upgradeRequest({}, 'GET / HTTP/1.0'), 505],
      'no Host': [upgradeRequest({ Host: undefined }), 400],
      'an empty key': [upgradeRequest({ 'Sec-WebSocket-Key': '' }), 400],
      'no upgrade': [`${line}\r\nHost: h\r\n\r\n`, 426],
      'a version that is no number': [upgradeRequest({ 'Sec-WebSocket-Version': '+13' }), 400],
      'a body': [upgradeRequest({ 'Content-Length': '5' }), 400],
      'a line without an end': [`GET /${'a'.repeat(100_000)}`, 414],
      'a field without an end': [`${line}\r\nA: ${'a'.repeat(100_000)}`, 431],
      'too many fields': [`${line}\r\n${'A: b\r\n'.repeat(101)}\r\n`, 431],
    };
    for (const [what, [request, status]] of Object.entries(refusals)) {
      it(`is answered with ${status}: ${what}`, async () => {
        const { answer, owner } = await answerTo(request);

        expect(answer.split(' ', 2)).to.deep.equal(['HTTP/1.1', String(status)]);
        expect(answer).to.match(/\r\nConnection: (?:.*, )?close\r\n/);
        expect(owner.refused.callCount).to.equal(0);
        expect(await owner.outcome()).to.equal(undefined);
      });
    }

    // Nothing of it comes after these bytes.
    const unfinished: Record<string, [start: string, status: number]> = {
      'another method': ['POST / HTTP/1.1\r\n', 405],
      'HTTP/1.0': ['GET / HTTP/1.0\r\n', 505],
      'a tab in the request line': ['GET\t/ HTTP/1.1\r\n', 400],
      'a line that ends in a line feed': [`${line}\n`, 400],
      'white space before a colon': [`${line}\r\nHost `, 400],
      'a NUL': [`${line}\r\nHost: h\0`, 400],
    };
    for (const [what, [start, status]] of Object.entries(unfinished)) {
      it(`is answered with ${status} before it is whole: ${what}`, async () => {
        const { answer } = await answerTo(start);

        expect(answer.split(' ', 2)).to.deep.equal(['HTTP/1.1', String(status)]);
      });
    }

    it('has no body in its answer when it asks for the head alone', async () => {
      const { answer } = await answerTo(upgradeRequest({}, 'HEAD / HTTP/1.1'));

      expect(answer).to.match(/^HTTP\/1\.1 405 [^]*\r\n\r\n$/);
    });

    it('is told of when all of its head is too large', async () => {
      const field = `A: ${'a'.repeat(8_180)}\r\n`;

      const { answer, owner } = await answerTo(
        `GET /${'a'.repeat(8_000)} HTTP/1.1\r\n${field.repeat(100)}`,
      );

      expect(answer.startsWith('HTTP/1.1 431 ')).to.equal(true);
      expect(refusalsOf(owner)).to.deep.equal([[1009, 'Header is too large.']]);
    });
  });

  describe('a request that does not suit', () => {
    it('is answered with 503 when there is no room, whatever it says', async () => {
      const isOriginAllowed = spy(() => true);

      const { answer, owner } = await answerTo(upgradeRequest({ Host: undefined }), {
        hasRoom: () => false,
        isOriginAllowed,
      });

      expect(answer.startsWith('HTTP/1.1 503 Service Unavailable\r\n')).to.equal(true);
      expect(refusalsOf(owner)).to.deep.equal([[1006, 'Too many pending connections.']]);
      expect(isOriginAllowed.callCount).to.equal(0);
    });

    it('has no body in the answer when it asks for the head alone', async () => {
      const { client, stream, acceptor } = await meet({ hasRoom: () => false });
      stream.pause();
      const refusal = checkRequestLine('HEAD', '/', 'HTTP/1.1')!;

      acceptor.answer(refusal, Buffer.alloc(0));

      expect(await client.ended()).to.match(/^HTTP\/1\.1 503 [^]*\r\n\r\n$/);
    });

    it('is answered with 403 when its origin is denied', async () => {
      const isOriginAllowed = spy(() => false);

      const { answer, owner } = await answerTo(upgradeRequest({ Origin: 'http://evil.example' }), {
        isOriginAllowed,
      });

      expect(isOriginAllowed.args).to.deep.equal([['http://evil.example', '127.0.0.1']]);
      expect(answer).to.equal('HTTP/1.1 403 Access Forbidden\r\n\r\n');
      expect(refusalsOf(owner)).to.deep.equal([[1008, 'Access forbidden.']]);
    });

    it('is answered with 426 when its version is unknown, after its origin was asked for', async () => {
      const isOriginAllowed = spy(() => true);

      const { answer, owner } = await answerTo(upgradeRequest({ 'Sec-WebSocket-Version': '8' }), {
        isOriginAllowed,
      });

      expect(isOriginAllowed.callCount).to.equal(1);
      expect(answer.startsWith('HTTP/1.1 426 ')).to.equal(true);
      expect(answer).to.include('\r\nSec-WebSocket-Version: 13\r\n');
      expect(refusalsOf(owner)).to.deep.equal([[1002, 'Unsupported version requested.']]);
    });

    it('is answered with 500 when the name of the server cannot be sent', async () => {
      const { answer, owner } = await answerTo(upgradeRequest(), {}, { serverName: 'a\r\nX: y' });

      expect(answer.startsWith('HTTP/1.1 500 ')).to.equal(true);
      expect(answer).to.not.include('X: y');
      expect(refusalsOf(owner)).to.deep.equal([
        [1006, 'One of the headers contains a newline. Possible attack detected.'],
      ]);
    });
  });

  describe('what it holds of a request', () => {
    const ALL = 16 * 1024 * 1024 + 8192;
    const long = upgradeRequest({ A: 'a'.repeat(8000), B: 'b'.repeat(8000), C: 'c'.repeat(8000) });

    /** A client that has said the most of a long request. */
    async function meetHalf(): Promise<Meeting> {
      const meeting = await meet();
      meeting.client.write(long.slice(0, -4));
      await once(meeting.stream, 'data');
      return meeting;
    }

    it('is refused with 503 when all requests hold too much together', async () => {
      const { client, owner } = await meet();
      owner.headBudget.grants(0, ALL);

      client.write(long.slice(0, 9000));

      expect(await client.ended()).to.match(/^HTTP\/1\.1 503 /);
      expect(refusalsOf(owner)).to.deep.equal([[1006, 'Pending requests are too large together.']]);
    });

    describe('while a verifier decides', () => {
      let verifiers: UpgradeVerifiers;

      beforeEach(() => {
        verifiers = new UpgradeVerifiers();
      });

      it('stays', async () => {
        let answer: (response: QHttpServerWebSocketUpgradeResponse) => void = () => {};
        const asked = new Promise<void>((resolve) => {
          verifiers.add(new QObject(), () => {
            resolve();
            return new Promise((keep) => (answer = keep));
          });
        });
        const { client, owner } = await meet({}, { verifiers });
        client.write(long);
        await asked;
        expect(owner.headBudget.grants(0, ALL)).to.equal(false);
        owner.headBudget.grants(ALL, 0);

        answer(QHttpServerWebSocketUpgradeResponse.accept());
        await owner.outcome();

        expect(owner.headBudget.grants(0, ALL)).to.equal(true);
      });

      it('is refused with 503 when all hold too much together', async () => {
        const meeting = await meet({}, { verifiers });
        let given: AbortSignal | undefined;
        verifiers.add(new QObject(), (_request, signal) => {
          given = signal;
          meeting.owner.headBudget.grants(0, ALL);
          return new Promise(() => {});
        });

        meeting.client.write(long);

        expect(await meeting.client.ended()).to.match(/^HTTP\/1\.1 503 /);
        expect(refusalsOf(meeting.owner)).to.deep.equal([
          [1006, 'Pending requests are too large together.'],
        ]);
        expect(String(given!.reason)).to.equal('AbortError: The client was refused.');
      });
    });

    const ways: Record<string, (meeting: Meeting) => unknown> = {
      'the request is whole': async ({ client, owner }) => {
        client.write('\r\n\r\n');
        await owner.outcome();
      },
      'it is refused': ({ acceptor }) => acceptor.expired(),
      'it is cut': ({ acceptor }) => acceptor.cut('closed'),
      'the client leaves': async ({ client, owner }) => {
        client.socket.destroy();
        await owner.outcome();
      },
    };
    for (const [name, end] of Object.entries(ways)) {
      it(`is given back when ${name}`, async () => {
        const meeting = await meetHalf();
        expect(meeting.owner.headBudget.grants(0, ALL)).to.equal(false);
        meeting.owner.headBudget.grants(ALL, 0);

        await end(meeting);

        expect(meeting.owner.headBudget.grants(0, ALL)).to.equal(true);
      });
    }
  });

  describe('time', () => {
    const timers = ['setTimeout', 'clearTimeout'] as const;

    it('ends a handshake with 408', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      const { client, owner } = await meet({}, { handshakeTimeout: 250 });

      clock.tick(249);
      expect(owner.outcomes).to.deep.equal([]);
      clock.tick(1);

      expect((await client.ended()).startsWith('HTTP/1.1 408 Request Timeout\r\n')).to.equal(true);
      expect(await owner.outcome()).to.equal(undefined);
      expect(owner.refused.callCount).to.equal(0);
    });

    it('is not gained by dripping bytes', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      const { client, stream } = await meet({}, { handshakeTimeout: 250 });

      for (const byte of Buffer.from('GET / HTTP')) {
        stream.emit('data', Buffer.of(byte));
        clock.tick(25);
      }

      expect((await client.ended()).startsWith('HTTP/1.1 408 ')).to.equal(true);
    });

    it('is less when some of it was used before', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      const { client } = await meet({}, { handshakeTimeout: 250 }, 50);

      clock.tick(50);

      expect((await client.ended()).startsWith('HTTP/1.1 408 ')).to.equal(true);
    });

    it('does not run when the timeout is negative', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });

      await meet({}, { handshakeTimeout: -1 });

      expect(clock.countTimers()).to.equal(0);
    });

    it('does not run any more when the handshake is done', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      const { client, owner } = await meet({}, { handshakeTimeout: 250 });
      client.write(upgradeRequest());
      const socket = await owner.outcome();

      clock.tick(1_000);

      expect(socket?.isValid()).to.equal(true);
      expect(clock.countTimers()).to.equal(0);
    });

    it('is not gained by dripping bytes behind a refusal', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      const { client, stream } = await meet();
      client.write('garbage\r\n\r\n');
      await client.hears('400');

      for (let i = 0; i < 10; i++) {
        expect(stream.destroyed).to.equal(false);
        stream.emit('data', Buffer.of(i));
        clock.tick(100);
      }

      expect(stream.destroyed).to.equal(true);
    });

    it('is short for a refused client that does not leave', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      const { client, stream } = await meet();
      client.write('garbage\r\n\r\n');
      await client.hears('400');
      expect(stream.destroyed).to.equal(false);

      clock.tick(1_000);

      expect(stream.destroyed).to.equal(true);
      expect(clock.countTimers()).to.equal(0);
    });
  });

  describe('a client', () => {
    it('that goes on sending after a refusal is cut in the end', async () => {
      const { client, stream } = await meet();
      client.write('garbage\r\n\r\n');
      await client.hears('400');

      stream.emit('data', Buffer.alloc(1024 * 1024));
      expect(stream.destroyed).to.equal(false);
      stream.emit('data', Buffer.alloc(1));

      expect(stream.destroyed).to.equal(true);
    });

    it('that leaves in the middle of its request is forgotten', async () => {
      const { client, owner } = await meet();

      client.write('GET / HTTP/1.1\r\nHost');
      client.socket.end();

      expect(await owner.outcome()).to.equal(undefined);
      expect(await client.ended()).to.equal('');
    });

    it('that resets the connection in the middle of its request is forgotten', async () => {
      const { client, owner } = await meet();

      client.write('GET / HTTP/1.1\r\nHost');
      client.socket.resetAndDestroy();

      expect(await owner.outcome()).to.equal(undefined);
      expect(owner.refused.callCount).to.equal(0);
    });

    it('that resets the connection before it has its refusal is forgotten', async () => {
      const { client, owner } = await meet({
        hasRoom: () => {
          client.socket.resetAndDestroy();
          return false;
        },
      });

      client.write(upgradeRequest());

      expect(await owner.outcome()).to.equal(undefined);
    });

    it('that is gone before it is answered makes no connection', async () => {
      const { client, stream, owner } = await meet({
        isOriginAllowed: () => {
          stream.destroy();
          return true;
        },
      });

      client.write(upgradeRequest());

      expect(await owner.outcome()).to.equal(undefined);
      expect(await client.ended()).to.equal('');
    });
  });

  describe('cut()', () => {
    it('ends the connection without an answer', async () => {
      const { client, owner, acceptor } = await meet();

      acceptor.cut('closed');

      expect(await client.ended()).to.equal('');
      expect(owner.outcomes).to.deep.equal([undefined]);
    });

    it('within the decision about the origin ends the handshake', async () => {
      const { client, owner, acceptor } = await meet({
        isOriginAllowed: () => {
          acceptor.cut('closed');
          return true;
        },
      });

      client.write(upgradeRequest());

      expect(await client.ended()).to.equal('');
      expect(owner.outcomes).to.deep.equal([undefined]);
    });
  });
});
