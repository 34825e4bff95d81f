import { expect } from 'chai';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { restore, spy, stub, useFakeTimers, type SinonFakeTimers, type SinonSpy } from 'sinon';
import { ProxyType, QNetworkProxy } from '../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../lib/network/qnetworkrequest.ts';
import { SocketError } from '../lib/network/qabstractsocket.ts';
import { QWebSocket } from '../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../lib/node/qwebsocketserver.ts';
import { CloseCode } from '../lib/websockets/qwebsocketprotocol.ts';
import { SslProtocol } from '../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../lib/ssl/qsslconfiguration.ts';
import { emitted } from './support/emitted.ts';
import { frame } from './support/frames.ts';
import { NOBODY } from './support/ports.ts';
import { RawClient, upgradeRequest } from './support/raw-client.ts';
import { RawPeer, type RawConnection } from './support/raw-peer.ts';
import { certificate, SecurePeer, showing, trusting } from './support/secure-peer.ts';
import { partsOf } from './support/words-of.ts';

/** Whatever is secret in these specs contains it, plain or in Base64. */
const SECRET = /s3cret|czNjcmV0/;

/** What a program would have to be ashamed of, at every place where a program puts it. */
const USER_INFO = 'joe:s3cret';
const TARGET = 'room?token=s3cret';

/** One way to fail: how it comes about, and what is said of it. */
interface Row {
  readonly play: (stage: Stage) => Promise<void> | void;
  readonly error: SocketError;
  /** How Qt's words begin. */
  readonly words: string;
  readonly layer: string;
  readonly detail: RegExp;
}

/** A client that is full of secrets, and peers that a row makes fail. */
class Stage {
  readonly socket: QWebSocket = new QWebSocket();
  readonly #closables: { close(): unknown }[] = [];

  /** Sees to it that `peer` is gone at the end. */
  with<T extends { close(): unknown }>(peer: T): T {
    this.#closables.push(peer);
    return peer;
  }

  async raw(): Promise<RawPeer> {
    return this.with(await RawPeer.listen());
  }

  async secure(name: string): Promise<SecurePeer> {
    return this.with(await SecurePeer.listen(showing(name)));
  }

  open(port: number, scheme: 'ws' | 'wss' = 'ws', host = '127.0.0.1'): void {
    const request = new QNetworkRequest(`${scheme}://${USER_INFO}@${host}:${port}/${TARGET}`);
    request.setRawHeader('Authorization', 'Bearer s3cret');
    request.setRawHeader('Cookie', 'session=s3cret');
    request.setRawHeader('X-Api-Key', 's3cret');
    this.socket.open(request);
  }

  /** Opens, and has the peer answer `answer`; `''` resets the connection. */
  async answer(answer: string | Uint8Array): Promise<void> {
    const peer = await this.raw();
    this.open(peer.port);
    const connection = await peer.next();
    await connection.head();
    if (answer.length === 0) connection.reset();
    else connection.socket.end(answer);
  }

  /** Opens to the end of the handshake; returns the peer's side. */
  async connected(headers = ''): Promise<RawConnection> {
    const peer = await this.raw();
    const connected = emitted(this.socket.connected);
    this.open(peer.port);
    const connection = await peer.accept(headers);
    await connected;
    return connection;
  }

  /** Stops the clock, which the row moves on. */
  stopClock(): SinonFakeTimers {
    return useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  }

  through(type: ProxyType, port: number): void {
    this.socket.setProxy(new QNetworkProxy(type, '127.0.0.1', port, 'joe', 's3cret'));
  }

  /** Opens through a proxy that answers `answer` to the first bytes that come. */
  async proxyAnswer(type: ProxyType, ...answers: (string | Uint8Array)[]): Promise<void> {
    const proxy = this.with(
      createServer((client) => {
        client.on('error', () => {});
        client.on('data', () => {
          const answer = answers.shift();
          if (answer !== undefined) client.write(answer);
          if (answers.length === 0) client.end();
        });
      }).listen(0, '127.0.0.1'),
    );
    await once(proxy, 'listening');
    this.through(type, (proxy.address() as { port: number }).port);
    this.socket.open(`ws://${USER_INFO}@chat.example/${TARGET}`);
  }

