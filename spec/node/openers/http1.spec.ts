import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import sinon from 'sinon';
import { SocketError } from '../../../lib/network/qabstractsocket.ts';
import { QHttpHeaders } from '../../../lib/network/qhttpheaders.ts';
import {
  Http1Opener,
  type Http1Request,
  type OpenerEvents,
} from '../../../lib/node/openers/http1.ts';
import { directRoute } from '../../../lib/node/routes/direct.ts';
import type { RouteEvents } from '../../../lib/node/routes/route.ts';
import type { SocketFailure } from '../../../lib/node/socket-errors.ts';
import { TlsVerdict } from '../../../lib/websockets/socket-backend.ts';
import { frame } from '../../support/frames.ts';
import { RawPeer, switching } from '../../support/raw-peer.ts';
import { uncaughtErrors } from '../../support/uncaught.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const GOOD = switching(KEY);

/** Remembers how it went. */
class RecordingOpenerEvents implements OpenerEvents {
  readonly told: unknown[][] = [];
  written = 0;
  stream: Duplex | undefined;
  early: Buffer | undefined;
  /** Resolves when the attempt has come to an end. */
  readonly over: Promise<void>;
  #end = (): void => {};

  constructor() {
    this.over = new Promise((resolve) => (this.#end = resolve));
  }

  handshakeDone(stream: Duplex, early: Buffer, subprotocol: string): void {
    this.stream = stream;
    this.early = early;
    this.#tell('handshakeDone', subprotocol);
  }

  routeFailed({ error, description }: SocketFailure): void {
    this.#tell('routeFailed', error, description);
  }

  handshakeFailed({ error, description }: SocketFailure): void {
    this.#tell('handshakeFailed', error, description);
  }

  bytesWritten(count: number): void {
    this.written += count;
  }

  authenticationRequired(): void {
    this.told.push(['authenticationRequired']);
  }

  proxyAuthenticationRequired(): void {}

  encrypted(): void {}

  verificationFailed(): TlsVerdict {
    return TlsVerdict.Refuse;
  }

  preSharedKeyRequired(): void {}

  alertReceived(): void {}

  #tell(...told: unknown[]): void {
    this.told.push(told);
    this.#end();
  }
}

describe('Http1Opener', () => {
  let peer: RawPeer;
  let events: RecordingOpenerEvents;

  beforeEach(async () => {
    peer = await RawPeer.listen();
    events = new RecordingOpenerEvents();
  });

  afterEach(() => {
    sinon.restore();
    events.stream?.destroy();
    peer.close();
  });

  /** Prepares an attempt to reach the peer. */
  function prepare(
    changes: Partial<Http1Request> = {},
    openTimeout = 30_000,
  ): Http1Opener | string {
    const request = {
      host: '127.0.0.1',
      port: peer.port,
      authority: `127.0.0.1:${peer.port}`,
      resourceName: '/chat',
      origin: '',
      subprotocols: [],
      headers: new QHttpHeaders(),
      user: '',
      password: '',
      sslConfiguration: undefined,
      ...changes,
    };
    const parts = {
      openTimeout,
      nextKey: () => KEY,
      newRoute: (told: RouteEvents) =>
        directRoute(request.host, request.port, { readBufferSize: 0 }, told),
    };
    return Http1Opener.prepare(request, parts, events);
  }

  function start(changes: Partial<Http1Request> = {}, openTimeout = 30_000): Http1Opener {
    const opener = prepare(changes, openTimeout) as Http1Opener;
    opener.start();
    return opener;
  }

  it('sends the request and says how many bytes that were', async () => {
    const opener = start({ subprotocols: ['a', 'b'], origin: 'http://origin.example' });
    const connection = await peer.next();
    const head = await connection.head();

    expect(head).to.equal(
      `GET /chat HTTP/1.1\r\nHost: 127.0.0.1:${peer.port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nOrigin: http://origin.example\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\n\r\n',
    );
    expect(events.written).to.equal(head.length);
    expect(opener.hasReachedPeer).to.equal(true);
    opener.cancel();
  });

  it('refuses at once what must not be sent', () => {
    expect(prepare({ origin: 'http://a\r\nX-Injected: yes' })).to.equal(
      'The origin contains newlines. Possible attack detected.',
    );
  });

  it('hands over the stream when the peer agrees', async () => {
    start({ subprotocols: ['chat'] });
    const connection = await peer.next();
    await connection.head();
    connection.socket.write(switching(KEY, 'Sec-WebSocket-Protocol: chat\r\n'));
    await events.over;

    expect(events.told).to.deep.equal([['handshakeDone', 'chat']]);
    expect(events.early).to.have.lengthOf(0);
  });

  it('reads a head that comes byte by byte', async () => {
    start();
    const connection = await peer.next();
    await connection.head();
    for (const byte of Buffer.from(GOOD)) {
      connection.socket.write(Buffer.of(byte));
      await setImmediate();
    }
    await events.over;

    expect(events.told).to.deep.equal([['handshakeDone', '']]);
  });

  it('keeps what comes behind the head, and reads no further', async () => {
    start();
    const connection = await peer.next();
    await connection.head();
    const early = Buffer.concat([frame(1, 'Hello'), frame(2, 'wor').subarray(0, 3)]);
    connection.socket.write(Buffer.concat([Buffer.from(GOOD), early]));
    await events.over;
    const stream = events.stream!;
    connection.socket.write('behind');
    await setImmediate();

    expect(events.early!.toString('hex')).to.equal(early.toString('hex'));
    expect(stream.isPaused()).to.equal(true);
    const read = once(stream, 'data') as Promise<[Buffer]>;
    stream.resume();
    expect(String((await read)[0])).to.equal('behind');
  });

  it('leaves nothing on the stream that it hands over', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    start();
    expect(clock.countTimers()).to.equal(1);
    const connection = await peer.next();
    await connection.head();
    connection.socket.write(GOOD);
    await events.over;

    expect(clock.countTimers()).to.equal(0);
    for (const event of ['data', 'connect', 'error', 'close']) {
      expect(events.stream!.listenerCount(event), event).to.equal(0);
    }
  });

  const refusals: Record<string, [response: string, description: string]> = {
    'another status': [
      'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno',
      'QWebSocketPrivate::processHandshake: Unhandled http status code: 404 (Not Found).',
    ],
    'a redirect': [
      'HTTP/1.1 301 Moved\r\nLocation: ws://other.example/\r\n\r\n',
      'QWebSocketPrivate::processHandshake: Unhandled http status code: 301 (Moved).',
    ],
    'a wrong answer to the key': [
      GOOD.replace(/Accept: .*/, 'Accept: x'),
      `Accept-Key received from server x does not match the client key ${KEY}.`,
    ],
    'a subprotocol that was not asked for': [
      switching(KEY, 'Sec-WebSocket-Protocol: other\r\n'),
      'WebSocket server has chosen protocol other which has not been requested',
    ],
    'another protocol': ['SSH-2.0-OpenSSH_9.2\r\n\r\n', 'Read handshake request status failed'],
    'a head without an end': [`HTTP/1.1 101 x\r\n${'a: b\r\n'.repeat(200)}`, ''],
  };
  for (const [what, [response, description]] of Object.entries(refusals)) {
    it(`fails with ${what}, and closes`, async () => {
      start();
      const connection = await peer.next();
      await connection.head();
      connection.socket.write(response);
      await events.over;

      const [[name, error, text]] = events.told as [[string, SocketError, string]];
      expect([name, error]).to.deep.equal(['handshakeFailed', SocketError.ConnectionRefusedError]);
      if (description === '') expect(text).to.not.equal('');
      else expect(text).to.equal(description);
      await connection.over;
      expect(events.told).to.have.lengthOf(1);
    });
  }

  it('never reads a head of more than its limit', async () => {
    start();
    const connection = await peer.next();
    await connection.head();
    connection.socket.write('HTTP/1.1 101 Switching Protocols\r\n');
    const line = `X-Filler: ${'x'.repeat(100_000)}\r\n`;
    for (let i = 0; i < 10; i++) connection.socket.write(line);
    await events.over;

    expect(events.told).to.deep.equal([
      ['handshakeFailed', SocketError.ConnectionRefusedError, 'Header is too large'],
    ]);
    await connection.closed;
  });

  const LEFT = [
    ['handshakeFailed', SocketError.RemoteHostClosedError, 'The remote host closed the connection'],
  ];

  it('fails when the peer ends before it has answered', async () => {
    start();
    const connection = await peer.next();
    await connection.head();
    connection.socket.end('HTTP/1.1 101 Swit');
    await events.over;

    expect(events.told).to.deep.equal(LEFT);
  });

  it('fails when the peer resets the connection', async () => {
    start();
    const connection = await peer.next();
    await connection.head();
    connection.reset();
    await events.over;

    expect(events.told).to.deep.equal(LEFT);
  });

  it('finds nobody at a port that nobody listens to', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const opener = start({ port });
    await events.over;

    expect(events.told).to.deep.equal([
      ['routeFailed', SocketError.ConnectionRefusedError, 'Connection refused'],
    ]);
    expect(opener.hasReachedPeer).to.equal(false);
  });

  it('finds no host without a name', async () => {
    start({ host: '' });
    expect(events.told).to.deep.equal([]);
    await events.over;

    expect(events.told).to.deep.equal([
      ['routeFailed', SocketError.HostNotFoundError, 'Host not found'],
    ]);
  });

  describe('the timeout', () => {
    let clock: sinon.SinonFakeTimers;

    beforeEach(() => {
      clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });

    it('ends an attempt to reach the peer', () => {
      start({}, 250);
      clock.tick(249);
      expect(events.told).to.deep.equal([]);
      clock.tick(1);

      expect(events.told).to.deep.equal([
        [
          'routeFailed',
          SocketError.SocketTimeoutError,
          'Socket operation timed out: no connection to the peer.',
        ],
      ]);
    });

    it('ends the waiting for an answer, however it drips', async () => {
      start({}, 250);
      const connection = await peer.next();
      await connection.head();
      clock.tick(200);
      connection.socket.write('HTTP/1.1 101 ');
      await setImmediate();
      clock.tick(50);

      expect(events.told).to.deep.equal([
        [
          'handshakeFailed',
          SocketError.SocketTimeoutError,
          'Socket operation timed out: the peer has not answered the handshake.',
        ],
      ]);
      await connection.over;
    });

    it('may be none', async () => {
      const opener = start({}, -1);
      const connection = await peer.next();
      await connection.head();
      clock.tick(2 ** 31);

      expect(clock.countTimers()).to.equal(0);
      expect(events.told).to.deep.equal([]);
      opener.cancel();
    });
  });

  describe('cancel()', () => {
    it('tells nothing, before there is a connection', async () => {
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const errors = await uncaughtErrors(() => start().cancel());

      expect(errors).to.deep.equal([]);
      expect(events.told).to.deep.equal([]);
      expect(clock.countTimers()).to.equal(0);
    });

    it('tells nothing where there is no host', () => {
      const clock = sinon.useFakeTimers();
      start({ host: '' }).cancel();
      clock.runAll();

      expect(events.told).to.deep.equal([]);
    });

    it('tells nothing while the answer is awaited, and closes', async () => {
      const opener = start();
      const connection = await peer.next();
      await connection.head();
      opener.cancel();
      connection.socket.write(GOOD);
      await connection.over;

      expect(events.told).to.deep.equal([]);
    });

    it('leaves a stream alone that was handed over', async () => {
      const opener = start();
      const connection = await peer.next();
      await connection.head();
      connection.socket.write(GOOD);
      await events.over;
      opener.cancel();

      expect(events.stream!.destroyed).to.equal(false);
    });
  });
});
