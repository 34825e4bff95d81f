import { expect } from 'chai';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { adopt } from '../../lib/websockets/qwebsocket-base.ts';
import { DEFAULT_COMPRESSION } from '../../lib/websockets/compression-options.ts';
import { TestSocket } from '../support/fake-backend.ts';

const EXTENSIONS = 'permessage-deflate; client_max_window_bits=10';

describe('QWebSocketBase, compression', () => {
  let socket: TestSocket;

  beforeEach(() => {
    socket = new TestSocket();
  });

  function open(): void {
    socket.open('ws://host.example');
  }

  it('is off by default', () => {
    open();

    expect(socket.isCompressionEnabled()).to.equal(false);
    expect(socket.compressionOptions()).to.deep.equal(DEFAULT_COMPRESSION);
    expect(socket.backend.request!.compression).to.equal(undefined);
  });

  it('is offered by the next open() with the options of that time', () => {
    socket.setCompressionEnabled(true);
    socket.setCompressionOptions({ level: 1 });
    socket.setCompressionOptions({ threshold: 0 });
    open();
    socket.setCompressionEnabled(false);

    expect(socket.isCompressionEnabled()).to.equal(false);
    expect(socket.backend.request!.compression).to.deep.equal({
      ...DEFAULT_COMPRESSION,
      threshold: 0,
    });

    open();
    expect(socket.backend.request!.compression).to.equal(undefined);
  });

  it('keeps its options to itself', () => {
    const options = { level: 1 };
    socket.setCompressionOptions(options);
    options.level = 2;
    (socket.compressionOptions() as { level: number }).level = 3;

    expect(socket.compressionOptions().level).to.equal(1);
  });

  it('leaves the options as they are when new ones are wrong', () => {
    socket.setCompressionOptions({ level: 3 });

    expect(() => socket.setCompressionOptions({ level: 0 })).to.throw(RangeError);
    expect(socket.compressionOptions().level).to.equal(3);
  });

  describe('extensions()', () => {
    it('tells what was agreed on, from connected on and until the next open()', () => {
      const seen: string[] = [];
      socket.connected.connect(() => seen.push(socket.extensions()));
      socket.stateChanged.connect(() => seen.push(socket.extensions()));
      expect(socket.extensions()).to.equal('');

      open();
      socket.backend.connection().opened('', EXTENSIONS);
      socket.backend.connection().closed();
      expect(seen).to.deep.equal(['', EXTENSIONS, EXTENSIONS, EXTENSIONS]);
      expect(socket.extensions()).to.equal(EXTENSIONS);

      open();
      expect(socket.extensions()).to.equal('');
    });

    it('is empty when nothing was agreed on', () => {
      open();
      socket.backend.connection().opened('chat');

      expect(socket.extensions()).to.equal('');
    });

    it('tells it on the socket of a server', () => {
      const written = {
        url: new QUrl('ws://host.example/'),
        headers: new QHttpHeaders(),
        subprotocols: [],
      };
      adopt(socket, { origin: '', written }, '', undefined, EXTENSIONS);

      expect(socket.extensions()).to.equal(EXTENSIONS);
    });
  });

  it('may be chosen for each message', () => {
    const asked: unknown[][] = [];
    const { backend } = socket;
    backend.sendText = (...args) => asked.push(args);
    backend.sendBinary = (...args) => asked.push(args);
    open();
    backend.connection().opened('');
    const data = Uint8Array.of(1);

    socket.sendTextMessage('a');
    socket.sendTextMessage('a', {});
    socket.sendTextMessage('a', { compress: false });
    socket.sendBinaryMessage(data);
    socket.sendBinaryMessage(data, { compress: true });

    expect(asked).to.deep.equal([
      ['a', undefined],
      ['a', undefined],
      ['a', false],
      [data, undefined],
      [data, true],
    ]);
  });
});
