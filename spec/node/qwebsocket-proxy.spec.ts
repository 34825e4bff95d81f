import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkProxyFactory } from '../../lib/node/qnetworkproxyfactory.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { ConnectProxy } from '../support/connect-proxy.ts';
import { emitted } from '../support/emitted.ts';
import { RawPeer, type RawConnection } from '../support/raw-peer.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { SecurePeer, showing, trusting } from '../support/secure-peer.ts';
import { logSignals } from '../support/signal-log.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { wordsOf } from '../support/words-of.ts';

const REFUSAL =
  'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="gate"\r\nContent-Length: 0\r\n\r\n';
const CONNECTED = ['stateChanged Connecting', 'stateChanged Connected', 'connected'];
const UNREACHED = ['stateChanged Connecting', 'stateChanged Unconnected', 'disconnected'];

describe('QWebSocket (Node) behind an HTTP proxy', () => {
  let peer: RawPeer | SecurePeer;
  let proxy: ConnectProxy;
  let socket: QWebSocket;
  let log: string[];

  beforeEach(() => {
    socket = new QWebSocket();
    socket.setSslConfiguration(trusting());
    log = logSignals(socket, ['bytesWritten', 'error', 'proxyAuthenticationRequired']);
  });

  afterEach(() => {
    socket.abort();
    proxy.close();
    peer.close();
  });

  /** Begins to listen, the peer with or without TLS, the proxy as well. */
  async function listen(isSecure: boolean, isEncrypted: boolean, name = 'server'): Promise<void> {
    peer = await (isSecure ? SecurePeer.listen() : RawPeer.listen());
    proxy = await ConnectProxy.listen(peer.port, isEncrypted ? showing(name) : undefined);
    const own = new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port);
    own.setEncrypted(isEncrypted);
    socket.setProxy(own);
  }

  function credentials(user: string, password: string): void {
    const own = socket.proxy();
    own.setUser(user);
    own.setPassword(password);
    socket.setProxy(own);
  }

  async function connect(url = peer.url): Promise<RawConnection> {
    const done = emitted(socket.connected);
    socket.open(url);
    const connection = await peer.accept();
    await done;
    return connection;
  }

  async function fail(url = peer.url): Promise<void> {
    const done = emitted(socket.errorOccurred);
    socket.open(url);
    await done;
    await setImmediate();
  }

  for (const isEncrypted of [false, true]) {
    for (const isSecure of [false, true]) {
      const words = `${isSecure ? 'wss' : 'ws'}: through ${isEncrypted ? 'TLS' : 'the clear'}`;

      it(`carries ${words}`, async () => {
        await listen(isSecure, isEncrypted);
        const connection = await connect();
        const text = 'ä'.repeat(100_000);
        socket.sendTextMessage(text);
        expect((await connection.frame()).payload.toString()).to.equal(text);
        connection.send(1, text);
        const [received] = await emitted(socket.textMessageReceived);

        expect(received === text).to.equal(true);
        expect(log.slice(0, 3)).to.deep.equal(CONNECTED);
        expect(proxy.heads).to.deep.equal([
          `CONNECT 127.0.0.1:${peer.port} HTTP/1.1\r\nProxy-Connection: keep-alive\r\n` +
            'Host: 127.0.0.1\r\nUser-Agent: Mozilla/5.0\r\n\r\n',
        ]);
        expect(socket.peerAddress().toString()).to.equal('127.0.0.1');
        expect(socket.peerPort()).to.equal(peer.port);
      });

      it(`logs in at the proxy for ${words}`, async () => {
        await listen(isSecure, isEncrypted);
        proxy.refusals.push(REFUSAL, REFUSAL);
        credentials('old', 'one');
        const asked: unknown[] = [];
        socket.proxyAuthenticationRequired.connect((at, authenticator) => {
          asked.push([at.port(), at.isEncrypted(), authenticator.realm()]);
          authenticator.setUser('joe');
          authenticator.setPassword('pw');
        });
        await connect();

        expect(asked).to.deep.equal([[proxy.port, isEncrypted, 'gate']]);
        const said = proxy.heads.map(
          (head) => /^Proxy-Authorization: (.*)\r$/m.exec(head)?.[1] ?? '',
        );
        expect(said).to.deep.equal(['', 'Basic b2xkOm9uZQ==', 'Basic am9lOnB3']);
        expect(log).to.deep.equal(CONNECTED);
      });

      it(`tells a proxy that refuses nothing, for ${words}`, async () => {
        await listen(isSecure, isEncrypted);
        proxy.refusals.push(REFUSAL);
        await fail(peer.url.replace('//', '//user:s3cret@'));

        expect(log).to.deep.equal([...UNREACHED, 'errorOccurred 12']);
        expect(wordsOf(socket.errorString())).to.equal('Authentication required');
        expect(proxy.heads.join('')).to.not.match(/GET|Sec-WebSocket|s3cret|user:/);
        expect(Buffer.concat(proxy.leaked)).to.have.lengthOf(0);
      });
    }
  }

  it('sends the name to the proxy, and verifies the peer by it', async () => {
    peer = await SecurePeer.listen(showing('names'));
    proxy = await ConnectProxy.listen(peer.port);
    socket.setProxy(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port));
    socket.setSslConfiguration(trusting('root'));
    const done = emitted(socket.connected);
    socket.open('wss://Bücher.example/');
    const head = await (await peer.next()).accept();
    await done;

    expect(proxy.heads[0]).to.match(/^CONNECT xn--bcher-kva\.example:443 HTTP/);
    expect(head).to.contain('\r\nHost: xn--bcher-kva.example\r\n');
    expect(peer.streams[0]!.servername).to.equal('xn--bcher-kva.example');
    expect(socket.peerName()).to.equal('xn--bcher-kva.example');
    expect(socket.peerAddress().isNull()).to.equal(true);
    expect(socket.peerPort()).to.equal(443);
  });

  it('refuses a peer behind it that is not the right one', async () => {
    await listen(true, true);
    socket.setSslConfiguration(trusting('ca'));
    const done = emitted(socket.alertSent);
    socket.open(`wss://other.example:${peer.port}/`);
    const connection = await peer.next();
    await done;
    await connection.over;

    expect(connection.unread).to.have.lengthOf(0);
    expect(log.filter((line) => line.startsWith('errorOccurred'))).to.deep.equal([
      'errorOccurred 13',
    ]);
  });

  describe('that is encrypted and cannot be verified', () => {
    for (const ignores of [false, true]) {
      it(`is told nothing, ${ignores ? 'whatever is ignored' : 'and no slot is asked'}`, async () => {
        await listen(false, true, 'self-signed');
        credentials('joe', 's3cret');
        if (ignores) socket.ignoreSslErrors();
        await fail();

        expect(log).to.deep.equal([...UNREACHED, 'errorOccurred 18']);
        expect(wordsOf(socket.errorString())).to.equal(
          'TLS to the proxy failed: The certificate is self-signed, and untrusted',
        );
        expect(proxy.heads).to.deep.equal([]);
      });
    }

    it('is told nothing when it is no TLS server', async () => {
      await listen(false, false);
      const own = socket.proxy();
      own.setEncrypted(true);
      own.setPassword('s3cret');
      socket.setProxy(own);
      const plain = await ScriptedPeer.listen();
      own.setPort(plain.port);
      socket.setProxy(own);
      const done = emitted(socket.errorOccurred);
      socket.open(peer.url);
      const connection = await plain.accept();
      await connection.bytes(5);
      connection.say('HTTP/1.1 400 Bad Request\r\n\r\n');
      await done;
      const seen = await connection.ended();
      await plain.close();

      expect(log).to.deep.equal([...UNREACHED, 'errorOccurred 18']);
      expect(socket.errorString()).to.match(/^TLS to the proxy failed: Error during SSL/);
      expect(seen).to.not.contain('CONNECT');
    });

    it('says when it ends during TLS', async () => {
      await listen(false, true);
      const plain = await ScriptedPeer.listen();
      const own = socket.proxy();
      own.setPort(plain.port);
      socket.setProxy(own);
      const done = emitted(socket.errorOccurred);
      socket.open(peer.url);
      const connection = await plain.accept();
      await connection.bytes(5);
      connection.end();
      await done;
      await plain.close();

      expect(log.at(-1)).to.equal('errorOccurred 15');
      expect(wordsOf(socket.errorString())).to.equal('Proxy connection closed prematurely');
    });
  });

  describe('that is not there', () => {
    for (const isEncrypted of [false, true]) {
      it(`is a refused connection, ${isEncrypted ? 'encrypted' : 'in the clear'}`, async () => {
        await listen(false, isEncrypted);
        credentials('joe', 's3cret');
        proxy.close();
        await fail();

        expect(log).to.deep.equal([...UNREACHED, 'errorOccurred 14']);
        expect(wordsOf(socket.errorString())).to.equal('Proxy connection refused');
      });
    }
  });

  it('may come from the environment, encrypted', async () => {
    await listen(false, true);
    const names = ['ws_proxy', 'WS_PROXY', 'no_proxy', 'NO_PROXY'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) delete process.env[name];
    process.env['ws_proxy'] = `https://joe:pw@127.0.0.1:${proxy.port}`;
    QNetworkProxyFactory.setUseSystemConfiguration(true);
    try {
      proxy.refusals.push(REFUSAL);
      socket.setProxy(new QNetworkProxy());
      await connect(`ws://target.example:${peer.port}/`);
    } finally {
      QNetworkProxyFactory.setUseSystemConfiguration(false);
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }

    expect(proxy.heads).to.have.lengthOf(2);
    expect(proxy.heads[1]).to.contain('\r\nProxy-Authorization: Basic am9lOnB3\r\n');
  });

  // tst_QWebSocket::tst_setProxy
  it('is chosen for the next open(), and not for the one under way', async () => {
    await listen(false, false);
    const given = new QNetworkProxy(ProxyType.NoProxy);
    socket.setProxy(given);
    const done = emitted(socket.connected);
    socket.open(peer.url);
    given.setType(ProxyType.HttpProxy);
    socket.setProxy(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port));
    await peer.accept();
    await done;
    expect(proxy.heads).to.deep.equal([]);

    await connect();
    expect(proxy.heads).to.have.lengthOf(1);
  });

  it('cannot be one for caching, and the socket says so at once', async () => {
    await listen(false, false);
    socket.setProxy(new QNetworkProxy(ProxyType.HttpCachingProxy, '127.0.0.1', proxy.port));
    socket.open(peer.url);

    expect(log).to.deep.equal(['errorOccurred 10']);
    expect(socket.state()).to.equal(SocketState.UnconnectedState);
  });

  for (const isEncrypted of [false, true]) {
    const kind = isEncrypted ? 'encrypted' : 'in the clear';
    it(`may drop the connection between its question and the answer, ${kind}`, async () => {
      await listen(false, isEncrypted);
      proxy.refusals.push(
        REFUSAL.replace('Content-Length', 'Proxy-Connection: close\r\nContent-Length'),
      );
      credentials('joe', 'pw');
      await connect();

      expect(proxy.heads).to.have.lengthOf(2);
    });
  }

  it('does not ask for ever', async () => {
    await listen(false, true);
    proxy.refusals.push(...Array<string>(100).fill(REFUSAL));
    let asked = 0;
    socket.proxyAuthenticationRequired.connect((_, authenticator) => {
      authenticator.setUser(`joe${++asked}`);
    });
    await fail();

    expect(asked).to.equal(16);
    expect(log).to.deep.equal([...UNREACHED, 'errorOccurred 12']);
  });

  describe('a slot of proxyAuthenticationRequired', () => {
    for (const isEncrypted of [false, true]) {
      const kind = isEncrypted ? 'encrypted' : 'in the clear';

      for (const what of ['abort', 'close', 'deleteLater'] as const) {
        it(`may ${what}(), ${kind}`, async () => {
          await listen(false, isEncrypted);
          proxy.refusals.push(REFUSAL, REFUSAL);
          const errors = await uncaughtErrors(async () => {
            const called = new Promise<void>((resolve) => {
              socket.proxyAuthenticationRequired.connect((_, authenticator) => {
                authenticator.setUser('joe');
                socket[what]();
                resolve();
              });
            });
            socket.open(peer.url);
            await called;
            for (let turn = 0; turn < 5; turn++) await setImmediate();
          });

          expect(errors).to.deep.equal([]);
          for (const line of ['disconnected', 'readChannelFinished', 'aboutToClose']) {
            expect(log.filter((other) => other === line).length, line).to.be.at.most(1);
          }
          if (what !== 'deleteLater') {
            expect(proxy.heads).to.have.lengthOf(1);
            expect(socket.state()).to.equal(SocketState.UnconnectedState);
          }
        });
      }

      it(`may open() anew, ${kind}`, async () => {
        await listen(false, isEncrypted);
        proxy.refusals.push(REFUSAL);
        let times = 0;
        socket.proxyAuthenticationRequired.connect((_, authenticator) => {
          times++;
          authenticator.setUser('nobody');
          socket.setProxy(new QNetworkProxy(ProxyType.NoProxy));
          socket.open(peer.url);
        });
        await connect();

        expect(times).to.equal(1);
        expect(proxy.heads).to.have.lengthOf(1);
        expect(log).to.deep.equal(CONNECTED);
      });
    }
  });
});
