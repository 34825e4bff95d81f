import { expect } from 'chai';
import { EventEmitter, once } from 'node:events';
import net from 'node:net';
import { duplexPair, type Duplex } from 'node:stream';
import tls, { type ConnectionOptions, type TLSSocket } from 'node:tls';
import { restore, spy, stub } from 'sinon';
import { TlsGate, type TlsGuest } from '../../lib/node/tls-gate.ts';
import { QSsl } from '../../lib/ssl/qssl.ts';
import type { QSslPreSharedKeyAuthenticator } from '../../lib/ssl/qsslpresharedkeyauthenticator.ts';
import { untilCollected } from '../support/memory.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { identified, sharingKey } from '../support/secure-client.ts';
import { pem } from '../support/secure-peer.ts';
import { RecordingServerEvents } from '../support/server-events.ts';

/** Waits for what becomes of it. */
class Guest implements TlsGuest {
  readonly outcome: Promise<TLSSocket | NodeJS.ErrnoException>;
  times = 0;
  #end: (outcome: TLSSocket | NodeJS.ErrnoException) => void = () => {};

  constructor() {
    this.outcome = new Promise((resolve) => (this.#end = resolve));
  }

  secured(socket: TLSSocket): void {
    this.times++;
    this.#end(socket);
  }

  unsecured(error: NodeJS.ErrnoException): void {
    this.times++;
    this.#end(error);
  }

  async code(): Promise<string | undefined> {
    const outcome = await this.outcome;
    return outcome instanceof Error ? outcome.code : undefined;
  }
}

describe('TlsGate', () => {
  let events: RecordingServerEvents;
  let streams: Duplex[];

  beforeEach(() => {
    events = new RecordingServerEvents();
    streams = [];
  });

  afterEach(() => {
    restore();
    for (const stream of streams) stream.destroy();
  });

  function pair(): [client: Duplex, server: Duplex] {
    const ends = duplexPair();
    streams.push(...ends);
    return ends;
  }

  async function tcpPair(): Promise<[client: Duplex, server: Duplex]> {
    const server = net.createServer();
    await listenOnLoopback(server);
    const near = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    const [far] = (await once(server, 'connection')) as [net.Socket];
    server.close();
    streams.push(near, far);
    return [near, far];
  }

  function client(stream: Duplex, options: ConnectionOptions = {}): TLSSocket {
    const settings = { servername: 'localhost', ca: pem('ca.crt'), ...options };
    const socket = tls.connect({ socket: stream, ...settings });
    socket.on('error', () => {});
    streams.push(socket);
    return socket;
  }

  it('speaks TLS on any stream of bytes', async () => {
    const [near, far] = pair();
    const guest = new Guest();

    new TlsGate(identified(), events).admit(far, guest);
    const socket = client(near);

    const secured = (await guest.outcome) as TLSSocket;
    secured.write('Hello');
    expect(String((await once(socket, 'data'))[0])).to.equal('Hello');
    expect(socket.authorized).to.equal(true);
  });

  it('tells guests apart', async () => {
    const [[nearA, farA], [nearB, farB]] = [pair(), pair()];
    const [a, b] = [new Guest(), new Guest()];
    const gate = new TlsGate(identified(), events);

    gate.admit(farA, a);
    gate.admit(farB, b);
    client(nearB).write('b');
    client(nearA).write('a');

    const [first, second] = [(await a.outcome) as TLSSocket, (await b.outcome) as TLSSocket];
    const [[said], [saidToo]] = await Promise.all([once(first, 'data'), once(second, 'data')]);
    expect(`${said}${saidToo}`).to.equal('ab');
    expect([a.times, b.times]).to.deep.equal([1, 1]);
  });

  it('tells guests apart where the outcome is emitted on the one server, as in Bun', async () => {
    const [[nearA, farA], [nearB, farB]] = [await tcpPair(), await tcpPair()];
    const [a, b] = [new Guest(), new Guest()];
    const gate = new TlsGate(identified(), events);
    // An heir has nothing of its own.
    stub(tls.Server.prototype, 'emit').callsFake(function (this: tls.Server, ...args) {
      const isHeir = !Object.hasOwn(this, '_events');
      const emitter = isHeir ? (Object.getPrototypeOf(this) as tls.Server) : this;
      return EventEmitter.prototype.emit.apply(emitter, args);
    });
    gate.admit(farA, a);
    gate.admit(farB, b);

    client(nearB).write('b');
    client(nearA).write('a');

    const [first, second] = [(await a.outcome) as TLSSocket, (await b.outcome) as TLSSocket];
    const [[said], [saidToo]] = await Promise.all([once(first, 'data'), once(second, 'data')]);
    expect(`${said}${saidToo}`).to.equal('ab');
  });

  it('makes one secure context, however many come', async () => {
    const createSecureContext = spy(tls, 'createSecureContext');
    const gate = new TlsGate(identified(), events);
    for (let i = 0; i < 3; i++) {
      const [near, far] = pair();
      const guest = new Guest();
      gate.admit(far, guest);
      // A client has a context of its own.
      client(near, { secureContext: tls.createSecureContext({ ca: pem('ca.crt') }) });
      await guest.outcome;
    }

    const certified = createSecureContext.args.filter(([options]) => options?.cert !== undefined);
    expect(certified).to.have.lengthOf(1);
  });

  it('does not keep guests alive whose handshake is done', async () => {
    const [near, far] = pair();
    const gate = new TlsGate(identified(), events);
    const admit = async (): Promise<WeakRef<Guest>> => {
      const guest = new Guest();
      gate.admit(far, guest);
      client(near);
      streams.push((await guest.outcome) as TLSSocket);
      return new WeakRef(guest);
    };

    const guest = await admit();

    await untilCollected(guest);
  });

  it('does not let Node end a slow handshake', () => {
    const [, far] = pair();
    const setTimeout = spy(net.Socket.prototype, 'setTimeout');

    new TlsGate(identified(), events).admit(far, new Guest());

    expect(setTimeout.args.map(([timeout]) => timeout)).to.deep.equal([2 ** 31 - 1]);
  });

  describe('a configuration that OpenSSL does not take', () => {
    it('throws: the key of another certificate', () => {
      const configuration = identified('client');
      configuration.setLocalCertificate(identified('server').localCertificate());

      expect(() => new TlsGate(configuration, events)).to.throw(/mismatch/);
    });

    it('throws: unknown ciphers', () => {
      const configuration = identified();
      configuration.setCiphers('NO-SUCH-CIPHER');

      expect(() => new TlsGate(configuration, events)).to.throw(/no cipher match/i);
    });

    it('throws: a protocol for datagrams', () => {
      const configuration = identified();
      configuration.setProtocol(QSsl.DtlsV1_2);

      expect(() => new TlsGate(configuration, events)).to.throw(/unsupported protocol/);
    });
  });

  describe('a client that does not suit', () => {
    it('is cut when it speaks HTTP', async () => {
      const [near, far] = pair();
      const guest = new Guest();
      new TlsGate(identified(), events).admit(far, guest);
      const closed = once(far, 'close');

      near.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

      expect(await guest.code()).to.equal('ERR_SSL_HTTP_REQUEST');
      await closed;
      expect(guest.times).to.equal(1);
    });

    it('is cut when it speaks garbage', async () => {
      const [near, far] = pair();
      const guest = new Guest();
      new TlsGate(identified(), events).admit(far, guest);
      const closed = once(far, 'close');

      near.write(Buffer.alloc(64, 0xaa));

      expect(await guest.code()).to.match(/^ERR_SSL_/);
      await closed;
    });

    it('is told so when there is no certificate to show', async () => {
      const [near, far] = pair();
      const guest = new Guest();
      new TlsGate(sharingKey(), events).admit(far, guest);

      const [error] = await once(client(near, { maxVersion: 'TLSv1.2' }), 'error');

      expect((error as NodeJS.ErrnoException).code).to.match(/ALERT_HANDSHAKE_FAILURE$/);
      expect(await guest.code()).to.equal('ERR_SSL_NO_SHARED_CIPHER');
    });
  });

  describe('application protocols', () => {
    const rows: [allowed: string[], offered: string[], chosen: string | false][] = [
      [[], ['http/1.1'], false],
      [['http/1.1'], [], false],
      [['http/1.1'], ['h2', 'http/1.1'], 'http/1.1'],
    ];
    for (const [allowed, offered, chosen] of rows) {
      it(`are chosen: [${allowed.join()}] allowed, [${offered.join()}] offered`, async () => {
        const [near, far] = pair();
        const guest = new Guest();
        const configuration = identified();
        configuration.setAllowedNextProtocols(allowed);
        new TlsGate(configuration, events).admit(far, guest);

        const socket = client(near, { ALPNProtocols: offered });
        await once(socket, 'secureConnect');

        expect(socket.alpnProtocol).to.equal(chosen);
      });
    }

    it('end the handshake when the two sides have none in common', async () => {
      const [near, far] = pair();
      const guest = new Guest();
      const configuration = identified();
      configuration.setAllowedNextProtocols(['http/1.1']);
      new TlsGate(configuration, events).admit(far, guest);

      const [error] = await once(client(near, { ALPNProtocols: ['h2'] }), 'error');

      expect((error as NodeJS.ErrnoException).code).to.match(/ALERT_NO_APPLICATION_PROTOCOL$/);
    });
  });

  describe('a pre-shared key', () => {
    const key = Buffer.from('1a2b3c4d5e6f', 'hex');

    function admit(configuration = sharingKey()): [Guest, TLSSocket] {
      const [near, far] = pair();
      const guest = new Guest();
      new TlsGate(configuration, events).admit(far, guest);
      const socket = client(near, {
        ciphers: 'PSK-AES256-CBC-SHA',
        maxVersion: 'TLSv1.2',
        checkServerIdentity: () => undefined,
        pskCallback: () => ({ psk: key, identity: 'Client_identity' }),
      });
      return [guest, socket];
    }

    it('is asked for with the identity of the client', async () => {
      const asked: QSslPreSharedKeyAuthenticator[] = [];
      events.answer = (authenticator) => {
        asked.push(authenticator);
        authenticator.setPreSharedKey(key);
      };
      const configuration = sharingKey();
      configuration.setPreSharedKeyIdentityHint('QtTestServerHint');

      const [guest] = admit(configuration);

      expect(await guest.code()).to.equal(undefined);
      expect(asked).to.have.lengthOf(1);
      expect(asked[0]!.identity()).to.equal('Client_identity');
      expect(asked[0]!.identityHint()).to.equal('QtTestServerHint');
      expect(asked[0]!.maximumIdentityLength()).to.equal(0);
      expect(asked[0]!.maximumPreSharedKeyLength()).to.equal(256);
    });

    it('that is not given ends the handshake', async () => {
      const [guest] = admit();

      expect(await guest.code()).to.match(/^ERR_SSL_/);
    });

    it('that is another one ends the handshake', async () => {
      events.answer = (authenticator) => authenticator.setPreSharedKey(Buffer.from('other'));

      const [guest] = admit();

      expect(await guest.code()).to.match(/^ERR_SSL_/);
    });

    it('is used as far as there is room', async () => {
      events.answer = (authenticator) => {
        authenticator.setPreSharedKey(Buffer.concat([Buffer.alloc(256, 7), key]));
      };
      const [near, far] = pair();
      const guest = new Guest();
      new TlsGate(sharingKey(), events).admit(far, guest);

      client(near, {
        ciphers: 'PSK-AES256-CBC-SHA',
        maxVersion: 'TLSv1.2',
        checkServerIdentity: () => undefined,
        pskCallback: () => ({ psk: Buffer.alloc(256, 7), identity: 'a' }),
      });

      expect(await guest.code()).to.equal(undefined);
    });

    it('is not asked for unless such a cipher is named', async () => {
      const answer = spy();
      events.answer = answer;

      const [guest] = admit(identified());

      expect(await guest.code()).to.equal('ERR_SSL_NO_SHARED_CIPHER');
      expect(answer.callCount).to.equal(0);
    });
  });
});
