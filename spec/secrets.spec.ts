import { expect } from 'chai';
import { inspect } from 'node:util';
import { restore, stub, type SinonStub } from 'sinon';
import { QAuthenticator } from '../lib/network/qauthenticator.ts';
import { QHttpHeaders } from '../lib/network/qhttpheaders.ts';
import { ProxyType, QNetworkProxy } from '../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../lib/network/qnetworkrequest.ts';
import { QUrl } from '../lib/network/qurl.ts';
import { QWebSocket } from '../lib/node/qwebsocket.ts';
import { KeyAlgorithm } from '../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../lib/ssl/qsslconfiguration.ts';
import { QSslKey } from '../lib/ssl/qsslkey.ts';
import { QSslPreSharedKeyAuthenticator } from '../lib/ssl/qsslpresharedkeyauthenticator.ts';
import { QWebSocketHandshakeOptions } from '../lib/websockets/qwebsockethandshakeoptions.ts';
import { ConnectProxy } from './support/connect-proxy.ts';
import { emitted } from './support/emitted.ts';
import { RawPeer } from './support/raw-peer.ts';
import { pem } from './support/secure-peer.ts';

/** Whatever is secret in these specs contains it, plain or in Base64. */
const SECRET = /s3cret|czNjcmV0/;

function authenticator(): QAuthenticator {
  const value = new QAuthenticator();
  value.setUser('joe-s3cret');
  value.setPassword('s3cret');
  value.setOption('token', 's3cret');
  return value;
}

function request(url: string): QNetworkRequest {
  const value = new QNetworkRequest(url);
  value.setRawHeader('Authorization', 'Bearer s3cret');
  value.setRawHeader('Cookie', 'session=s3cret');
  return value;
}

function headers(): QHttpHeaders {
  const value = new QHttpHeaders();
  value.append('Cookie', 'session=s3cret');
  return value;
}

function preSharedKey(): QSslPreSharedKeyAuthenticator {
  const value = new QSslPreSharedKeyAuthenticator('hint', 128, 256);
  value.setIdentity('joe');
  value.setPreSharedKey(Buffer.from('s3cret'));
  return value;
}

function privateKey(): QSslKey {
  return new QSslKey(pem('client.key'), KeyAlgorithm.Rsa);
}

function configured(): QSslConfiguration {
  const value = QSslConfiguration.defaultConfiguration();
  value.setPrivateKey(privateKey());
  return value;
}

describe('a value that holds secrets', () => {
  const values: Record<string, object> = {
    QUrl: new QUrl('ws://joe:s3cret@a.example/?token=s3cret'),
    QNetworkRequest: request('ws://joe:s3cret@a.example/?token=s3cret'),
    QHttpHeaders: headers(),
    QNetworkProxy: new QNetworkProxy(ProxyType.HttpProxy, 'a.example', 80, 'joe', 's3cret'),
    QAuthenticator: authenticator(),
    QSslPreSharedKeyAuthenticator: preSharedKey(),
    QSslKey: privateKey(),
    QSslConfiguration: configured(),
  };
  // A line of the key, as it would show in a text; of bytes, Node shows the first in hexadecimal.
  const keyLine = pem('client.key').split('\n')[1]!;
  const keyBytes = Buffer.from('s3cret')
    .toString('hex')
    .replaceAll(/(..)(?!$)/g, '$1 ');

  for (const [name, value] of Object.entries(values)) {
    it(`is shown without them: ${name}`, () => {
      const shown = inspect(value, { depth: 10, showHidden: true, getters: true });

      expect(shown).to.include(name);
      expect(shown).to.not.match(SECRET);
      expect(shown).to.not.include(keyLine);
      expect(shown).to.not.include(keyBytes);
    });
  }
});

describe('secrets on the wire', () => {
  let peer: RawPeer;
  let socket: QWebSocket;
  let warnings: SinonStub;

  beforeEach(async () => {
    warnings = stub(process, 'emitWarning');
    peer = await RawPeer.listen();
    socket = new QWebSocket();
  });

  afterEach(() => {
    socket.abort();
    peer.close();
    restore();
  });

  it('of a URL wait until the server asks for them', async () => {
    socket.open(`ws://joe:s3cret@127.0.0.1:${peer.port}/`);
    const head = await (await peer.next()).head();

    expect(head).to.not.match(/joe|authorization/i);
    expect(head).to.not.match(SECRET);
  });

  it('of a proxy do not go to the server, nor those of the server to the proxy', async () => {
    const proxy = await ConnectProxy.listen(peer.port);
    proxy.refusals.push(
      'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="r"\r\nContent-Length: 0\r\n\r\n',
    );
    socket.setProxy(
      new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port, 'ann', 'pr0xy-pw'),
    );
    const connected = emitted(socket.connected);
    socket.open(request('ws://joe:s3cret@chat.example/?token=s3cret'));
    const connection = await peer.next();
    const head = await connection.accept();
    await connected;
    proxy.close();

    const encoded = Buffer.from('ann:pr0xy-pw').toString('base64');
    expect(proxy.heads.at(-1)).to.include(`Proxy-Authorization: Basic ${encoded}`);
    expect(proxy.heads.join('')).to.not.match(SECRET);
    expect(head).to.include('Bearer s3cret');
    expect(head).to.not.match(/proxy-authorization|pr0xy-pw/i);
    expect(head).to.not.include(encoded);
  });

  it('do not follow a redirect', async () => {
    const other = await RawPeer.listen();
    const arrived = other.next().then(() => 'somebody');
    const disconnected = emitted(socket.disconnected).then(() => 'nobody');
    socket.open(request(`ws://joe:s3cret@127.0.0.1:${peer.port}/?token=s3cret`));
    const connection = await peer.next();
    await connection.head();
    connection.socket.end(`HTTP/1.1 307 Go\r\nLocation: ${other.url}\r\n\r\n`);
    const first = await Promise.race([arrived, disconnected]);
    other.close();

    expect(first).to.equal('nobody');
  });

  it('are not in the warning about a subprotocol that is none', async () => {
    const options = new QWebSocketHandshakeOptions();
    options.setSubprotocols(['chat', 'bearer=eyJhbGciOiJIUzI1NiJ9.s3cret']);
    socket.open(peer.url, options);
    await (await peer.next()).head();

    expect(warnings.args.map(([text]) => String(text))).to.deep.equal([
      'Ignoring invalid WebSocket subprotocol name "bear…"',
    ]);
  });

  it('are not in the warning about a header of the handshake', async () => {
    const own = request(peer.url);
    own.setRawHeader('Sec-WebSocket-Key', 's3cret');
    socket.open(own);
    const head = await (await peer.next()).head();

    expect(warnings.callCount).to.equal(1);
    expect(inspect(warnings.args)).to.not.match(SECRET);
    expect(head).to.not.match(/sec-websocket-key: s3cret/i);
  });
});
