import { expect } from 'chai';
import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { adoptStream } from '../../lib/node/adopt-stream.ts';
import type { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { begin } from '../../lib/websockets/qwebsocket-base.ts';
import { emitted } from '../support/emitted.ts';

/** A masked text frame with "Hello" (RFC 6455 §5.7). */
const HELLO = Buffer.from('818537fa213d7f9f4d5158', 'hex');

describe('adoptStream()', () => {
  let near: Duplex;
  let far: Duplex;
  let socket: QWebSocket | undefined;

  beforeEach(() => {
    [near, far] = duplexPair();
  });

  afterEach(() => {
    socket?.abort();
    socket = undefined;
  });

  function adoptNear(early: Buffer, sslConfiguration?: QSslConfiguration): QWebSocket {
    const url = new QUrl('ws://host.example/chat');
    const written = { url, headers: new QHttpHeaders(), subprotocols: ['chat'] };
    const handshake = { origin: '', written };
    return adoptStream(near, early, handshake, { subprotocol: 'chat' }, sslConfiguration);
  }

  it('makes a socket that is connected, and sends on the stream', async () => {
    socket = adoptNear(Buffer.alloc(0));

    socket.sendTextMessage('Hello');

    expect(socket.state()).to.equal(SocketState.ConnectedState);
    expect(socket.subprotocol()).to.equal('chat');
    const [frame] = (await once(far, 'data')) as [Buffer];
    expect(frame.toString('hex')).to.equal('810548656c6c6f');
  });

  it('keeps what came early until the socket is begun', async () => {
    socket = adoptNear(HELLO);
    const message = emitted(socket.textMessageReceived);

    begin(socket);

    expect(await message).to.deep.equal(['Hello']);
  });

  it('passes on what is known of the encryption', () => {
    const configuration = new QSslConfiguration();
    configuration.setSession({ nextNegotiatedProtocol: 'http/1.1' });

    socket = adoptNear(Buffer.alloc(0), configuration);

    expect(socket.sslConfiguration().nextNegotiatedProtocol()).to.equal('http/1.1');
  });
});