  end(): void {
    this.socket.abort();
    for (const closable of this.#closables) closable.close();
  }
}

function lookingUpFails(code: string | undefined): void {
  stub(dns, 'lookup').callsFake(((hostname: string, _options: unknown, done: SinonSpy) => {
    if (code === undefined) return;
    const message = `getaddrinfo ${code} ${hostname}`;
    const error = Object.assign(new Error(message), { code, syscall: 'getaddrinfo', hostname });
    process.nextTick(done, error);
  }) as unknown as typeof dns.lookup);
}

const { HttpProxy, Socks5Proxy } = ProxyType;
const PROCESS = 'QWebSocketPrivate::processHandshake: ';

const attempts: Record<string, Row> = {
  'an invalid URL': {
    play: ({ socket }) => socket.open(`ws://${USER_INFO}@127.0.0.1:99999/${TARGET}`),
    error: SocketError.ConnectionRefusedError,
    words: 'Invalid URL.',
    layer: 'request',
    detail: /^Invalid port or port number out of range$/,
  },
  'no URL': {
    play: ({ socket }) => socket.open(''),
    error: SocketError.ConnectionRefusedError,
    words: 'Invalid URL.',
    layer: 'request',
    detail: /^it is empty$/,
  },
  'an unknown scheme': {
    play: ({ socket }) => socket.open(`http://${USER_INFO}@127.0.0.1/${TARGET}`),
    error: SocketError.UnsupportedSocketOperationError,
    words: 'Unsupported WebSocket scheme: http',
    layer: 'request',
    detail: /ws: or wss:/,
  },
  'a line break in the path': {
    play: ({ socket }) => socket.open(`ws://${USER_INFO}@127.0.0.1/s3cret%0D%0A`),
    error: SocketError.ConnectionRefusedError,
    words: 'Invalid resource name.',
    layer: 'request',
    detail: /line break/,
  },
  'a header whose name and value are mixed up': {
    play: ({ socket }) => {
      const request = new QNetworkRequest(`ws://${USER_INFO}@127.0.0.1/${TARGET}`);
      socket.open(request.setRawHeader('Authorization: Bearer s3cret', ''));
    },
    error: SocketError.ConnectionRefusedError,
    words: 'The header "authorization" cannot be sent.',
    layer: 'request',
    detail: /illegal name or value/,
  },
  'a line break in a header': {
    play: ({ socket }) => {
      const request = new QNetworkRequest(`ws://${USER_INFO}@127.0.0.1/${TARGET}`);
      socket.open(request.setRawHeader('Cookie', 'session=s3cret\r\n'));
    },
    error: SocketError.ConnectionRefusedError,
    words: 'The header "cookie" cannot be sent.',
    layer: 'request',
    detail: /illegal name or value/,
  },
  'a proxy that cannot carry it': {
    play: ({ socket }) => {
      socket.setProxy(new QNetworkProxy(ProxyType.FtpCachingProxy, 'a', 1, 'joe', 's3cret'));
      socket.open(`ws://${USER_INFO}@127.0.0.1/${TARGET}`);
    },
    error: SocketError.UnsupportedSocketOperationError,
    words: 'Operation on socket is not supported',
    layer: 'proxy',
    detail: /HttpProxy/,
  },

  'a name that nobody has': {
    play: (stage) => {
      lookingUpFails('ENOTFOUND');
      stage.open(80, 'ws', 'chat.example');
    },
    error: SocketError.HostNotFoundError,
    words: 'Host not found',
    layer: 'DNS',
    detail: /^chat\.example ENOTFOUND$/,
  },
  'name servers that do not answer': {
    play: (stage) => {
      lookingUpFails('EAI_AGAIN');
      stage.open(80, 'ws', 'chat.example');
    },
    error: SocketError.HostNotFoundError,
    words: 'Host not found',
    layer: 'DNS',
    detail: /^chat\.example EAI_AGAIN$/,
  },
  'a URL without a host': {
    play: ({ socket }) => socket.open(`ws:///${TARGET}`),
    error: SocketError.HostNotFoundError,
    words: 'Host not found',
    layer: 'DNS',
    detail: /names no host/,
  },
  'a port that nobody listens to': {
    play: (stage) => stage.open(NOBODY),
    error: SocketError.ConnectionRefusedError,
    words: 'Connection refused',
    layer: 'TCP',
    detail: /^127\.0\.0\.1:\d+ ECONNREFUSED$/,
  },
  'a Unix-domain socket that is not there': {
    play: ({ socket }) => socket.open(`ws+unix:/nowhere/chat.sock:/${TARGET}`),
    error: SocketError.HostNotFoundError,
    words: 'Host not found',
    layer: 'local socket',
    detail: /^\/nowhere\/chat\.sock ENOENT$/,
  },
  'close() before there is a connection': {
    play: async (stage) => {
      stage.open((await stage.raw()).port);
      stage.socket.close();
    },
    error: SocketError.UnfinishedSocketOperationError,
    words: 'Invalid socket descriptor',
    layer: 'TCP',
    detail: /close\(\) was called/,
  },

  'a look-up that takes too long': {
    play: (stage) => {
      lookingUpFails(undefined);
      stage.socket.setOpenTimeout(20);
      stage.open(80, 'ws', 'chat.example');
    },
    error: SocketError.SocketTimeoutError,
    words: 'Socket operation timed out',
    layer: 'timeout',
    detail: /^20 ms, looking up chat\.example:80$/,
  },
  'an answer that takes too long': {
    play: async (stage) => {
      const clock = stage.stopClock();
      stage.socket.setOpenTimeout(20);
      const peer = await stage.raw();
      stage.open(peer.port);
      await (await peer.next()).head();
      clock.tick(20);
    },
    error: SocketError.SocketTimeoutError,
    words: 'Socket operation timed out',
    layer: 'timeout',
    detail: /^20 ms, waiting for the answer of 127\.0\.0\.1:\d+ to the handshake$/,
  },
  'TLS that takes too long': {
    play: async (stage) => {
      const clock = stage.stopClock();
      stage.socket.setOpenTimeout(20);
      const peer = await stage.raw();
      stage.open(peer.port, 'wss');
      // The first byte of its hello.
      await (await peer.next()).read(1);
      clock.tick(20);
    },
    error: SocketError.SocketTimeoutError,
    words: 'Socket operation timed out',
    layer: 'timeout',
    detail: /^20 ms, in the TLS handshake with 127\.0\.0\.1:\d+$/,
  },
  'a proxy that takes too long': {
    play: async (stage) => {
      const clock = stage.stopClock();
      stage.socket.setOpenTimeout(20);
      const proxy = await stage.raw();
      stage.through(HttpProxy, proxy.port);
      stage.open(80, 'ws', 'chat.example');
      await (await proxy.next()).head();
      clock.tick(20);
    },
    error: SocketError.SocketTimeoutError,
    words: 'Socket operation timed out',
    layer: 'timeout',
    detail: /^20 ms, waiting for the answer of the proxy 127\.0\.0\.1:\d+$/,
  },

  'a certificate that nobody has signed': {
    play: async (stage) => stage.open((await stage.secure('self-signed')).port, 'wss'),
    error: SocketError.SslHandshakeFailedError,
    words: 'The certificate is self-signed, and untrusted',
    layer: 'TLS',
    detail: /^127\.0\.0\.1: "localhost" by "localhost"$/,
  },
  'a certificate for another host': {
    play: async (stage) => {
      stage.socket.setSslConfiguration(trusting('ca'));
      stage.open((await stage.secure('other-host')).port, 'wss');
    },
    error: SocketError.SslHandshakeFailedError,
    words: 'The host name did not match any of the valid hosts for this certificate',
    layer: 'TLS',
    detail: /^127\.0\.0\.1: the certificate is for other\.example/,
  },
  'a certificate that has expired': {
    play: async (stage) => {
      stage.socket.setSslConfiguration(trusting('ca'));
      stage.open((await stage.secure('expired')).port, 'wss');
    },
    error: SocketError.SslHandshakeFailedError,
    words: 'The certificate has expired',
    layer: 'TLS',
    detail: /^127\.0\.0\.1: "localhost" until \d{4}-\d\d-\d\d$/,
  },
  'a server that wants another version of TLS': {
    play: async (stage) => {
      const peer = await SecurePeer.listen({ ...showing('server'), minVersion: 'TLSv1.3' });
      const configuration = trusting('ca');
      configuration.setProtocol(SslProtocol.TlsV1_2);
      stage.socket.setSslConfiguration(configuration);
      stage.open(stage.with(peer).port, 'wss');
    },
    error: SocketError.SslHandshakeFailedError,
    words: 'Error during SSL handshake: ',
    layer: 'TLS',
    detail: /^127\.0\.0\.1 sent the alert "protocol version"$/,
  },
  'a server that speaks no TLS': {
    play: async (stage) => {
      const peer = await stage.raw();
      stage.open(peer.port, 'wss');
      (await peer.next()).socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    },
    error: SocketError.SslHandshakeFailedError,
    words: 'Error during SSL handshake: wrong version number',
    layer: 'TLS',
    detail: /^127\.0\.0\.1 ERR_SSL_WRONG_VERSION_NUMBER$/,
  },
  'a server that leaves during TLS': {
    play: async (stage) => {
      const peer = await stage.raw();
      stage.open(peer.port, 'wss');
      const connection = await peer.next();
      await connection.read(1);
      connection.socket.end();
    },
    error: SocketError.RemoteHostClosedError,
    words: 'The remote host closed the connection',
    layer: 'TLS',
    detail: /^127\.0\.0\.1 ended the connection during the handshake$/,
  },
  'a key that does not belong to the certificate': {
    play: async (stage) => {
      const configuration = QSslConfiguration.defaultConfiguration();
      configuration.setLocalCertificate(certificate('client'));
      configuration.setCiphers('NO-SUCH-CIPHER');
      stage.socket.setSslConfiguration(configuration);
      stage.open((await stage.raw()).port, 'wss');
    },
    error: SocketError.SslInvalidUserDataError,
    words: 'Error creating SSL context (',
    layer: 'TLS',
    detail: /OpenSSL does not take the QSslConfiguration$/,
  },

  'an HTTP proxy that is not there': {
    play: (stage) => {
      stage.through(HttpProxy, NOBODY);
      stage.open(80, 'ws', 'chat.example');
    },
    error: SocketError.ProxyConnectionRefusedError,
    words: 'Proxy connection refused',
    layer: 'proxy',
    detail: /^127\.0\.0\.1:\d+ ECONNREFUSED$/,
  },
  'an HTTP proxy without an address': {
    play: ({ socket }) => {
      socket.setProxy(new QNetworkProxy(HttpProxy, '', 80, 'joe', 's3cret'));
      socket.open(`ws://${USER_INFO}@chat.example/${TARGET}`);
    },
    error: SocketError.ProxyNotFoundError,
    words: 'Proxy server not found',
    layer: 'proxy',
    detail: /no host name/,
  },
  'an HTTP proxy that does not know us': {
    play: (stage) => {
      const refusal =
        'HTTP/1.1 407 joe:s3cret\r\nProxy-Authenticate: Basic realm="s3cret"\r\n' +
        'Content-Length: 0\r\n\r\n';
      return stage.proxyAnswer(HttpProxy, refusal, refusal);
    },
    error: SocketError.ProxyAuthenticationRequiredError,
    words: 'Authentication required',
    layer: 'proxy',
    detail: /^127\.0\.0\.1:\d+ answered CONNECT chat\.example:80 with status 407$/,
  },
  'an HTTP proxy that knows no way': {
    play: (stage) => stage.proxyAnswer(HttpProxy, 'HTTP/1.1 502 s3cret\r\n\r\n'),
    error: SocketError.ProxyProtocolError,
    words: 'Error communicating with HTTP proxy',
    layer: 'proxy',
    detail: /with status 502$/,
  },
  'an HTTP proxy that finds no host': {
    play: (stage) => stage.proxyAnswer(HttpProxy, 'HTTP/1.1 404 s3cret\r\n\r\n'),
    error: SocketError.HostNotFoundError,
    words: 'Host not found',
    layer: 'proxy',
    detail: /answered CONNECT chat\.example:80 with status 404$/,
  },
  'an HTTP proxy that is none': {
    play: (stage) => stage.proxyAnswer(HttpProxy, 'SSH-2.0-s3cret\r\n\r\n'),
    error: SocketError.ProxyProtocolError,
    words: 'Did not receive HTTP response from proxy',
    layer: 'proxy',
    detail: /with no HTTP\/1\.1$/,
  },
  'a SOCKS proxy that is not there': {
    play: (stage) => {
      stage.through(Socks5Proxy, NOBODY);
      stage.open(80, 'ws', 'chat.example');
    },
    error: SocketError.ProxyConnectionRefusedError,
    words: 'Connection to proxy refused',
    layer: 'proxy',
    detail: /^127\.0\.0\.1:\d+ ECONNREFUSED$/,
  },
  'a SOCKS proxy that does not know us': {
    play: (stage) => stage.proxyAnswer(Socks5Proxy, Buffer.of(5, 2), Buffer.of(1, 1)),
    error: SocketError.ProxyAuthenticationRequiredError,
    words: 'Proxy authentication failed',
    layer: 'proxy',
    detail: /wants another user and password/,
  },
  'a SOCKS proxy that is refused itself': {
    play: (stage) =>
      stage.proxyAnswer(
        Socks5Proxy,
        Buffer.of(5, 2),
        Buffer.of(1, 0),
        Buffer.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0),
      ),
    error: SocketError.ConnectionRefusedError,
    words: 'Connection refused',
    layer: 'proxy',
    detail: /^127\.0\.0\.1:\d+, asked for chat\.example:80: reply 5$/,
  },
  'a SOCKS proxy that speaks HTTP': {
    play: (stage) => stage.proxyAnswer(Socks5Proxy, 'HTTP/1.1 400 s3cret\r\n\r\n'),
    error: SocketError.ProxyProtocolError,
    words: 'SOCKS version 5 protocol error',
    layer: 'proxy',
    detail: /it speaks HTTP$/,
  },

