import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { OpCode } from '../../lib/codec/opcode.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { WireBackend } from '../../lib/node/wire-backend.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QDefaultMaskGenerator } from '../../lib/websockets/qdefaultmaskgenerator.ts';
import {
  TlsVerdict,
  type SocketBackendEvents,
  type SocketSettings,
} from '../../lib/websockets/socket-backend.ts';
import { frame, readFrames } from '../support/frames.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { RecordingEvents } from '../support/session-rig.ts';
import { TestStream } from '../support/test-stream.ts';

const { Text, Close } = OpCode;
const NOWHERE = { address: '', port: 0 };

/** Remembers what a backend tells, beside what a session does. */
class RecordingBackendEvents extends RecordingEvents implements SocketBackendEvents {
  readonly opening: unknown[][] = [];
  written = 0;
  onOpened: () => void = () => {};

  opened(subprotocol: string): void {
    this.opening.push(['opened', subprotocol]);
    this.onOpened();
  }

  unreachable(error: SocketError, description: string): void {
    this.opening.push(['unreachable', error, description]);
  }

  handshakeFailed(error: SocketError, description: string): void {
    this.opening.push(['handshakeFailed', error, description]);
  }

  bytesWritten(count: number): void {
    this.written += count;
  }

  authenticationRequired(): void {}

  proxyAuthenticationRequired(): void {}

  encrypted(): void {}

  verificationFailed(): TlsVerdict {
    return TlsVerdict.Refuse;
  }

  preSharedKeyRequired(): void {}

  alertReceived(): void {}
}

