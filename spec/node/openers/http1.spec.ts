import { expect } from 'chai';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import sinon from 'sinon';
import { SocketError } from '../../../lib/network/qabstractsocket.ts';
import type { QAuthenticator } from '../../../lib/network/qauthenticator.ts';
import { QHttpHeaders } from '../../../lib/network/qhttpheaders.ts';
import {
  Http1Opener,
  type Http1Request,
  type OpenerOwner,
} from '../../../lib/node/openers/http1.ts';
import { directRoute } from '../../../lib/node/routes/direct.ts';
import type { Route, RouteEvents } from '../../../lib/node/routes/route.ts';
import type { SocketFailure } from '../../../lib/node/socket-errors.ts';
import {
  TlsVerdict,
  type HandshakeRefusal,
  type OpeningEvents,
} from '../../../lib/websockets/socket-backend.ts';
import { frame } from '../../support/frames.ts';
import { NOBODY } from '../../support/ports.ts';
import { RawPeer, switching, type RawConnection } from '../../support/raw-peer.ts';
import { SecurePeer, showing, trusting } from '../../support/secure-peer.ts';
import { TestStream } from '../../support/test-stream.ts';
import { uncaughtErrors } from '../../support/uncaught.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const GOOD = switching(KEY);

/** Remembers how it went. */
class RecordingOpenerEvents implements OpenerOwner, OpeningEvents {
  readonly told: unknown[][] = [];
  written = 0;
  stream: Duplex | undefined;
  early: Buffer | undefined;
  detail = '';
  refusal: HandshakeRefusal | undefined;
  verdict: TlsVerdict = TlsVerdict.Refuse;
  /** What is done when the server wants to know who asks; nothing unless it is set. */
  answer: (authenticator: QAuthenticator) => void = () => {};
  /** What is done during TLS. */
  onVerificationFailed: () => void = () => {};
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

  handshakeFailed({ error, description, cause, refusal }: SocketFailure): void {
    this.detail = cause.detail;
    this.refusal = refusal;
    this.#tell('handshakeFailed', error, description);
  }

  bytesWritten(count: number): void {
    this.written += count;
  }

  authenticationRequired(authenticator: QAuthenticator): void {
    this.told.push(['authenticationRequired', authenticator.realm()]);
    this.answer(authenticator);
  }

  proxyAuthenticationRequired(): void {}

  encrypted(): void {
    this.told.push(['encrypted']);
  }