  'a reset instead of an answer': {
    play: (stage) => stage.answer(''),
    error: SocketError.RemoteHostClosedError,
    words: 'The remote host closed the connection',
    layer: 'TCP',
    detail: /^127\.0\.0\.1:\d+ ECONNRESET without an answer$/,
  },
  'an end in the middle of the answer': {
    play: (stage) => stage.answer('HTTP/1.1 101'),
    error: SocketError.RemoteHostClosedError,
    words: 'The remote host closed the connection',
    layer: 'TCP',
    detail: /^127\.0\.0\.1:\d+ ended the connection without an answer$/,
  },
  'a status that says back what it was sent': {
    play: (stage) => stage.answer('HTTP/1.1 403 Not with s3cret, joe\r\n\r\ns3cret'),
    error: SocketError.ConnectionRefusedError,
    words: `${PROCESS}Unhandled http status code: 403 (Not with ***, joe).`,
    layer: 'HTTP',
    detail: /^status 403 of 127\.0\.0\.1:\d+$/,
  },
  'a redirect': {
    play: (stage) =>
      stage.answer(
        `HTTP/1.1 302 Found\r\nLocation: https://${USER_INFO}@b.example/login?n=s3cret#s3cret\r\n\r\n`,
      ),
    error: SocketError.ConnectionRefusedError,
    words: `${PROCESS}Unhandled http status code: 302 (Found).`,
    layer: 'HTTP',
    detail: /^status 302 of .*, redirects to https:\/\/b\.example\/login$/,
  },
  'a server that is busy': {
    play: (stage) => stage.answer('HTTP/1.1 503 Busy\r\nRetry-After: 120\r\n\r\n'),
    error: SocketError.ConnectionRefusedError,
    words: `${PROCESS}Unhandled http status code: 503 (Busy).`,
    layer: 'HTTP',
    detail: /, retry after 120$/,
  },
  'a server that does not know us': {
    play: async (stage) => {
      const peer = await stage.raw();
      stage.open(peer.port);
      const connection = await peer.next();
      for (const _ of [1, 2]) {
        await connection.head();
        connection.socket.write(
          'HTTP/1.1 401 s3cret\r\nWWW-Authenticate: Basic realm="s3cret"\r\n' +
            'Content-Length: 0\r\n\r\n',
        );
      }
    },
    error: SocketError.ConnectionRefusedError,
    words: 'QWebSocket::processHandshake: Host requires authentication',
    layer: 'HTTP',
    detail: /^status 401 of 127\.0\.0\.1:\d+$/,
  },
  'a server that wants to know us in a way of its own': {
    play: (stage) => stage.answer('HTTP/1.1 401 No\r\nWWW-Authenticate: Own s3cret\r\n\r\n'),
    error: SocketError.ConnectionRefusedError,
    words: `${PROCESS}Unsupported WWW-Authenticate challenge encountered.`,
    layer: 'HTTP',
    detail: /^status 401 of /,
  },
  'another version of WebSockets': {
    play: (stage) => stage.answer('HTTP/1.1 400 No\r\nSec-WebSocket-Version: 8\r\n\r\n'),
    error: SocketError.ConnectionRefusedError,
    words: "Handshake: Server requests a version that we don't support: 8.",
    layer: 'HTTP',
    detail: /^status 400 of /,
  },
  'an answer to another key': {
    play: (stage) =>
      stage.answer(
        'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Accept: s3cret\r\n\r\n',
      ),
    error: SocketError.ConnectionRefusedError,
    words: 'Accept-Key received from server *** does not match the client key ',
    layer: 'HTTP',
    detail: /^status 101 of /,
  },
  'a switch to another protocol': {
    play: (stage) => stage.answer('HTTP/1.1 101 Go\r\nUpgrade: s3cret\r\n\r\n'),
    error: SocketError.ConnectionRefusedError,
    words: 'Invalid parameter encountered during protocol upgrade: ',
    layer: 'HTTP',
    detail: /^status 101 of /,
  },
  'a server of something else': {
    play: (stage) => stage.answer('SSH-2.0-s3cret\r\n\r\n'),
    error: SocketError.ConnectionRefusedError,
    words: 'Read handshake request status failed',
    layer: 'HTTP',
    detail: /127\.0\.0\.1:\d+/,
  },
  'a server of wss:': {
    play: (stage) => stage.answer(Buffer.of(0x15, 3, 3, 0, 2, 2, 40)),
    error: SocketError.ConnectionRefusedError,
    words: 'Read handshake request status failed',
    layer: 'HTTP',
    detail: /^127\.0\.0\.1:\d+ speaks TLS$/,
  },
  'a header that is none': {
    play: (stage) => stage.answer('HTTP/1.1 101 Go\r\ns3cret\r\n\r\n'),
    error: SocketError.ConnectionRefusedError,
    words: 'Parsing handshake request header failed',
    layer: 'HTTP',
    detail: /^the answer of 127\.0\.0\.1:\d+: A header line has no name/,
  },
};