describe('WireBackend', () => {
  const settings: SocketSettings = {
    maxIncomingFrameSize: 1_000_000,
    maxIncomingMessageSize: 1_000_000,
    outgoingFrameSize: 0,
    readBufferSize: 0,
    openTimeout: -1,
    closeTimeout: -1,
    incompleteMessageTimeout: -1,
    backlogLimit: -1,
    backlogPolicy: BacklogPolicy.RefuseMessages,
    maskGenerator: new QDefaultMaskGenerator(),
  };
  let events: RecordingBackendEvents;
  let backend: WireBackend;

  beforeEach(() => {
    events = new RecordingBackendEvents();
    backend = new WireBackend(events, settings);
  });

  afterEach(() => {
    backend.abort();
  });

  function open(url: string, origin = ''): ReturnType<WireBackend['open']> {
    return backend.open({
      url: new QUrl(url),
      resourceName: '/',
      origin,
      subprotocols: [],
      headers: new QHttpHeaders(),
      proxy: new QNetworkProxy(ProxyType.NoProxy),
      sslConfiguration: new QSslConfiguration(),
    });
  }

  it('does nothing before there is a connection', () => {
    backend.abort();
    backend.close(1000, '');
    backend.ping(new Uint8Array());
    backend.begin();
    backend.release();

    expect(backend.sendText('a')).to.equal(0);
    expect(backend.sendBinary(new Uint8Array(1))).to.equal(0);
    expect(backend.flush()).to.equal(false);
    expect(backend.bytesToWrite()).to.equal(0);
    expect(backend.localEndpoint()).to.deep.equal(NOWHERE);
    expect(backend.peerEndpoint()).to.deep.equal(NOWHERE);
    expect(backend.isDialling()).to.equal(false);
    expect(events.told).to.deep.equal([]);
  });

  describe('open()', () => {
    let peer: RawPeer;

    beforeEach(async () => {
      peer = await RawPeer.listen();
    });

    afterEach(() => {
      peer.close();
    });

    it('returns why it cannot', () => {
      expect(open('ftp://host/')).to.deep.equal({
        error: SocketError.UnsupportedSocketOperationError,
        description:
          'Unsupported WebSocket scheme: ftp ' +
          '(request: a URL begins with ws: or wss:, or with ws+unix: on this machine).',
      });
      expect(open('ws://host/', 'a\r\nb')).to.deep.equal({
        error: SocketError.ConnectionRefusedError,
        description:
          'The origin contains newlines. Possible attack detected. (request: nothing was sent.)',
      });
    });

    const hosts: Record<string, [url: (port: number) => string, host: (port: number) => string]> = {
      'a name and a port': [(port) => `ws://localhost:${port}/`, (port) => `localhost:${port}`],
      'an address': [(port) => `ws://127.0.0.1:${port}/`, (port) => `127.0.0.1:${port}`],
      'a user, who is nobody’s business': [
        (port) => `ws://me@127.0.0.1:${port}/`,
        (port) => `127.0.0.1:${port}`,
      ],
    };
    for (const [what, [url, host]] of Object.entries(hosts)) {
      it(`names the host: ${what}`, async () => {
        expect(open(url(peer.port))).to.equal(undefined);
        const connection = await peer.next();

        expect(await connection.head()).to.contain(`\r\nHost: ${host(peer.port)}\r\n`);
      });
    }

    it('is dialling until it has found the peer', async () => {
      open(peer.url);
      expect(backend.isDialling()).to.equal(true);
      const connection = await peer.next();
      await connection.head();
      expect(backend.isDialling()).to.equal(false);
    });

    it('is not dialling any more when it was given up', () => {
      open(peer.url);
      backend.abort();
      expect(backend.isDialling()).to.equal(false);
    });

    it('knows the ends of the connection until release()', async () => {
      const opened = new Promise<void>((resolve) => (events.onOpened = resolve));
      open(peer.url);
      const connection = await peer.accept();
      await opened;

      expect(backend.peerEndpoint()).to.deep.equal({ address: '127.0.0.1', port: peer.port });
      expect(backend.localEndpoint()).to.deep.equal({
        address: '127.0.0.1',
        port: connection.socket.remotePort,
      });
      backend.abort();
      expect(backend.peerEndpoint().port).to.equal(peer.port);
      backend.release();
      expect(backend.peerEndpoint()).to.deep.equal(NOWHERE);
    });

    it('tells nothing of a connection that was given up in opened', async () => {
      const opened = new Promise<void>((resolve) => {
        events.onOpened = () => {
          backend.abort();
          resolve();
        };
      });
      open(peer.url);
      const connection = await peer.accept('', frame(Text, 'early'));
      await opened;
      await connection.over;

      expect(events.told).to.deep.equal([]);
      expect(events.opening).to.deep.equal([['opened', '']]);
    });
  });

  describe('accept()', () => {
    const early = frame(Text, 'early', { key: 1 });
    let stream: TestStream;

    beforeEach(() => {
      stream = new TestStream({ allowHalfOpen: true });
    });

    function told(): string[] {
      return events.told.map(([name]) => name);
    }

    it('can send at once', async () => {
      backend.accept(stream, Buffer.alloc(0));
      backend.sendText('welcome');
      await setImmediate();

      expect(readFrames(stream.bytes)).to.have.lengthOf(1);
      expect(readFrames(stream.bytes)[0]!.key).to.equal(undefined);
      expect(events.written).to.equal(9);
    });

    it('keeps what came until begin(), and tells it a moment later', async () => {
      backend.accept(stream, early);
      stream.push(frame(Text, 'later', { key: 1 }));
      await setImmediate();
      expect(told()).to.deep.equal([]);

      backend.begin();
      backend.begin();
      expect(told()).to.deep.equal([]);
      await setImmediate();
      expect(events.told.filter(([name]) => name === 'textMessage')).to.deep.equal([
        ['textMessage', 'early'],
        ['textMessage', 'later'],
      ]);
    });

    it('begins by itself when it is closed', async () => {
      backend.accept(stream, early);
      backend.close(1001, '');
      stream.push(frame(Close, '', { key: 1 }));
      stream.push(null);
      await setImmediate();
      await setImmediate();

      expect(told()).to.deep.equal(['textFrame', 'textMessage', 'closed']);
      expect(readFrames(stream.bytes).map(({ opcode }) => opcode)).to.deep.equal([Close]);
    });

    it('tells of a loss, begun or not', async () => {
      backend.accept(stream, early);
      stream.destroy();
      await setImmediate();

      expect(told()).to.deep.equal(['lost', 'closed']);
    });

    it('tells nothing when it is given up between begin() and that moment', async () => {
      backend.accept(stream, early);
      backend.begin();
      backend.abort();
      await setImmediate();

      expect(told()).to.deep.equal([]);
      expect(stream.destroyed).to.equal(true);
    });

    it('knows no ends of a stream that is no socket', () => {
      backend.accept(stream, early);

      expect(backend.localEndpoint()).to.deep.equal(NOWHERE);
      expect(backend.peerEndpoint()).to.deep.equal(NOWHERE);
    });
  });
});
