import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { restore, spy, useFakeTimers } from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QHttpServerRequest } from '../../lib/websockets/qhttpserverrequest.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { UpgradeData } from '../../lib/websockets/upgrade-data.ts';
import type { UpgradeAnswer } from '../../lib/websockets/upgrade-verifiers.ts';
import { emitted } from '../support/emitted.ts';
import { hex } from '../support/hex.ts';
import { untilCollected } from '../support/memory.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, SAMPLE_ACCEPT, upgradeRequest } from '../support/raw-client.ts';
import { connectSecurely, identified } from '../support/secure-client.ts';
import { SharedHttp } from '../support/shared-http.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { until } from '../support/until.ts';
import { wordsOf } from '../support/words-of.ts';

const { accept, deny, passToNext } = QHttpServerWebSocketUpgradeResponse;

/** A promise that is kept or broken from outside. */
class Later<T> {
  keep!: (value: T) => void;
  breakWith!: (reason: unknown) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.keep = resolve;
    this.breakWith = reject;
  });
}

describe('a verifier of upgrades', () => {
  let server: QWebSocketServer;
  let context: QObject;
  let clients: RawClient[];
  let serverError: ReturnType<typeof spy>;

  beforeEach(() => {
    server = new QWebSocketServer('');
    context = new QObject();
    clients = [];
    serverError = spy();
    server.serverError.connect(serverError);
  });

  afterEach(() => {
    restore();
    server[Symbol.dispose]();
    for (const { socket } of clients) socket.destroy();
  });

  async function connect(): Promise<RawClient> {
    if (!server.isListening()) server.listen('127.0.0.1');
    const client = await RawClient.connect(server.serverPort());
    clients.push(client);
    return client;
  }

  /** A client that has sent its request. */
  async function ask(
    headers: Record<string, string> = {},
    line = 'GET / HTTP/1.1',
  ): Promise<RawClient> {
    const client = await connect();
    client.write(upgradeRequest(headers, line));
    return client;
  }

  /** The whole answer to a client that is not let in. */
  async function refusal(headers: Record<string, string> = {}): Promise<string> {
    const client = await ask(headers);
    return client.ended();
  }

  /** Has one verifier that answers with what `answer` returns. */
  function verify(answer: (request: QHttpServerRequest) => unknown): void {
    server.addWebSocketUpgradeVerifier(context, (request) => answer(request) as UpgradeAnswer);
  }

  /** A client whose request is with the verifier, and what the verifier is going to answer. */
  async function meetWaiting(): Promise<[client: RawClient, answer: Later<unknown>]> {
    const answer = new Later<unknown>();
    const isAsked = new Promise<void>((resolve) => {
      verify(() => {
        resolve();
        return answer.promise;
      });
    });
    const client = await ask();
    await isAsked;
    return [client, answer];
  }

  it('lets in whom it accepts', async () => {
    verify(() => accept());

    const client = await ask();

    expect(await client.hears('\r\n\r\n')).to.include(`Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}`);
    expect(server.hasPendingConnections()).to.equal(true);
    expect(serverError.callCount).to.equal(0);
  });

  it('lets in whom it accepts later', async () => {
    const [client, answer] = await meetWaiting();
    expect(server.hasPendingConnections()).to.equal(false);

    answer.keep(accept());

    expect(await client.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
    expect(server.hasPendingConnections()).to.equal(true);
  });

  it('takes a promise of another make', async () => {
    const then = (keep: (answer: unknown) => void): void => keep(accept());
    // oxlint-disable-next-line unicorn/no-thenable
    verify(() => ({ then }));

    const client = await ask();

    expect(await client.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
  });

  it('has its context for this', async () => {
    const told = spy();
    server.addWebSocketUpgradeVerifier(context, function () {
      told(this);
      return accept();
    });

    const client = await ask();

    await client.hears('101');
    expect(told.args).to.deep.equal([[context]]);
  });

  for (const [what, act] of Object.entries({
    'closes the server': () => server.close(),
    'destroys the server': () => server[Symbol.dispose](),
  })) {
    for (const [when, answer] of Object.entries({
      'at once': () => accept(),
      later: () => Promise.resolve(accept()),
    })) {
      it(`that ${what} has nothing more to say, ${when}`, async () => {
        verify(() => {
          act();
          return answer();
        });

        const client = await ask();

        expect(await client.ended()).to.equal('');
        expect(server.hasPendingConnections()).to.equal(false);
      });
    }
  }

  it('has to be a function', () => {
    expect(() => server.addWebSocketUpgradeVerifier(context, {} as () => never)).to.throw(
      TypeError,
      'A verifier has to be a function.',
    );
  });

  it('has to have a QObject as its context', () => {
    expect(() => server.addWebSocketUpgradeVerifier({} as QObject, () => accept())).to.throw(
      TypeError,
      'A context has to be a QObject.',
    );
  });

  describe('among others', () => {
    it('is asked in its turn, until one decides', async () => {
      const asked: string[] = [];
      for (const [name, answer] of Object.entries({ a: passToNext, b: accept, c: deny })) {
        verify(() => {
          asked.push(name);
          return answer();
        });
      }

      const client = await ask();

      await client.hears('101');
      expect(asked).to.deep.equal(['a', 'b']);
    });

    it('is asked behind one that takes its time', async () => {
      verify(async () => passToNext());
      verify(() => passToNext());
      verify(async () => deny());

      expect(await refusal()).to.match(/^HTTP\/1\.1 403 Forbidden\r\n/);
    });

    it('leaves the client to nobody when all pass, which is 404 as in Qt', async () => {
      verify(() => passToNext());
      verify(async () => passToNext());

      expect(await refusal()).to.match(/^HTTP\/1\.1 404 Not Found\r\n/);
      expect(server.error()).to.equal(1008);
      expect(wordsOf(server.errorString())).to.equal('No verifier has accepted the upgrade.');
    });

    it('is not asked about a request that another has added it in', async () => {
      verify(() => {
        verify(() => deny());
        return passToNext();
      });

      expect(await refusal()).to.match(/^HTTP\/1\.1 404 /);
      expect(await refusal()).to.match(/^HTTP\/1\.1 403 /);
    });
  });

  describe('is asked after all that is cheaper', () => {
    it('and not about an origin that is denied', async () => {
      const asked = spy(() => accept());
      verify(asked);
      server.originAuthenticationRequired.connect((page) => page.setAllowed(false));

      expect(await refusal({ Origin: 'http://a.example' })).to.match(/^HTTP\/1\.1 403 Access/);
      expect(asked.callCount).to.equal(0);
    });

    it('and not about another version', async () => {
      const asked = spy(() => accept());
      verify(asked);

      expect(await refusal({ 'Sec-WebSocket-Version': '8' })).to.match(/^HTTP\/1\.1 426 /);
      expect(asked.callCount).to.equal(0);
    });
  });

  describe('whose context is destroyed', () => {
    it('is not asked any more, and lets nobody in by that', async () => {
      verify(() => accept());
      context[Symbol.dispose]();

      expect(await refusal()).to.match(/^HTTP\/1\.1 404 /);
    });

    it('is left out in the middle of a row', async () => {
      const other = new QObject();
      server.addWebSocketUpgradeVerifier(other, () => {
        context[Symbol.dispose]();
        return passToNext();
      });
      verify(() => deny());
      server.addWebSocketUpgradeVerifier(other, () => accept());

      const client = await ask();

      expect(await client.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
    });

    it('still has its say when it was asked before', async () => {
      const [client, answer] = await meetWaiting();
      context[Symbol.dispose]();

      answer.keep(deny());

      expect(await client.ended()).to.match(/^HTTP\/1\.1 403 /);
    });
  });

  describe('that denies', () => {
    it('says 403 by itself, which is told of', async () => {
      verify(() => deny());

      const answer = await refusal();

      expect(answer).to.match(/^HTTP\/1\.1 403 Forbidden\r\nConnection: close\r\n/);
      expect(answer.endsWith('\r\n\r\nForbidden\n')).to.equal(true);
      expect(serverError.args).to.deep.equal([[1008]]);
      expect(server.errorString()).to.match(
        /^A verifier has denied the upgrade\. \(HTTP: status 403 to 127\.0\.0\.1:\d+\.\)$/,
      );
    });

    const told: Record<string, [answer: () => QHttpServerWebSocketUpgradeResponse, RegExp]> = {
      'a status': [() => deny(410), /^HTTP\/1\.1 410 Gone\r\n[^]*Content-Length: 0\r\n\r\n$/],
      'a status that HTTP has no words for': [() => deny(499), /^HTTP\/1\.1 499 \r\n/],
      'a message': [() => deny(404, 'No such room'), /^HTTP\/1\.1 404 No such room\r\n[^]*room\n$/],
      'a message that is no line of HTTP': [
        () => deny(404, 'a\r\nX: \u4e2d'),
        /^HTTP\/1\.1 404 a\?\?X: \?\r\n[^]*\r\n\r\na\r\nX: \xe4\xb8\xad\n$/,
      ],
      'a long message': [
        () => deny(404, 'a'.repeat(5000)),
        /^HTTP\/1\.1 404 a{120}\?\r\n[^]*Content-Length: 5001\r\n/,
      ],
      'a header': [
        () => deny(401, 'Who?', { headers: { 'WWW-Authenticate': 'Basic realm="a"' } }),
        /^HTTP\/1\.1 401 Who\?\r\nwww-authenticate: Basic realm="a"\r\n/,
      ],
      'a place to go to': [
        () => deny(302, 'Found', { headers: new Map([['Location', '/b']]) }),
        /^HTTP\/1\.1 302 Found\r\nlocation: \/b\r\n/,
      ],
      'a time to come back': [
        () => deny(503, '', { headers: QHttpHeaders.fromListOfPairs([['Retry-After', '5']]) }),
        /^HTTP\/1\.1 503 Service Unavailable\r\nretry-after: 5\r\n/,
      ],
      'a body of text': [
        () => deny(403, 'No', { body: 'é' }),
        /Content-Length: 2\r\n\r\n\xc3\xa9$/,
      ],
      'a body of its own type': [
        () => deny(403, 'No', { headers: { 'content-type': 'a/b' }, body: Buffer.of(1) }),
        // oxlint-disable-next-line no-control-regex
        /\r\ncontent-type: a\/b\r\n(?![^]*text\/plain)[^]*Content-Length: 1\r\n\r\n\x01$/,
      ],
      'nothing of what ends an answer': [
        () => {
          const headers = {
            Connection: 'keep-alive',
            'Content-Length': '9999',
            'Transfer-Encoding': 'chunked',
            Upgrade: 'x',
          };
          return deny(403, 'No', { headers });
        },
        /^HTTP\/1\.1 403 No\r\nConnection: close\r\nDate: .*\r\nContent-Type: .*\r\nContent-Length: 3\r\n\r\nNo\n$/,
      ],
    };
    for (const [what, [answer, expected]] of Object.entries(told)) {
      it(`can say ${what}`, async () => {
        verify(answer);

        expect(await refusal()).to.match(expected);
      });
    }
  });

  describe('that accepts', () => {
    it('can choose one of the subprotocols that are offered', async () => {
      server.setSupportedSubprotocols(['a']);
      verify((request) => accept({ subprotocol: request.subprotocols()[1] }));

      const client = await ask({ 'Sec-WebSocket-Protocol': 'a, b' });

      expect(await client.hears('\r\n\r\n')).to.include('\r\nSec-WebSocket-Protocol: b\r\n');
      expect(server.nextPendingConnection()?.subprotocol()).to.equal('b');
    });

    it('can choose none', async () => {
      server.setSupportedSubprotocols(['a']);
      verify(() => accept({ subprotocol: '' }));

      const client = await ask({ 'Sec-WebSocket-Protocol': 'a' });

      expect(await client.hears('\r\n\r\n')).to.not.include('Sec-WebSocket-Protocol');
    });

    it('cannot choose one that was not offered (RFC 6455 §4.2.2)', async () => {
      verify(() => accept({ subprotocol: 'c' }));

      const answer = await refusal({ 'Sec-WebSocket-Protocol': 'a, b' });

      expect(answer).to.match(/^HTTP\/1\.1 500 /);
      expect(server.error()).to.equal(1006);
      expect(wordsOf(server.errorString())).to.equal(
        'A verifier has chosen a subprotocol that was not offered.',
      );
    });

    it('can send headers, but none of the handshake', async () => {
      const headers = { 'Set-Cookie': 'a=b', Upgrade: 'x', 'Sec-WebSocket-Accept': 'x', Date: 'x' };
      verify(() => accept({ headers }));

      const client = await ask();

      const answer = await client.hears('\r\n\r\n');
      expect(answer).to.include('\r\nset-cookie: a=b\r\n');
      expect(answer).to.not.match(/: x\r\n/);
    });
  });

  for (const [what, headers] of Object.entries({
    'a line break in a header': { A: 'b\r\nC: d' },
    'a name that is none': { 'A: b\r\nC': 'd' },
    'a character that HTTP has no byte for': { A: '\u010a' },
  })) {
    for (const [verb, answer] of Object.entries({
      accepts: () => accept({ headers }),
      denies: () => deny(403, 'No', { headers }),
    })) {
      it(`that ${verb} with ${what} is answered for with 500`, async () => {
        verify(answer);

        const heard = await refusal();

        expect(heard).to.match(/^HTTP\/1\.1 500 /);
        expect(heard).to.not.match(/^C: d/m);
        expect(server.error()).to.equal(1006);
      });
    }
  }

  describe('that fails', () => {
    const ways: Record<string, [answer: () => unknown, message: string]> = {
      throws: [
        () => {
          throw new Error('Bug.');
        },
        'Bug.',
      ],
      rejects: [() => Promise.reject(new Error('Late bug.')), 'Late bug.'],
      'answers nothing': [
        () => undefined,
        'A verifier has to return a QHttpServerWebSocketUpgradeResponse.',
      ],
      'answers with true': [
        () => true,
        'A verifier has to return a QHttpServerWebSocketUpgradeResponse.',
      ],
      'promises nonsense': [
        () => Promise.resolve({ type: () => 0 }),
        'A verifier has to return a QHttpServerWebSocketUpgradeResponse.',
      ],
      'has a trap for an answer': [
        () =>
          // oxlint-disable-next-line unicorn/no-thenable
          Object.defineProperty({}, 'then', {
            get: () => {
              throw new Error('Trap.');
            },
          }),
        'Trap.',
      ],
      'denies with a status that opens a WebSocket': [
        () => deny(101),
        'A request cannot be denied with status 101.',
      ],
      'denies with a header that is no text': [
        () => deny(429, '', { headers: { 'Retry-After': 5 as never } }),
        'The header "Retry-After" is no text.',
      ],
    };
    for (const [what, [answer, message]] of Object.entries(ways)) {
      it(`is answered for with 500 and reported: ${what}`, async () => {
        verify(answer);
        let heard = '';

        const errors = await uncaughtErrors(async () => {
          heard = await refusal();
        });

        expect(heard).to.match(/^HTTP\/1\.1 500 /);
        expect(errors.map((error) => (error as Error).message)).to.deep.equal([message]);
        expect(server.error()).to.equal(1006);
        expect(wordsOf(server.errorString())).to.equal('A verifier of upgrades has failed.');
      });
    }

    it('is not followed by another', async () => {
      verify(() => true);
      const asked = spy(() => accept());
      verify(asked);

      await uncaughtErrors(() => refusal());

      expect(asked.callCount).to.equal(0);
    });
  });

  describe('that takes its time', () => {
    const timers = ['setTimeout', 'clearTimeout'] as const;

    it('has what is left of the timeout, and its client 503 behind that', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      server.setHandshakeTimeout(250);
      const [client, answer] = await meetWaiting();

      clock.tick(250);

      expect(await client.hears('time.\n')).to.match(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
      expect(server.error()).to.equal(1006);
      expect(wordsOf(server.errorString())).to.equal('The upgrade was not verified in time.');
      answer.keep(accept());
      await setImmediate();
      expect(server.hasPendingConnections()).to.equal(false);
      expect(serverError.callCount).to.equal(1);
    });

    describe('hears by its signal', () => {
      let signal: AbortSignal | undefined;

      /** A client whose request is with a verifier that waits for its signal alone. */
      async function meetListening(): Promise<RawClient> {
        const isAsked = new Promise<void>((resolve) => {
          server.addWebSocketUpgradeVerifier(context, (_request, given) => {
            signal = given;
            resolve();
            return new Promise<never>((_keep, reject) => {
              given.addEventListener('abort', () => reject(given.reason as Error));
            });
          });
        });
        const client = await ask();
        await isAsked;
        expect(signal?.aborted).to.equal(false);
        return client;
      }

      /** Why nobody waits for it any more, once that is so. */
      async function reason(): Promise<string> {
        await until(() => signal?.aborted === true);
        return String(signal?.reason);
      }

      for (const way of ['end', 'resetAndDestroy'] as const) {
        it(`that the client has left by ${way}()`, async () => {
          const client = await meetListening();

          client.socket[way]();

          expect(await reason()).to.equal('AbortError: The client has left.');
          await until(() => server.statistics().refused.left === 1);
        });
      }

      it('that its time is over', async () => {
        const clock = useFakeTimers({ toFake: [...timers] });
        const client = await meetListening();

        clock.tick(10_000);

        expect(await reason()).to.equal('TimeoutError: The upgrade was not verified in time.');
        expect(await client.hears('time.\n')).to.match(/^HTTP\/1\.1 503 /);
      });

      for (const [what, act] of Object.entries({
        closed: () => server.close(),
        destroyed: () => server[Symbol.dispose](),
      })) {
        it(`that the server is ${what}`, async () => {
          const client = await meetListening();

          act();

          expect(signal?.aborted).to.equal(true);
          expect(await reason()).to.equal('AbortError: The server was closed.');
          expect(await client.ended()).to.equal('');
        });
      }

      it('that another client has taken its place', async () => {
        const clock = useFakeTimers({ toFake: ['performance'] });
        server.setMaxPendingHandshakes(1);
        await meetListening();
        clock.tick(1_001);

        await connect();

        expect(await reason()).to.equal('AbortError: The client was refused.');
      });

      it('nothing when it has answered', async () => {
        let given: AbortSignal | undefined;
        server.addWebSocketUpgradeVerifier(context, async (_request, shown) => {
          given = shown;
          return accept();
        });

        const client = await ask();
        await client.hears('101');
        server.close();

        expect(given!.aborted).to.equal(false);
      });
    });

    it('has for ever when there is no timeout', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      server.setHandshakeTimeout(-1);
      const [client, answer] = await meetWaiting();

      clock.tick(1_000_000);
      answer.keep(accept());

      expect(await client.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
    });

    describe('on a stream', () => {
      let listener: Server;

      beforeEach(async () => {
        listener = createServer({ allowHalfOpen: true });
        await listenOnLoopback(listener);
      });

      afterEach(() => {
        listener.close();
      });

      /** The same as meetWaiting(), with the server's end of the connection. */
      async function meetOnStream(): Promise<
        [client: RawClient, answer: Later<unknown>, stream: Socket]
      > {
        const answer = new Later<unknown>();
        const isAsked = new Promise<void>((resolve) => {
          verify(() => {
            resolve();
            return answer.promise;
          });
        });
        const accepted = once(listener, 'connection') as Promise<[Socket]>;
        const client = await RawClient.connect((listener.address() as AddressInfo).port);
        clients.push(client);
        const [stream] = await accepted;
        server.handleConnection(stream);
        client.write(upgradeRequest());
        await isAsked;
        return [client, answer, stream];
      }

      for (const way of ['end', 'resetAndDestroy'] as const) {
        it(`has no more to say when the client has left by ${way}()`, async () => {
          const [client, answer, stream] = await meetOnStream();
          client.socket[way]();
          await new Promise((resolve) => stream.once('close', resolve));

          answer.keep(accept());

          await setImmediate();
          expect(client.text).to.equal('');
          expect(server.hasPendingConnections()).to.equal(false);
          expect(serverError.callCount).to.equal(0);
        });
      }

      it('that never answers keeps neither the request nor the connection of who has left', async () => {
        const pending = new Promise<never>(() => {});
        const references: WeakRef<object>[] = [];
        // As its own frame does.
        let kept: AbortSignal | undefined;
        server.addWebSocketUpgradeVerifier(context, (request, signal) => {
          references.push(new WeakRef(request));
          kept = signal;
          return pending;
        });
        listener.once('connection', (stream) => {
          references.push(new WeakRef(stream));
          server.handleConnection(stream);
        });
        const client = await RawClient.connect((listener.address() as AddressInfo).port);
        clients.push(client);
        client.write(upgradeRequest());
        await until(() => references.length === 2);
        client.socket.end();

        await untilCollected(...references);
        expect(kept?.aborted).to.equal(true);
        expect(pending).to.be.instanceOf(Promise);
      });

      it('keeps what comes early, and lets no more of it come', async () => {
        const [client, answer, stream] = await meetOnStream();
        const paused = once(stream, 'pause');
        client.write(hex('81 85 37 fa 21 3d 7f 9f 4d 51 58'));
        client.write(Buffer.alloc(1024 * 1024));
        await paused;
        expect(stream.bytesRead).to.be.lessThan(256 * 1024);

        answer.keep(accept());

        await client.hears('101');
        const socket = server.nextPendingConnection()!;
        expect(await emitted(socket.textMessageReceived)).to.deep.equal(['Hello']);
      });
    });

    it('has no more to say when the server was closed', async () => {
      const [client, answer] = await meetWaiting();

      server.close();
      answer.keep(accept());

      expect(await client.ended()).to.equal('');
      expect(server.hasPendingConnections()).to.equal(false);
    });

    it('is not reported when it fails too late, as its signal may have it do', async () => {
      const [client, answer] = await meetWaiting();
      server.close();
      await client.ended();

      const errors = await uncaughtErrors(() => answer.breakWith(new Error('Too late.')));

      expect(errors).to.deep.equal([]);
    });

    it('counts among the pending handshakes', async () => {
      server.setMaxPendingHandshakes(1);
      const [client] = await meetWaiting();

      const other = await connect();

      expect(await other.ended()).to.match(/^HTTP\/1\.1 503 /);
      expect(client.text).to.equal('');
    });

    it('finds no room when others have come meanwhile', async () => {
      server.setMaxPendingConnections(1);
      const answers: Later<unknown>[] = [];
      const twoAsked = new Promise<void>((resolve) => {
        verify(() => {
          const answer = new Later<unknown>();
          if (answers.push(answer) === 2) resolve();
          return answer.promise;
        });
      });
      const both = [await ask(), await ask()];
      await twoAsked;

      for (const answer of answers) answer.keep(accept());

      const [first, second] = both as [RawClient, RawClient];
      await Promise.all([first.hears('\r\n\r\n'), second.hears('\r\n\r\n')]);
      expect(both.map(({ text }) => text.slice(9, 12)).toSorted()).to.deep.equal(['101', '503']);
    });
  });

  describe('sees a request', () => {
    it('with what it asks for, and from whom', async () => {
      let seen: QHttpServerRequest | undefined;
      verify((request) => {
        seen = request;
        return accept();
      });

      const client = await ask(
        { Cookie: 'a=b', 'Sec-WebSocket-Protocol': 'x, y' },
        'GET /a%20b?id=1&id=2&c=d+e HTTP/1.1',
      );
      await client.hears('101');

      const request = seen!;
      expect(request.method()).to.equal(QHttpServerRequest.Method.Get);
      expect(request.url().toString()).to.equal('ws://127.0.0.1/a b?id=1&id=2&c=d+e');
      expect(request.query().getAll('id')).to.deep.equal(['1', '2']);
      expect(request.query().get('c')).to.equal('d e');
      expect(request.value('COOKIE')).to.equal('a=b');
      expect(request.value('x')).to.equal('');
      expect(request.headers().value('host')).to.equal('127.0.0.1');
      expect(request.subprotocols()).to.deep.equal(['x', 'y']);
      expect(request.parameter('room')).to.equal('');
      expect(request.remoteAddress().toString()).to.equal('127.0.0.1');
      expect(request.remotePort()).to.equal(client.socket.localPort);
      expect(request.localAddress().toString()).to.equal('127.0.0.1');
      expect(request.localPort()).to.equal(server.serverPort());
      expect(request.sslConfiguration()).to.equal(null);
    });

    it('which it cannot change', async () => {
      verify((request) => {
        request.headers().clear();
        request.url().setPath('/other');
        request.subprotocols().push('x');
        return accept();
      });

      const client = await ask({ Cookie: 'a=b' }, 'GET /a HTTP/1.1');
      await client.hears('101');

      const socket = server.nextPendingConnection()!;
      expect(socket.request().headers().value('cookie')).to.equal('a=b');
      expect(socket.requestUrl().path()).to.equal('/a');
    });

    it('which the socket leads to later', async () => {
      const users = new UpgradeData<string>();
      verify((request) => {
        users.set(request, request.value('authorization'));
        return passToNext();
      });
      verify(async () => accept());

      const client = await ask({ Authorization: 'Bearer me' });
      await client.hears('101');

      const socket = server.nextPendingConnection()!;
      expect(users.of(socket)).to.equal('Bearer me');
      expect(new UpgradeData().of(socket)).to.equal(undefined);
      expect(QHttpServerRequest.of(socket)?.value('authorization')).to.equal('Bearer me');
    });
  });

  describe('is asked for a server', () => {
    const http = SharedHttp.forEachSpec();

    const attached: Record<string, () => void> = {
      'that is attached to an HTTP server': () => server.attach(http.server),
      'that requests are handed to': () => {
        http.server.on('upgrade', (request, stream, head) =>
          server.handleUpgrade(request, stream, head),
        );
      },
    };
    for (const [what, attach] of Object.entries(attached)) {
      it(what, async () => {
        attach();
        const answers = [accept, deny];
        verify(async () => answers.shift()!());

        expect((await http.ask()).text).to.match(/^HTTP\/1\.1 101 /);
        expect((await http.ask()).text).to.match(/^HTTP\/1\.1 403 /);
      });

      it(`${what}, and not for ever`, async () => {
        attach();
        server.setHandshakeTimeout(10);
        verify(() => new Promise(() => {}));

        expect((await http.ask()).text).to.match(/^HTTP\/1\.1 503 /);
      });
    }

    it('that is handed a request on a stream, whose end is noticed', async () => {
      const [near, far] = duplexPair();
      verify(() => new Promise(() => {}));
      const rawHeaders = upgradeRequest()
        .split('\r\n')
        .slice(1, -2)
        .flatMap((line) => line.split(': '));

      server.handleUpgrade(
        { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders },
        near,
        Buffer.alloc(0),
      );
      expect(near.destroyed).to.equal(false);
      far.end();

      await once(near, 'close');
    });

    it('that speaks TLS, and knows of that', async () => {
      const secure = new QWebSocketServer('', SslMode.SecureMode);
      secure.setSslConfiguration(identified());
      secure.listen('127.0.0.1');
      let seen: QHttpServerRequest | undefined;
      secure.addWebSocketUpgradeVerifier(context, async (request) => {
        seen = request;
        return accept();
      });

      const client = await connectSecurely(secure.serverPort());
      clients.push(client);
      client.write(upgradeRequest());

      expect(await client.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
      expect(seen?.url().scheme()).to.equal('wss');
      expect(seen?.sslConfiguration()?.sessionCipher().isNull()).to.equal(false);
      secure[Symbol.dispose]();
    });
  });
});