/** What happens to an open connection; `closeCode` tells whether it is lost or was failed. */
const ends: Record<string, Row & { readonly closeCode: number }> = {
  'an end of the stream': {
    play: async (stage) => void (await stage.connected()).socket.end(),
    error: SocketError.RemoteHostClosedError,
    closeCode: 1006,
    words: 'The remote host closed the connection',
    layer: 'TCP',
    detail: /^127\.0\.0\.1:\d+ ended the connection before a Close frame$/,
  },
  'a reset': {
    play: async (stage) => (await stage.connected()).reset(),
    error: SocketError.RemoteHostClosedError,
    closeCode: 1006,
    words: 'The remote host closed the connection',
    layer: 'TCP',
    detail: /^127\.0\.0\.1:\d+ ECONNRESET before a Close frame$/,
  },
  'a frame that breaks the protocol': {
    play: async (stage) => {
      const connection = await stage.connected();
      connection.send(1, 's3cret', { reserved: 0x40 });
      connection.socket.end();
    },
    error: SocketError.UnknownSocketError,
    closeCode: 1002,
    words: 'Rsv field is non-zero',
    layer: 'protocol',
    detail: /^closed with 1002$/,
  },
  'a text that is none': {
    play: async (stage) => {
      const connection = await stage.connected();
      connection.send(1, Buffer.of(0xff));
      connection.socket.end();
    },
    error: SocketError.UnknownSocketError,
    closeCode: 1007,
    words: 'Invalid UTF-8 code encountered.',
    layer: 'protocol',
    detail: /^closed with 1007$/,
  },
  'a message that is too large': {
    play: async (stage) => {
      stage.socket.setMaxAllowedIncomingMessageSize(3);
      const connection = await stage.connected();
      connection.send(1, 's3cret');
      connection.socket.end();
    },
    error: SocketError.UnknownSocketError,
    closeCode: 1009,
    words: 'Received message is too big.',
    layer: 'protocol',
    detail: /^closed with 1009$/,
  },
  'half a message, and then silence': {
    play: async (stage) => {
      stage.socket.setIncompleteMessageTimeout(20);
      const connection = await stage.connected();
      connection.send(1, 's3cret', { isFinal: false });
      await connection.frame();
      connection.socket.end();
    },
    error: SocketError.UnknownSocketError,
    closeCode: 1001,
    words: 'Timeout when reading data from socket.',
    layer: 'timeout',
    detail: /^20 ms without the rest of a message, closed with 1001$/,
  },
  'silence instead of a Close frame': {
    play: async (stage) => {
      stage.socket.setCloseTimeout(20);
      const connection = await stage.connected();
      const clock = stage.stopClock();
      stage.socket.close();
      await connection.frame();
      // What has gone out since it began is a sign of life.
      clock.tick(40);
    },
    error: SocketError.UnknownSocketError,
    closeCode: 1000,
    words: 'Socket operation timed out',
    layer: 'timeout',
    detail: /^20 ms, waiting for the peer to answer our Close frame$/,
  },
  'an end instead of a Close frame': {
    play: async (stage) => {
      const connection = await stage.connected();
      stage.socket.close();
      await connection.frame();
      connection.socket.end();
    },
    error: SocketError.UnknownSocketError,
    closeCode: 1000,
    words: 'The remote host closed the connection',
    layer: 'TCP',
    detail: /^127\.0\.0\.1:\d+ ended the connection without answering our Close frame$/,
  },
};

