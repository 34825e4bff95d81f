import { expect } from 'chai';
import { restore, stub } from 'sinon';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import type { QAuthenticator } from '../../lib/network/qauthenticator.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { emitted } from '../support/emitted.ts';
import { RawClient, SAMPLE_ACCEPT, upgradeRequest } from '../support/raw-client.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

const EVIL = '\r\nX-Injected: yes';

/** A client and how it is made to open. */
interface Attempt {
  readonly socket: QWebSocket;
  open(): void;
}

/** Makes an attempt that leads to `port`. */
type Arrange = (port: number) => Attempt;

function url(rest: string): Arrange {
  return (port) => attempt(new QWebSocket(), `ws://127.0.0.1:${port}${rest}`);
}

function changedUrl(change: (url: QUrl) => void): Arrange {
  return (port) => {
    const changed = new QUrl(`ws://127.0.0.1:${port}/`);
    change(changed);
    return attempt(new QWebSocket(), changed);
  };
}

function withOrigin(origin: string): Arrange {
  return (port) => attempt(new QWebSocket(origin), `ws://127.0.0.1:${port}/`);
}

function withHeader(name: string, value: string | Uint8Array): Arrange {
  return (port) => {
    const request = new QNetworkRequest(`ws://127.0.0.1:${port}/`);
    request.setRawHeader(name, value);
    return attempt(new QWebSocket(), request);
  };
}

function asking(...subprotocols: string[]): Arrange {
  return (port) => {
    const options = new QWebSocketHandshakeOptions();
    options.setSubprotocols(subprotocols);
    return attempt(new QWebSocket(), `ws://127.0.0.1:${port}/`, options);
  };
}

function attempt(
  socket: QWebSocket,
  target: string | QUrl | QNetworkRequest,
  options?: QWebSocketHandshakeOptions,
): Attempt {
  return { socket, open: () => socket.open(target, options) };
}

const LOCAL = 'Host: 127.0.0.1';

/** The lines of a request but for its key; with no port in Host. */
function lines(
  target = '/',
  origin: readonly string[] = [],
  further: readonly string[] = [],
  host = LOCAL,
): string[] {
  return [
    `GET ${target} HTTP/1.1`,
    host,
    'Upgrade: websocket',
    'Connection: Upgrade',
    ...origin,
    'Sec-WebSocket-Version: 13',
    ...further,
  ];
}