  verificationFailed(): TlsVerdict {
    this.told.push(['verificationFailed']);
    this.onVerificationFailed();
    return this.verdict;
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

  /** The next way to the peer; the one to `port` unless a spec wants another. */
  let newRoute: (told: RouteEvents) => Route;
  let port: number;
  let keys: string[];

  beforeEach(() => {
    port = peer.port;
    keys = [];
    newRoute = (told) => directRoute('127.0.0.1', port, { readBufferSize: 0 }, told);
  });

  /** Prepares an attempt to reach the peer. */
  function prepare(
    changes: Partial<Http1Request> = {},
    openTimeout = 30_000,
  ): Http1Opener | string {
    const request = {
      host: '127.0.0.1',
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
      nextKey: () => keys.shift() ?? KEY,
      newRoute: (told: RouteEvents) => newRoute(told),
    };
    return Http1Opener.prepare(request, parts, events, events);
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

  // A 101 ends with its empty line, whatever it says about a body (RFC 9112 §6.3).
  const openings: Record<string, string> = {
    'an answer of 103 before it': `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${GOOD}`,
    'a length of its body': switching(KEY, 'Content-Length: 7\r\n'),
    'a transfer coding of its body': switching(KEY, 'Transfer-Encoding: chunked\r\n'),
  };
  for (const [what, response] of Object.entries(openings)) {
    it(`takes an answer with ${what}, and what is behind it for WebSocket data`, async () => {
      start();
      const connection = await peer.next();
      await connection.head();
      connection.socket.write(Buffer.concat([Buffer.from(response), frame(1, 'Hello')]));
      await events.over;

      expect(events.told).to.deep.equal([['handshakeDone', '']]);
      expect(events.early!.equals(frame(1, 'Hello'))).to.equal(true);
    });
  }

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
    'two subprotocols': [
      switching(KEY, 'Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n'),
      'WebSocket server has chosen protocol a, b which has not been requested',
    ],
    'a subprotocol named twice': [
      switching(KEY, 'Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n'),
      'WebSocket server has chosen protocol a, a which has not been requested',
    ],
    'HTTP/1.0': [
      GOOD.replace('HTTP/1.1', 'HTTP/1.0'),
      'Invalid parameter encountered during protocol upgrade: Accept-key size: 28, version: 1.0, ' +
        'upgrade: websocket, connection: Upgrade',
    ],
    'interim answers without end': [
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17),
      'Header is too large',
    ],
    'an answer before its time': ['HTTP/1.1 200\n', 'Read handshake request status failed'],
    'a line that is no status line': ['HTTP/1.1 1O1\r\n', 'Read handshake request status failed'],
    'white space before a colon': [
      'HTTP/1.1 101 x\r\nUpgrade ',
      'Parsing handshake request header failed',
    ],
    'a NUL in a header': [
      'HTTP/1.1 101 x\r\nUpgrade: web\0',
      'Parsing handshake request header failed',
    ],
    'another protocol': ['SSH-2.0-OpenSSH_9.2\r\n', 'Read handshake request status failed'],
    'a head without an end': [`HTTP/1.1 101 x\r\n${'a: b\r\n'.repeat(200)}`, ''],
  };
  for (const [what, [response, description]] of Object.entries(refusals)) {
    it(`fails with ${what}, and closes`, async () => {
      start({ subprotocols: ['a', 'b'] });
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

  it('tells what the server has answered', async () => {
    start();
    const connection = await peer.next();
    await connection.head();
    connection.socket.write('HTTP/1.1 429 Slow Down\r\nRetry-After: 3\r\n\r\n');
    await events.over;

    expect(events.refusal).to.deep.equal({ status: 429, retryAfter: 3_000 });
  });

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
    port = NOBODY;
    const opener = start();
    await events.over;

    expect(events.told).to.deep.equal([
      ['routeFailed', SocketError.ConnectionRefusedError, 'Connection refused'],
    ]);
    expect(opener.hasReachedPeer).to.equal(false);
  });

  it('finds no host without a name', async () => {
    newRoute = (told) => directRoute('', port, { readBufferSize: 0 }, told);
    start();
    expect(events.told).to.deep.equal([]);
    await events.over;

    expect(events.told).to.deep.equal([
      ['routeFailed', SocketError.HostNotFoundError, 'Host not found'],
    ]);
  });

  describe('a server that wants to know who asks', () => {
    const CHALLENGE = 'WWW-Authenticate: Basic realm="vault"\r\n';

    function refusal(fields: string, body = ''): string {
      return `HTTP/1.1 401 Who?\r\n${fields}\r\n${body}`;
    }

    const EMPTY = 'Content-Length: 0\r\n';

    function answering(user: string, password: string): void {
      events.answer = (authenticator) => {
        authenticator.setUser(user);
        authenticator.setPassword(password);
      };
    }

    async function refuse(
      connection: RawConnection,
      fields = CHALLENGE + EMPTY,
      body = '',
    ): Promise<string> {
      const head = await connection.head();
      connection.socket.write(refusal(fields, body));
      return head;
    }

    function fieldOf(head: string, name: string): string | undefined {
      return new RegExp(`^${name}: (.*)\r$`, 'im').exec(head)?.[1];
    }

    it('is told so on the same connection, with another key', async () => {
      keys = ['AAAAAAAAAAAAAAAAAAAAAA==', KEY];
      answering('joe', 'pw');
      start();
      const connection = await peer.next();
      const first = await refuse(connection);
      const second = await connection.head();
      connection.socket.write(GOOD);
      await events.over;

      expect(fieldOf(first, 'Authorization')).to.equal(undefined);
      expect(fieldOf(second, 'Authorization')).to.equal('Basic am9lOnB3');
      expect(fieldOf(first, 'Sec-WebSocket-Key')).to.equal('AAAAAAAAAAAAAAAAAAAAAA==');
      expect(fieldOf(second, 'Sec-WebSocket-Key')).to.equal(KEY);
      expect(events.told).to.deep.equal([
        ['authenticationRequired', 'vault'],
        ['handshakeDone', ''],
      ]);
      expect(events.written).to.equal(first.length + second.length);
    });

    it('is told the user and the password of the URL without asking, once', async () => {
      start({ user: 'url', password: 'pw' });
      const connection = await peer.next();
      expect(fieldOf(await refuse(connection), 'Authorization')).to.equal(undefined);
      expect(events.told).to.deep.equal([]);
      const second = await refuse(connection);
      await events.over;

      expect(fieldOf(second, 'Authorization')).to.equal('Basic dXJsOnB3');
      expect(events.told.map(([name]) => name)).to.deep.equal([
        'authenticationRequired',
        'handshakeFailed',
      ]);
    });

    it('hears Digest computed over the request target', async () => {
      answering('joe', 'pw');
      start({ resourceName: '/chat?a=b' });
      const connection = await peer.next();
      await refuse(connection, `WWW-Authenticate: Digest realm=r, nonce=n, qop=auth\r\n${EMPTY}`);
      const authorization = fieldOf(await connection.head(), 'Authorization');

      expect(authorization).to.match(/^Digest username="joe", realm="r", /);
      expect(authorization).to.contain(' uri="/chat?a=b"');
    });

    it('may send a text with the question, however it drips', async () => {
      answering('joe', 'pw');
      start();
      const connection = await peer.next();
      await refuse(connection, `${CHALLENGE}Content-Length: 10\r\n`, '01234');
      await setImmediate();
      expect(connection.unread).to.have.lengthOf(0);
      connection.socket.write('56789');

      expect(fieldOf(await connection.head(), 'Authorization')).to.equal('Basic am9lOnB3');
    });

    const lost: Record<string, [fields: string, body: string]> = {
      'is to be closed': [`Connection: close\r\n${EMPTY}`, ''],
      'has a text without an announced end': ['', 'text'],
      'has a text in chunks': ['Transfer-Encoding: chunked\r\n', '0\r\n\r\n'],
      'has a text that is too long': ['Content-Length: 99999999\r\n', 'text'],
      'says more than it has announced': [EMPTY, 'HTTP/1.1 101 Go on\r\n\r\n'],
    };
    for (const [what, [fields, body]] of Object.entries(lost)) {
      it(`is told so on a new connection when the old one ${what}`, async () => {
        answering('joe', 'pw');
        start();
        const first = await peer.next();
        await refuse(first, CHALLENGE + fields, body);
        await first.over;
        const second = await peer.next();
        const head = await second.head();
        second.socket.write(GOOD);
        await events.over;

        expect(first.unread).to.have.lengthOf(0);
        expect(fieldOf(head, 'Authorization')).to.equal('Basic am9lOnB3');
        expect(events.told.at(-1)).to.deep.equal(['handshakeDone', '']);
      });
    }

    it('whose way is gone the second time has failed in the handshake', async () => {
      answering('joe', 'pw');
      const opener = start();
      const connection = await peer.next();
      newRoute = (told) => directRoute('', port, { readBufferSize: 0 }, told);
      await refuse(connection, `${CHALLENGE}Connection: close\r\n`);
      await events.over;

      expect(events.told.slice(1)).to.deep.equal([
        ['handshakeFailed', SocketError.HostNotFoundError, 'Host not found'],
      ]);
      expect(opener.hasReachedPeer).to.equal(true);
    });

    it('tells what it waits for on the second way', async () => {
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      answering('joe', 'pw');
      const opener = start({}, 250);
      const connection = await peer.next();
      const dialled = new Promise<void>((resolve) => {
        newRoute = () => ({
          start: resolve,
          cancel: () => {},
          socket: undefined,
          waitsFor: 'looking up',
        });
      });
      await refuse(connection, `${CHALLENGE}Connection: close\r\n`);
      await dialled;
      expect(opener.unsent).to.be.greaterThan(100);
      clock.tick(250);

      expect(events.detail).to.equal('250 ms, looking up');
    });

    const unanswered: Record<string, [fields: string, description: string, asked: number]> = {
      'nobody says': [CHALLENGE, 'QWebSocket::processHandshake: Host requires authentication', 1],
      'there is no challenge': [
        '',
        'QWebSocketPrivate::processHandshake: Unsupported WWW-Authenticate challenges encountered.',
        0,
      ],
      'the challenge is not known': [
        'WWW-Authenticate: Negotiate\r\n',
        'QWebSocketPrivate::processHandshake: Unsupported WWW-Authenticate challenge encountered.',
        0,
      ],
      'no challenge is known': [
        'WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n',
        'QWebSocketPrivate::processHandshake: Unsupported WWW-Authenticate challenges encountered.',
        0,
      ],
    };
    for (const [what, [fields, description, asked]] of Object.entries(unanswered)) {
      it(`refuses when ${what}`, async () => {
        start();
        const connection = await peer.next();
        await refuse(connection, fields + EMPTY);
        await events.over;
        await connection.over;

        expect(events.told.at(-1)).to.deep.equal([
          'handshakeFailed',
          SocketError.ConnectionRefusedError,
          description,
        ]);
        expect(events.told).to.have.lengthOf(asked + 1);
        expect(connection.unread).to.have.lengthOf(0);
      });
    }

    it('is told 16 different answers at most', async () => {
      let asked = 0;
      events.answer = (authenticator) => authenticator.setUser(`joe${++asked}`);
      start();
      const connection = await peer.next();
      for (let i = 0; i <= 16; i++) await refuse(connection);
      await events.over;

      expect(asked).to.equal(16);
      expect(events.told.at(-1)![0]).to.equal('handshakeFailed');
    });

    it('is told no line break as a password', async () => {
      answering('joe', 'pw\r\nX-Injected: yes');
      start();
      const connection = await peer.next();
      await refuse(connection);
      const head = await connection.head();

      expect(head).to.not.contain('X-Injected');
      expect(fieldOf(head, 'Authorization')).to.match(/^Basic [\w+/=]+$/);
    });

    it('is told nothing when the slot gives up', async () => {
      let opener: Http1Opener | undefined;
      events.answer = (authenticator) => {
        authenticator.setUser('joe');
        opener!.cancel();
      };
      opener = start();
      const connection = await peer.next();
      await refuse(connection);
      await connection.over;

      expect(connection.unread).to.have.lengthOf(0);
      expect(events.told).to.deep.equal([['authenticationRequired', 'vault']]);
    });

    it('has the one timeout for all of it', async () => {
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      answering('joe', 'pw');
      start({}, 250);
      const connection = await peer.next();
      await connection.head();
      clock.tick(200);
      connection.socket.write(refusal(CHALLENGE + EMPTY));
      await connection.head();
      clock.tick(50);

      expect(events.told.at(-1)!.slice(0, 2)).to.deep.equal([
        'handshakeFailed',
        SocketError.SocketTimeoutError,
      ]);
    });
  });

  describe('over TLS', () => {
    let secure: SecurePeer;

    afterEach(() => secure.close());

    async function listen(name = 'server'): Promise<void> {
      secure = await SecurePeer.listen(showing(name));
      ({ port } = secure);
    }

    it('sends the request when the peer has been verified', async () => {
      await listen();
      start({ sslConfiguration: trusting() });
      const connection = await secure.next();
      await connection.head();
      connection.socket.write(GOOD);
      await events.over;

      expect(events.told).to.deep.equal([['encrypted'], ['handshakeDone', '']]);
      expect(events.stream).to.not.equal(undefined);
    });

    it('sends nothing to a peer that is refused', async () => {
      await listen('self-signed');
      const opener = start({ sslConfiguration: trusting() });
      expect(opener.unsent).to.equal(0);
      const connection = await secure.next();
      await events.over;
      await connection.ended;

      expect(connection.unread).to.have.lengthOf(0);
      expect(events.written).to.equal(0);
      // Qt goes on counting the request that it had queued.
      expect(opener.unsent).to.be.above(100);
      expect(events.told).to.deep.equal([
        ['encrypted'],
        ['verificationFailed'],
        [
          'handshakeFailed',
          SocketError.SslHandshakeFailedError,
          'The certificate is self-signed, and untrusted',
        ],
      ]);
    });

    for (const isIgnored of [true, false]) {
      it(`${isIgnored ? 'goes on' : 'fails'} by resume() after a pause`, async () => {
        await listen('self-signed');
        events.verdict = TlsVerdict.Wait;
        const waiting = new Promise<void>((resolve) => (events.onVerificationFailed = resolve));
        const opener = start({ sslConfiguration: trusting() });
        await waiting;
        await setImmediate();
        opener.resume(isIgnored);
        opener.resume(isIgnored);
        const connection = await secure.next();
        if (isIgnored) {
          await connection.head();
          connection.socket.write(GOOD);
        }
        await events.over;
        await setImmediate();

        const [name] = events.told.at(-1)!;
        expect(name).to.equal(isIgnored ? 'handshakeDone' : 'handshakeFailed');
        expect(events.told).to.have.lengthOf(3);
      });
    }

    it('has the one timeout for all of it', async () => {
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      await listen('self-signed');
      events.verdict = TlsVerdict.Wait;
      const waiting = new Promise<void>((resolve) => (events.onVerificationFailed = resolve));
      const opener = start({ sslConfiguration: trusting() }, 250);
      await waiting;
      clock.tick(250);
      opener.resume(true);

      expect(events.told.at(-1)!.slice(0, 2)).to.deep.equal([
        'handshakeFailed',
        SocketError.SocketTimeoutError,
      ]);
    });

    it('refuses a way on which somebody has spoken before', async () => {
      await listen();
      const stream = new TestStream();
      newRoute = (told) => ({
        start: () => process.nextTick(() => told.routed(stream, Buffer.from('220 hello\r\n'))),
        cancel: () => {},
        socket: undefined,
        waitsFor: 'nothing',
      });
      start({ sslConfiguration: trusting() });
      await events.over;

      expect(events.told).to.deep.equal([
        [
          'handshakeFailed',
          SocketError.SslHandshakeFailedError,
          'Error during SSL handshake: data before the handshake',
        ],
      ]);
      expect(stream.calls).to.deep.equal([]);
      expect(stream.destroyed).to.equal(true);
    });
  });

  it('reads what has come early on the way, without TLS', async () => {
    const stream = new TestStream();
    newRoute = (told) => ({
      start: () => process.nextTick(() => told.routed(stream, Buffer.from(GOOD.slice(0, 20)))),
      cancel: () => {},
      socket: undefined,
      waitsFor: 'nothing',
    });
    start();
    await setImmediate();
    stream.push(GOOD.slice(20));
    await events.over;

    expect(events.told).to.deep.equal([['handshakeDone', '']]);
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
        ['routeFailed', SocketError.SocketTimeoutError, 'Socket operation timed out'],
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
        ['handshakeFailed', SocketError.SocketTimeoutError, 'Socket operation timed out'],
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

    it('tells nothing where there is no host', async () => {
      newRoute = (told) => directRoute('', port, { readBufferSize: 0 }, told);
      start().cancel();
      await setImmediate();

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