describe('a failure explains itself and keeps secrets', () => {
  let stage: Stage;
  let warnings: SinonSpy;

  beforeEach(() => {
    stage = new Stage();
    warnings = stub(process, 'emitWarning');
  });

  afterEach(() => {
    stage.end();
    restore();
  });

  /** Everything that might end up in a log. */
  function said({ socket }: Stage): string {
    const texts = [socket.errorString(), socket.closeReason()];
    const objects: unknown[] = [socket, socket.request(), socket.requestUrl(), socket.proxy()];
    return [
      ...texts,
      inspect(warnings.args),
      ...objects.map((value) => inspect(value, { depth: 8, showHidden: true })),
    ].join('\n');
  }

  for (const [what, row] of Object.entries(attempts)) {
    it(`when an attempt meets ${what}`, async () => {
      const failed = emitted(stage.socket.errorOccurred);
      await row.play(stage);
      const [error] = await failed;

      const [words, layer, detail] = partsOf(stage.socket.errorString());
      expect([error, stage.socket.error(), layer]).to.deep.equal([row.error, row.error, row.layer]);
      expect(words.startsWith(row.words), words).to.equal(true);
      expect(detail).to.match(row.detail);
      expect(said(stage)).to.not.match(SECRET);
    });
  }

  for (const [what, row] of Object.entries(ends)) {
    it(`when an open connection meets ${what}`, async () => {
      const errorOccurred = spy();
      stage.socket.errorOccurred.connect(errorOccurred);
      const disconnected = emitted(stage.socket.disconnected);
      await row.play(stage);
      await disconnected;

      const [words, layer, detail] = partsOf(stage.socket.errorString());
      expect([words, layer]).to.deep.equal([row.words, row.layer]);
      expect(detail).to.match(row.detail);
      expect([stage.socket.error(), stage.socket.closeCode()]).to.deep.equal([
        row.error,
        row.closeCode,
      ]);
      // What Qt closes without a signal is closed without one.
      const signals = row.error === SocketError.UnknownSocketError ? [] : [[row.error]];
      expect(errorOccurred.args).to.deep.equal(signals);
      expect(said(stage)).to.not.match(SECRET);
    });
  }

  for (const code of [1000, 1001, 1011, 4000]) {
    it(`and there is none when the peer closes in order, with ${code}`, async () => {
      const connection = await stage.connected();
      const disconnected = emitted(stage.socket.disconnected);
      connection.send(8, Buffer.of(code >> 8, code & 0xff));
      await connection.frame();
      connection.socket.end();
      await disconnected;

      expect(stage.socket.errorString()).to.equal('Unknown error');
      expect(stage.socket.closeCode()).to.equal(code);
    });
  }

  it('and is forgotten by the next open()', async () => {
    stage.socket.open('');
    expect(stage.socket.errorString()).to.include('Invalid URL.');

    await stage.connected();

    expect(stage.socket.errorString()).to.equal('Unknown error');
  });
});

