import { expect } from 'chai';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { SocketError } from '../../../lib/network/qabstractsocket.ts';
import { ProxyTls, type ProxyTlsEvents } from '../../../lib/node/routes/proxy-tls.ts';
import type { SocketFailure } from '../../../lib/node/socket-errors.ts';
import { QSsl, SslOption, SslProtocol } from '../../../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../../../lib/ssl/qsslconfiguration.ts';
import { QSslKey } from '../../../lib/ssl/qsslkey.ts';
import { PeerVerifyMode } from '../../../lib/ssl/qsslsocket.ts';
import { NOBODY } from '../../support/ports.ts';
import { RawPeer } from '../../support/raw-peer.ts';
import { certificate, pem, SecurePeer, showing, trusting } from '../../support/secure-peer.ts';

/** Remembers how it went. */
class RecordingEvents implements ProxyTlsEvents {
  readonly told: (TLSSocket | SocketFailure)[] = [];
  /** Resolves at the end. */
  readonly over: Promise<void>;
  #end = (): void => {};

  constructor() {
    this.over = new Promise((resolve) => (this.#end = resolve));
  }

  secured(stream: TLSSocket): void {
    this.told.push(stream);
    this.#end();
  }

  broken(failure: SocketFailure): void {
    this.told.push(failure);
    this.#end();
  }
}

describe('ProxyTls', () => {
  let events: RecordingEvents;
  let proxy: SecurePeer | undefined;
  let raw: Socket;

  beforeEach(() => {
    events = new RecordingEvents();
    proxy = undefined;
  });

  afterEach(() => {
    raw.destroy();
    proxy?.close();
  });

  function start(
    port: number,
    configuration: QSslConfiguration | undefined = trusting(),
    host = 'localhost',
  ): void {
    raw = connect({ port, host: '127.0.0.1' });
    new ProxyTls(raw, host, configuration, events).start();
  }

  it('hands over a stream to a proxy that is the right one', async () => {
    proxy = await SecurePeer.listen();
    start(proxy.port);
    await events.over;
    const connection = await proxy.next();
    (events.told[0] as TLSSocket).write('CONNECT');

    expect((await connection.read(7)).toString()).to.equal('CONNECT');
    expect(proxy.streams[0]!.servername).to.equal('localhost');
    expect(events.told).to.have.lengthOf(1);
  });

  it('shows the proxy nothing that was meant for the peer', async () => {
    proxy = await SecurePeer.listen({
      ...showing('server'),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['secret'],
    });
    const configuration = trusting();
    configuration.setLocalCertificate(certificate('client'));
    configuration.setPrivateKey(new QSslKey(pem('client.key'), QSsl.Rsa));
    configuration.setAllowedNextProtocols(['secret']);
    start(proxy.port, configuration);
    await events.over;
    await proxy.next();

    expect(proxy.streams[0]!.getPeerCertificate()).to.deep.equal({});
    expect(proxy.streams[0]!.alpnProtocol).to.equal(false);
    expect(configuration.localCertificate().isNull()).to.equal(false);
  });

  const strangers: Record<string, [name: string, host: string, description: string]> = {
    'one that nobody vouches for': [
      'self-signed',
      'localhost',
      'The certificate is self-signed, and untrusted',
    ],
    'another one': [
      'other-host',
      'localhost',
      'The host name did not match any of the valid hosts for this certificate',
    ],
    'one of yesterday': ['expired', 'localhost', 'The certificate has expired'],
  };
  for (const [what, [name, host, description]] of Object.entries(strangers)) {
    for (const mode of ['VerifyPeer', 'VerifyNone', 'QueryPeer'] as const) {
      it(`refuses ${what}, in the mode ${mode}`, async () => {
        proxy = await SecurePeer.listen(showing(name));
        const configuration = trusting();
        configuration.setPeerVerifyMode(PeerVerifyMode[mode]);
        start(proxy.port, configuration, host);
        await events.over;
        const connection = await proxy.next();
        await connection.over;

        expect(events.told).to.have.lengthOf(1);
        expect(events.told[0]).to.deep.include({
          error: SocketError.ProxyProtocolError,
          description: `TLS to the proxy failed: ${description}`,
        });
        expect(connection.unread).to.have.lengthOf(0);
      });
    }
  }

  it('trusts the default authorities unless it is told of others', async () => {
    const before = QSslConfiguration.defaultConfiguration();
    QSslConfiguration.setDefaultConfiguration(trusting());
    try {
      proxy = await SecurePeer.listen();
      raw = connect({ port: proxy.port, host: '127.0.0.1' });
      new ProxyTls(raw, 'localhost', undefined, events).start();
      await events.over;
    } finally {
      QSslConfiguration.setDefaultConfiguration(before);
    }

    expect(events.told[0]).to.not.have.property('error');
  });

  it('finds a proxy that does not speak TLS', async () => {
    const peer = await RawPeer.listen();
    start(peer.port);
    const connection = await peer.next();
    await connection.read(5);
    connection.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    await events.over;
    peer.close();

    expect(events.told).to.have.lengthOf(1);
    expect(events.told[0]).to.deep.include({
      error: SocketError.ProxyProtocolError,
      description: 'TLS to the proxy failed: Error during SSL handshake: wrong version number',
    });
  });

  it('finds settings that cannot be used', async () => {
    const configuration = trusting();
    configuration.setProtocol(SslProtocol.DtlsV1_2);
    const peer = await RawPeer.listen();
    start(peer.port, configuration);
    await events.over;
    peer.close();

    const [{ error, description }] = events.told as [SocketFailure];
    expect(error).to.equal(SocketError.ProxyProtocolError);
    expect(description).to.match(/^TLS to the proxy failed: Error creating SSL context/);
  });

  it('leaves the errors of TCP as they are', async () => {
    start(NOBODY);
    await events.over;

    expect(events.told).to.have.lengthOf(1);
    expect(events.told[0]).to.deep.include({
      error: SocketError.ConnectionRefusedError,
      description: 'Connection refused',
    });
  });

  it('offers no session of another connection', async () => {
    proxy = await SecurePeer.listen({ ...showing('server'), maxVersion: 'TLSv1.2' });
    const other = connectTls({ port: proxy.port, host: '127.0.0.1', rejectUnauthorized: false });
    const [session] = (await once(other, 'session')) as [Buffer];
    other.destroy();
    const configuration = trusting();
    configuration.setSslOption(SslOption.SslOptionDisableSessionPersistence, false);
    configuration.setSessionTicket(session);
    start(proxy.port, configuration, '127.0.0.1');
    await events.over;

    expect((events.told[0] as TLSSocket).isSessionReused()).to.equal(false);
  });

  it('ends with its socket', async () => {
    proxy = await SecurePeer.listen();
    start(proxy.port);
    raw.destroy();
    await events.over;
    await setImmediate();

    expect(events.told).to.have.lengthOf(1);
    expect(events.told[0]).to.deep.include({
      error: SocketError.RemoteHostClosedError,
      description: 'The remote host closed the connection',
    });
  });
});