describe('what a program gives, on the wire', () => {
  let peer: RawPeer;
  let socket: QWebSocket | undefined;

  beforeEach(async () => {
    peer = await RawPeer.listen();
  });

  afterEach(() => {
    restore();
    socket?.abort();
    peer.close();
  });

  /** Whether nobody came to the peer before this call: the next one that does is ours. */
  async function isUntouched(): Promise<boolean> {
    const own = await RawClient.connect(peer.port);
    own.write('It is me.\r\n\r\n');
    const head = await (await peer.next()).head();
    own.socket.destroy();
    return head === 'It is me.\r\n\r\n';
  }

  describe('of a client', () => {
    // undefined: nothing is dialled.
    const attempts: Record<string, [arrange: Arrange, expected: string[] | undefined]> = {
      'a line break in the path': [url(`/a${EVIL}`), undefined],
      'a line feed in the path': [url('/a\nX: y'), lines('/a%0AX:%20y')],
      'a NUL in the path': [url('/a\0b'), lines('/a%00b')],
      'a request line in the path': [url('/a HTTP/1.1'), lines('/a%20HTTP/1.1')],
      'an escaped line break in the path': [url('/a%0D%0AX'), undefined],
      'the same in lower case': [url('/a%0d%0aX'), lines('/a%0d%0aX')],
      'a path that is set': [changedUrl((u) => u.setPath('/a\r\nb c')), undefined],
      'a line feed in a path that is set': [
        changedUrl((u) => u.setPath('/a\nb %0A')),
        lines('/a%0Ab%20%250A'),
      ],
      'letters beyond ASCII in the path': [url('/ü\u010d\u010a'), lines('/%C3%BC%C4%8D%C4%8A')],
      'a line break in the query': [url(`/?a${EVIL}`), lines('/?a%0D%0AX-Injected:%20yes')],
      'a query that is set': [
        changedUrl((u) => u.setQuery(`a${EVIL}`)),
        lines('/?a%0D%0AX-Injected:%20yes'),
      ],
      'a fragment': [url(`/#a${EVIL}`), lines('/')],
      'a line break in the user': [
        (port) => attempt(new QWebSocket(), `ws://u${EVIL}:p${EVIL}@127.0.0.1:${port}/`),
        lines('/'),
      ],
      'a host with a line break': [changedUrl((u) => u.setHost(`127.0.0.1${EVIL}`)), undefined],
      'a host with an escaped line break': [
        (port) => attempt(new QWebSocket(), `ws://127.0.0.1%0d%0a:${port}/`),
        undefined,
      ],
      'a host with a NUL': [
        (port) => attempt(new QWebSocket(), `ws://127.0.0.1%00.evil.example:${port}/`),
        undefined,
      ],
      'a host of letters that become another': [
        // U+2100 is "a/c" to IDNA.
        (port) => attempt(new QWebSocket(), `ws://127.0.0.1\u2100:${port}/`),
        undefined,
      ],
      'a host in wide digits': [
        (port) => attempt(new QWebSocket(), `ws://１２７.0.0.1:${port}/`),
        lines('/'),
      ],

      'a line break in the origin': [withOrigin(`http://a${EVIL}`), undefined],
      'a NUL in the origin': [withOrigin('http://a\0'), undefined],
      'a control character in the origin': [withOrigin('http://a\x1b[0m'), undefined],
      'an origin beyond Latin-1': [
        withOrigin('http://a\u010d\u010aX: y'),
        lines('/', ['Origin: http://a??X: y']),
      ],
      'an origin in Latin-1': [withOrigin('http://ü'), lines('/', ['Origin: http://ü'])],

      'a line break in a header': [withHeader('X', `a${EVIL}`), undefined],
      'a line feed in a header': [withHeader('X', 'a\n'), undefined],
      'a carriage return in a header': [withHeader('X', '\ra'), undefined],
      'a NUL in a header': [withHeader('X', 'a\0'), undefined],
      'a control character in a header': [withHeader('X', 'a\x7f'), undefined],
      'a line break in the bytes of a header': [withHeader('X', Buffer.from('a\r\nb')), undefined],
      'a folded header': [withHeader('X', 'a\r\n b'), undefined],
      'a header beyond Latin-1': [withHeader('X', 'a\u010a'), undefined],
      'a line break in the name of a header': [withHeader('X\r\nY', 'a'), undefined],
      'a colon in the name of a header': [withHeader('X: a\r\nY', 'a'), undefined],
      'white space in the name of a header': [withHeader('X ', 'a'), undefined],
      'an empty name of a header': [withHeader('', 'a'), undefined],
      'a line break in Host': [withHeader('Host', `h${EVIL}`), undefined],
      'a line break in Origin': [withHeader('Origin', `h${EVIL}`), undefined],
      'a tab and white space in a header': [
        withHeader('X', ' \ta\tb '),
        lines('/', [], ['x: a\tb']),
      ],
      'a Host': [withHeader('Host', 'other.example'), lines('/', [], [], 'Host: other.example')],
      'a length of a body': [withHeader('Content-Length', '40'), lines()],
      'a transfer coding': [withHeader('Transfer-Encoding', 'chunked'), lines()],
      'another Connection': [withHeader('Connection', 'close'), lines()],
      'another key': [withHeader('Sec-WebSocket-Key', 'AAAA'), lines()],

      'a line break in a subprotocol': [
        asking('a', `b${EVIL}`),
        lines('/', [], ['Sec-WebSocket-Protocol: a']),
      ],
      'a comma in a subprotocol': [asking('a, b'), lines()],
      'a NUL in a subprotocol': [asking('a\0'), lines()],
      'a letter whose low byte is a line feed in a subprotocol': [asking('a\u010a'), lines()],
      'an empty subprotocol': [asking(''), lines()],
      'a line break in a raw list of subprotocols': [
        withHeader('Sec-WebSocket-Protocol', `a${EVIL}`),
        undefined,
      ],
      'what is no token in a raw list of subprotocols': [
        withHeader('Sec-WebSocket-Protocol', 'a, b c, "d"'),
        lines('/', [], ['Sec-WebSocket-Protocol: a']),
      ],
    };
    for (const [what, [arrange, expected]] of Object.entries(attempts)) {
      it(`${expected === undefined ? 'is not there' : 'is what was meant'}: ${what}`, async () => {
        const warn = stub(process, 'emitWarning');
        const made = arrange(peer.port);
        socket = made.socket;
        const errors: number[] = [];
        socket.errorOccurred.connect((error) => errors.push(error));

        made.open();

        if (expected === undefined) {
          expect(errors).to.deep.equal([SocketError.ConnectionRefusedError]);
          expect(await isUntouched()).to.equal(true);
          return;
        }
        const connection = await peer.next();
        const head = await connection.head();
        const written = head.split('\r\n').filter((line) => !line.startsWith('Sec-WebSocket-Key:'));
        expect(written).to.deep.equal([...expected, '', ''].map(withPort));
        expect(connection.unread).to.have.lengthOf(0);
        for (const [text] of warn.args) expect(text).to.not.match(/\p{Cc}/u);
      });
    }

    function withPort(line: string): string {
      return line === LOCAL ? `${LOCAL}:${peer.port}` : line;
    }
  });

  describe('of somebody who logs in', () => {
    const EMPTY = 'Content-Length: 0\r\n\r\n';
    const logins: Record<string, [user: string, password: string]> = {
      'a line break': [`u${EVIL}`, `p${EVIL}`],
      quotes: ['u", x="y', 'p"'],
      'a backslash': ['u\\', 'p\\'],
      'letters beyond Latin-1': ['ü\u010a\u010d', '\u010a'],
      'a NUL': ['u\0', 'p\0'],
    };
    const challenges: Record<string, [challenge: string, answer: RegExp]> = {
      Basic: ['Basic realm="a"', /^Authorization: Basic [A-Za-z0-9+/]+=*$/],
      Digest: [
        'Digest realm="a\\"b", nonce="n\\"\\\\", qop="auth", algorithm=SHA-256, opaque="o, x=\\""',
        /^Authorization: Digest username(?:="(?:[ !#-[\]-~\x80-\xff]|\\["\\])*"|\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]+), realm="a\\"b", nonce="n\\"\\\\", uri="\/", response="[0-9a-f]{64}", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="[0-9a-f]+", opaque="o, x=\\""$/,
      ],
    };
    for (const [scheme, [challenge, answer]] of Object.entries(challenges)) {
      for (const [what, [user, password]] of Object.entries(logins)) {
        it(`is one line of ${scheme}, with ${what} in user and password`, async () => {
          socket = new QWebSocket();
          socket.authenticationRequired.connect((authenticator: QAuthenticator) => {
            authenticator.setRealm(`r${EVIL}`);
            authenticator.setOption('realm', `r${EVIL}`);
            authenticator.setUser(user);
            authenticator.setPassword(password);
          });
          socket.open(peer.url);
          const connection = await peer.next();
          const first = (await connection.head()).split('\r\n');

          connection.socket.write(`HTTP/1.1 401 Who\r\nWWW-Authenticate: ${challenge}\r\n${EMPTY}`);

          const second = (await connection.head()).split('\r\n');
          expect(second).to.have.lengthOf(first.length + 1);
          expect(second.at(-3)).to.match(answer);
        });
      }
    }
  });

  describe('of somebody behind a proxy', () => {
    let proxy: ScriptedPeer;

    beforeEach(async () => {
      proxy = await ScriptedPeer.listen();
    });

    afterEach(async () => {
      await proxy.close();
    });

    function openThrough(own: QNetworkProxy): void {
      socket = new QWebSocket('http://origin.example');
      socket.setProxy(own);
      const request = new QNetworkRequest('ws://host.example:81/secret');
      request.setRawHeader('X-Secret', 'yes');
      socket.open(request);
    }

    it('has only what an HTTP proxy needs', async () => {
      openThrough(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port, 'u', 'p'));

      expect(await (await proxy.accept()).head()).to.deep.equal([
        'CONNECT host.example:81 HTTP/1.1',
        'Proxy-Connection: keep-alive',
        'Host: host.example',
        'User-Agent: Mozilla/5.0',
      ]);
    });

    it('is one line with line breaks in user and password of an HTTP proxy', async () => {
      const user = `u${EVIL}`;
      openThrough(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port, user, EVIL));
      const connection = await proxy.accept();
      await connection.head();

      connection.say(
        'HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm="a"\r\nContent-Length: 0\r\n\r\n',
      );

      const head = await connection.head();
      expect(head).to.have.lengthOf(5);
      expect(head[4]).to.equal(
        `Proxy-Authorization: Basic ${Buffer.from(`${user}:${EVIL}`).toString('base64')}`,
      );
    });

    it('is told by its length to a SOCKS proxy', async () => {
      openThrough(new QNetworkProxy(ProxyType.Socks5Proxy, '127.0.0.1', proxy.port, '\0\x05', ''));
      const connection = await proxy.accept();
      expect(await connection.bytes(3)).to.equal('050102');

      connection.say(Buffer.of(5, 2));

      // RFC 1929 §2: version, length and user, length and password.
      expect(await connection.bytes(5)).to.equal('0102000500');
    });

    for (const type of ['HttpProxy', 'Socks5Proxy'] as const) {
      it(`is not sent to the host that a NUL cuts out of the name of an ${type}`, async () => {
        openThrough(new QNetworkProxy(ProxyType[type], '127.0.0.1\0.example', proxy.port));
        await emitted(socket!.errorOccurred);

        expect(socket!.error()).to.equal(SocketError.ProxyNotFoundError);
        expect(proxy.count).to.equal(0);
      });
    }
  });

  describe('of a server', () => {
    let server: QWebSocketServer;

    beforeEach(() => {
      server = new QWebSocketServer();
      server.listen(QHostAddress.LocalHost);
    });

    afterEach(() => {
      server[Symbol.dispose]();
    });

    async function answerTo(request: string): Promise<string[]> {
      const client = await RawClient.connect(server.serverPort());
      client.write(request);
      const answer = await client.hears('\r\n\r\n');
      client.socket.destroy();
      return answer.split('\r\n\r\n', 1)[0]!.split('\r\n');
    }

    const names: Record<string, [name: string, line: string | undefined]> = {
      'a line break': [`s${EVIL}`, undefined],
      'a line feed': ['s\n', undefined],
      'a NUL': ['s\0', undefined],
      'a control character': ['s\x1b[0m', undefined],
      'letters beyond Latin-1': ['s\u010d\u010aX: y', 'Server: s??X: y'],
      'a tab': ['s\tt', 'Server: s\tt'],
    };
    for (const [what, [name, line]] of Object.entries(names)) {
      it(`is its name, with ${what}`, async () => {
        server.setServerName(name);

        const accepted = await answerTo(upgradeRequest());
        const refused = await answerTo(upgradeRequest({ Host: undefined }));

        const status = line === undefined ? '500 Internal Server Error' : '101 Switching Protocols';
        expect(accepted[0]).to.equal(`HTTP/1.1 ${status}`);
        for (const head of [accepted, refused]) {
          const others = head.filter(
            (each) => !/^[A-Z][a-z]+(?:-[A-Z][A-Za-z]+)*: [^]+$/.test(each),
          );
          expect(others).to.have.lengthOf(1);
          expect(head.filter((each) => each.startsWith('Server:'))).to.deep.equal(
            line === undefined ? [] : [line],
          );
        }
      });
    }

    it('has no subprotocol that is no token, whatever it is said to support', async () => {
      server.setSupportedSubprotocols([`a${EVIL}`, 'a b', '', 'a, b', 'c']);

      const head = await answerTo(upgradeRequest({ 'Sec-WebSocket-Protocol': 'a, b, c' }));

      expect(head.slice(1, 5)).to.deep.equal([
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}`,
        'Sec-WebSocket-Protocol: c',
      ]);
    });
  });

  describe('in frames', () => {
    const memory = new ArrayBuffer(8);
    new Uint8Array(memory).set([1, 2, 3, 4, 5, 6, 7, 8]);
    const detached = new ArrayBuffer(8);
    const viewOfDetached = new Uint8Array(detached);
    structuredClone(detached, { transfer: [detached] });

    async function connected(): Promise<QWebSocket> {
      socket = new QWebSocket();
      const done = emitted(socket.connected);
      socket.open(peer.url);
      connection = await peer.accept();
      await done;
      return socket;
    }
    let connection: Awaited<ReturnType<RawPeer['accept']>>;

    const bytes: Record<string, [data: Uint8Array | ArrayBuffer | ArrayBufferView, hex: string]> = {
      'a part of a buffer': [new Uint8Array(memory, 2, 3), '030405'],
      'wide elements': [new Uint16Array(memory, 2, 2), '03040506'],
      'floating-point numbers': [new Float64Array([1]), '000000000000f03f'],
      'a part of a pool': [Buffer.from('abc'), '616263'],
      'shared memory': [new Uint8Array(new SharedArrayBuffer(3)), '000000'],
      nothing: [new Uint8Array(0), ''],
    };
    for (const [what, [data, expected]] of Object.entries(bytes)) {
      it(`is exactly the bytes of ${what}`, async () => {
        const open = await connected();

        open.sendBinaryMessage(data);
        open.ping(data);

        expect((await connection.frame()).payload.toString('hex')).to.equal(expected);
        expect((await connection.frame()).payload.toString('hex')).to.equal(expected);
      });
    }

    // CVE-2016-10518, CVE-2026-45736 of ws: memory that nobody had written to went out.
    const wrong: Record<string, unknown> = {
      'a number': 5,
      'a large number': 2 ** 30,
      'a text': 'text',
      'an array': [1, 2, 3],
      'an object with a length': { length: 5, byteLength: 5 },
      'a detached buffer': detached,
      'a view of a detached buffer': viewOfDetached,
      'shared memory without a view': new SharedArrayBuffer(5),
      null: null,
    };
    for (const [what, value] of Object.entries(wrong)) {
      it(`is nothing when bytes are wanted and ${what} is given`, async () => {
        const open = await connected();
        const anything = value as Uint8Array;

        expect(() => open.sendBinaryMessage(anything)).to.throw(TypeError);
        expect(() => open.ping(anything)).to.throw(TypeError);

        open.sendTextMessage('next');
        expect((await connection.frame()).payload.toString()).to.equal('next');
      });
    }

    const noTexts: Record<string, unknown> = {
      'a number': 5,
      'a typed array': new Float64Array(5),
      'an object': { length: 5 },
      null: null,
    };
    for (const [what, value] of Object.entries(noTexts)) {
      it(`is nothing when text is wanted and ${what} is given`, async () => {
        const open = await connected();
        const anything = value as string;

        expect(() => open.sendTextMessage(anything)).to.throw(TypeError);
        expect(() => open.close(1000, anything)).to.throw(TypeError);

        open.sendTextMessage('next');
        expect((await connection.frame()).payload.toString()).to.equal('next');
      });
    }

    it('is a reason with line breaks as it is, within its frame', async () => {
      const open = await connected();

      open.close(1000, `r${EVIL}\0`);

      const { payload } = await connection.frame();
      expect(payload.toString('latin1')).to.equal(`\x03\xe8r${EVIL}\0`);
    });
  });
});