/** One way in which a server reports `serverError`. */
interface ServerRow {
  readonly play: (rig: ServerRig) => Promise<void> | void;
  readonly error: CloseCode;
  readonly words: string;
  readonly layer: string;
  readonly detail: RegExp;
}

/** A server, and clients that it refuses. */
class ServerRig {
  server: QWebSocketServer = new QWebSocketServer('rig');
  readonly #others: QWebSocketServer[] = [];
  readonly #clients: RawClient[] = [];

  /** Another server, which listens. */
  other(): QWebSocketServer {
    const other = new QWebSocketServer('other');
    this.#others.push(other);
    other.listen('127.0.0.1');
    return other;
  }

  secure(configuration: QSslConfiguration): void {
    this.server = new QWebSocketServer('rig', QWebSocketServer.SecureMode);
    this.server.setSslConfiguration(configuration);
  }

  /** Listens, and has a client ask. */
  async ask(
    changes: Record<string, string> = {},
    requestLine = `GET /${TARGET} HTTP/1.1`,
  ): Promise<RawClient> {
    if (!this.server.isListening()) this.server.listen('127.0.0.1');
    const client = await RawClient.connect(this.server.serverPort());
    this.#clients.push(client);
    const host = `127.0.0.1:${this.server.serverPort()}`;
    const secrets = { Authorization: 'Bearer s3cret', Cookie: 'session=s3cret' };
    client.write(upgradeRequest({ Host: host, ...secrets, ...changes }, requestLine));
    return client;
  }

  end(): void {
    for (const client of this.#clients) client.socket.destroy();
    for (const server of [this.server, ...this.#others]) server.close();
  }
}

const { CloseCodeAbnormalDisconnection } = CloseCode;

const serverErrors: Record<string, ServerRow> = {
  'a port that is taken': {
    play: (rig) => void rig.server.listen('127.0.0.1', rig.other().serverPort()),
    error: CloseCodeAbnormalDisconnection,
    words: 'The bound address is already in use',
    layer: 'TCP',
    detail: /^127\.0\.0\.1:\d+ EADDRINUSE$/,
  },
  'an address of another machine': {
    play: ({ server }) => void server.listen('198.51.100.7', 0),
    error: CloseCodeAbnormalDisconnection,
    words: 'The address is not available',
    layer: 'TCP',
    detail: /^198\.51\.100\.7 EADDRNOTAVAIL$/,
  },
  'a name in the place of an address': {
    play: ({ server }) => void server.listen('chat.example'),
    error: CloseCodeAbnormalDisconnection,
    words: '"chat.example" is not a numeric address.',
    layer: 'request',
    detail: /^names are not looked up$/,
  },
  'a second listen()': {
    play: ({ server }) => {
      server.listen('127.0.0.1');
      server.listen('127.0.0.1');
    },
    error: CloseCodeAbnormalDisconnection,
    words: 'The server listens already.',
    layer: 'request',
    detail: /^it listens at ws:\/\/127\.0\.0\.1:\d+$/,
  },
  'a proxy to listen through': {
    play: ({ server }) => {
      server.setProxy(new QNetworkProxy(Socks5Proxy, '127.0.0.1', 1, 'joe', 's3cret'));
      server.listen('127.0.0.1');
    },
    error: CloseCodeAbnormalDisconnection,
    words: 'Listening through a proxy is not available yet.',
    layer: 'proxy',
    detail: /^setProxy\(\) has asked for one$/,
  },
  'a folder that is not there': {
    play: ({ server }) => void server.listenLocal('/nowhere/chat.sock'),
    error: CloseCodeAbnormalDisconnection,
    words: 'Permission denied',
    layer: 'local socket',
    detail: /^\/nowhere\/chat\.sock EACCES$/,
  },
  'ciphers that OpenSSL does not know': {
    play: (rig) => {
      const configuration = QSslConfiguration.defaultConfiguration();
      configuration.setCiphers('NO-SUCH-CIPHER');
      rig.secure(configuration);
      rig.server.listen('127.0.0.1');
    },
    error: CloseCodeAbnormalDisconnection,
    words: 'Error creating SSL context (',
    layer: 'TLS',
    detail: /^OpenSSL does not take the QSslConfiguration$/,
  },
  'a queue that is full': {
    play: async (rig) => {
      rig.server.setMaxPendingConnections(0);
      await rig.ask();
    },
    error: CloseCodeAbnormalDisconnection,
    words: 'Too many pending connections.',
    layer: 'HTTP',
    detail: /^status 503 to 127\.0\.0\.1:\d+$/,
  },
  'as many connections as there may be': {
    play: async (rig) => {
      rig.server.setMaxConnections(0);
      await rig.ask();
    },
    error: CloseCodeAbnormalDisconnection,
    words: 'Too many connections.',
    layer: 'TCP',
    detail: /^127\.0\.0\.1:\d+ was turned away$/,
  },
  'a page of somebody else': {
    play: async (rig) => void (await rig.ask({ Origin: `https://${USER_INFO}@b.example?s3cret` })),
    error: CloseCode.CloseCodePolicyViolated,
    words: 'Access forbidden.',
    layer: 'HTTP',
    detail: /^status 403 to 127\.0\.0\.1:\d+, origin https:\/\/b\.example$/,
  },
  'another version': {
    play: async (rig) => void (await rig.ask({ 'Sec-WebSocket-Version': '8' })),
    error: CloseCode.CloseCodeProtocolError,
    words: 'Unsupported version requested.',
    layer: 'HTTP',
    detail: /^status 426 to 127\.0\.0\.1:\d+, which asked for 8$/,
  },
  'a name of its own with a line break': {
    play: async (rig) => {
      rig.server.setServerName('a\r\nb');
      await rig.ask();
    },
    error: CloseCodeAbnormalDisconnection,
    words: 'One of the headers contains a newline. Possible attack detected.',
    layer: 'HTTP',
    detail: /^status 500 to 127\.0\.0\.1:\d+, because of our server name$/,
  },
};

describe('a serverError explains itself and keeps secrets', () => {
  let rig: ServerRig;

  beforeEach(() => {
    rig = new ServerRig();
  });

  afterEach(() => rig.end());

  for (const [what, row] of Object.entries(serverErrors)) {
    it(`of ${what}`, async () => {
      await row.play(rig);
      const { server } = rig;
      if (server.errorString() === '') await emitted(server.serverError);

      const [words, layer, detail] = partsOf(server.errorString());
      expect([server.error(), layer]).to.deep.equal([row.error, row.layer]);
      expect(words.startsWith(row.words), words).to.equal(true);
      expect(detail).to.match(row.detail);
      const shown = inspect(server, { depth: 8, showHidden: true });
      expect([server.errorString(), shown].join('\n')).to.not.match(SECRET);
    });
  }

  async function accepted(): Promise<[socket: QWebSocket, client: RawClient]> {
    const client = await rig.ask();
    await emitted(rig.server.newConnection);
    return [rig.server.nextPendingConnection() as QWebSocket, client];
  }

  it('and so does the loss of an accepted connection', async () => {
    const [socket, client] = await accepted();
    const disconnected = emitted(socket.disconnected);
    client.socket.end();
    await disconnected;

    expect([socket.error(), socket.errorString()]).to.deep.equal([
      SocketError.RemoteHostClosedError,
      'The remote host closed the connection ' +
        `(TCP: 127.0.0.1:${client.socket.localPort} ended the connection before a Close frame).`,
    ]);
    expect(inspect(socket, { depth: 8, showHidden: true })).to.not.match(SECRET);
  });

  it('and so does a client that breaks the protocol', async () => {
    const [socket, client] = await accepted();
    const disconnected = emitted(socket.disconnected);
    client.write(frame(1, 's3cret'));
    client.socket.end();
    await disconnected;

    expect(socket.error()).to.equal(SocketError.UnknownSocketError);
    expect(socket.errorString()).to.equal(
      'Frames of a client must be masked. (protocol: closed with 1002.)',
    );
  });
});
