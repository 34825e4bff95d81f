import { expect } from 'chai';
import dns from 'node:dns';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import sinon from 'sinon';
import { OpCode } from '../../lib/codec/opcode.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QMaskGenerator } from '../../lib/websockets/qmaskgenerator.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { CloseCode } from '../../lib/websockets/qwebsocketprotocol.ts';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { emitted } from '../support/emitted.ts';
import { frame, frameStart } from '../support/frames.ts';
import { hex } from '../support/hex.ts';
import { NOBODY } from '../support/ports.ts';
import { RawPeer, type RawConnection } from '../support/raw-peer.ts';
import { closePayload } from '../support/session-rig.ts';
import { logSignals } from '../support/signal-log.ts';
import { itBehavesLikeAQWebSocket } from '../support/socket-contract.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { wordsOf } from '../support/words-of.ts';

const { Continue, Text, Binary, Close, Ping, Pong } = OpCode;
const MIB = 1024 * 1024;
const END = ['stateChanged Unconnected', 'disconnected', 'readChannelFinished'];

describe('QWebSocket (Node)', () => {
  itBehavesLikeAQWebSocket(
    () => new QWebSocket(),
    () => WsEchoPeer.start(),
  );
});

describe('QWebSocket (Node), with another library at the other end', () => {
  let peer: WsEchoPeer;
  let socket: QWebSocket;

  beforeEach(async () => {
    peer = await WsEchoPeer.start();
    socket = new QWebSocket();
  });

  afterEach(() => {
    socket.abort();
    peer.stop();
  });

  async function connect(url: string | QUrl = peer.url): Promise<void> {
    const done = emitted(socket.connected);
    socket.open(url);
    await done;
  }

  async function disconnect(code?: CloseCode, reason?: string): Promise<void> {
    const done = emitted(socket.disconnected);
    socket.close(code, reason);
    await done;
  }

  /** What a text did to bytesToWrite() and to the signals. */
  async function sendText(text: string): Promise<{ waiting: number; log: string[] }> {
    const log = logSignals(socket, ['bytesWritten']);
    const answer = emitted(socket.textMessageReceived);
    expect(socket.bytesToWrite()).to.equal(0);
    expect(socket.sendTextMessage(text)).to.equal(text.length);
    const waiting = socket.bytesToWrite();
    const [received] = await answer;
    expect(received === text).to.equal(true);
    expect(socket.bytesToWrite()).to.equal(0);
    return { waiting, log };
  }

  // tst_QWebSocket::tst_sendTextMessage
  it('sends text, and again after each reopening', async () => {
    const url = new QUrl(`${peer.url}segment/with spaces?queryitem=with encoded characters`);
    await connect(url);
    expect(peer.clients[0]!.request.url).to.equal(
      '/segment/with%20spaces?queryitem=with%20encoded%20characters',
    );
    const hello = await sendText('Hello world!');
    expect(hello.waiting).to.be.above(12);
    expect(hello.log).to.deep.equal([
      'textFrameReceived Hello world! true',
      'textMessageReceived Hello world!',
    ]);
    await disconnect();

    // QTBUG-74464
    await connect(url);
    socket.removeAllListeners();
    const large = await sendText('a'.repeat(MIB));
    expect(large.waiting).to.be.above(MIB);
    expect(large.log.at(-2)!.endsWith(' true')).to.equal(true);
    await disconnect();

    // QTBUG-36762
    await connect(url);
    socket.removeAllListeners();
    expect((await sendText('short')).log).to.deep.equal([
      'textFrameReceived short true',
      'textMessageReceived short',
    ]);

    socket.close(CloseCode.CloseCodeGoingAway, 'going away');
    expect(socket.closeCode()).to.equal(CloseCode.CloseCodeGoingAway);
    expect(socket.closeReason()).to.equal('going away');
    const [code, reason] = (await once(peer.clients[2]!.socket, 'close')) as [number, Buffer];
    expect([code, String(reason)]).to.deep.equal([1001, 'going away']);
  });

  // tst_QWebSocket::tst_sendBinaryMessage
  it('sends bytes, and again after a reopening', async () => {
    const message = Buffer.from('Hello world!');
    expect(socket.sendBinaryMessage(message)).to.equal(0);
    for (let round = 0; round < 2; round++) {
      await connect();
      const log = logSignals(socket, ['bytesWritten']);
      const answer = emitted(socket.binaryMessageReceived);
      expect(socket.sendBinaryMessage(message)).to.equal(12);
      expect(socket.bytesToWrite()).to.be.above(12);
      await answer;

      const digits = message.toString('hex');
      expect(log).to.deep.equal([
        `binaryFrameReceived ${digits} true`,
        `binaryMessageReceived ${digits}`,
      ]);
      expect(socket.bytesToWrite()).to.equal(0);
      await disconnect();
      socket.removeAllListeners();
    }
  });

  it('answers the pings of the peer, and hears its pongs', async () => {
    await connect();
    const { socket: other } = peer.clients[0]!;
    other.ping('are you there?');
    const [answer] = (await once(other, 'pong')) as [Buffer];
    const pong = emitted(socket.pong);
    socket.ping(Buffer.from('and you?'));
    const [elapsed, payload] = await pong;

    expect(String(answer)).to.equal('are you there?');
    expect(Buffer.from(payload).toString()).to.equal('and you?');
    expect(elapsed).to.be.at.least(0);
    expect(Number.isInteger(elapsed)).to.equal(true);
  });

  for (const frameSize of [0, 1, 1000, 65_536]) {
    it(`splits what it sends into frames of ${frameSize || 'any number of'} bytes`, async () => {
      await connect();
      socket.setOutgoingFrameSize(frameSize);
      const text = 'äbc€😀'.repeat(frameSize === 1 ? 20 : 20_000);
      const answer = emitted(socket.textMessageReceived);
      socket.sendTextMessage(text);
      const [received] = await answer;

      expect(received === text).to.equal(true);
    });
  }

  it('counts all bytes as written in the end, the handshake included', async () => {
    let sum = 0;
    const states: SocketState[] = [];
    socket.bytesWritten.connect((count) => {
      sum += count;
      states.push(socket.state());
    });
    await connect();
    const handshake = sum;
    expect(states).to.deep.equal([SocketState.ConnectingState]);
    const answer = emitted(socket.binaryMessageReceived);
    socket.sendBinaryMessage(new Uint8Array(3 * MIB));
    socket.sendTextMessage('x');
    await answer;

    // Six frames of 512 KiB, each with 14 bytes before it, and a small one.
    expect(sum - handshake).to.equal(3 * MIB + 6 * 14 + 7);
  });

  it('knows both ends of the connection', async () => {
    await connect();
    const request = peer.clients[0]!.request;

    expect(socket.peerAddress().toString()).to.equal('127.0.0.1');
    expect(socket.peerPort()).to.equal(Number(new URL(peer.url).port));
    expect(socket.peerName()).to.equal('127.0.0.1');
    expect(socket.localAddress().toString()).to.equal('127.0.0.1');
    expect(socket.localPort()).to.equal(request.socket.remotePort);
  });
});

describe('QWebSocket (Node), byte by byte', () => {
  let peer: RawPeer;
  let socket: QWebSocket;
  let log: string[];

  beforeEach(async () => {
    peer = await RawPeer.listen();
    socket = new QWebSocket();
    log = logSignals(socket, ['bytesWritten', 'error']);
  });

  afterEach(() => {
    sinon.restore();
    socket.abort();
    peer.close();
  });

  /** Connects; what has been emitted until then is forgotten. */
  async function connect(early: Uint8Array = Buffer.alloc(0)): Promise<RawConnection> {
    const done = emitted(socket.connected);
    socket.open(peer.url);
    const connection = await peer.accept('', early);
    await done;
    log.length = 0;
    return connection;
  }

  /** Opens, and returns the head of the request. */
  async function request(
    target: string | QNetworkRequest = peer.url,
    options?: QWebSocketHandshakeOptions,
  ): Promise<string> {
    socket.open(target, options);
    const connection = await peer.next();
    return connection.head();
  }

  function optionsOf(...names: string[]): QWebSocketHandshakeOptions {
    const options = new QWebSocketHandshakeOptions();
    options.setSubprotocols(names);
    return options;
  }

  describe('the request', () => {
    it('is that of Qt', async () => {
      const own = new QWebSocket('http://origin.example');
      const custom = new QNetworkRequest(`${peer.url}path?query`);
      custom.setRawHeader('X-Custom-Header', 'custom');
      own.open(custom, optionsOf('foo', 'bar'));
      const connection = await peer.next();
      const head = await connection.head();
      own.abort();

      expect(head.replace(/Key: .{24}/, 'Key: ...')).to.equal(
        `GET /path?query HTTP/1.1\r\nHost: 127.0.0.1:${peer.port}\r\nUpgrade: websocket\r\n` +
          'Connection: Upgrade\r\nSec-WebSocket-Key: ...\r\nOrigin: http://origin.example\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: foo, bar\r\n' +
          'x-custom-header: custom\r\n\r\n',
      );
    });

    it('has a key of 16 bytes, another one each time', async () => {
      const keys = new Set<string>();
      for (let i = 0; i < 3; i++) {
        const head = await request();
        keys.add(/^Sec-WebSocket-Key: (.*)\r$/m.exec(head)![1]!);
      }

      expect(keys.size).to.equal(3);
      for (const key of keys) expect(Buffer.from(key, 'base64')).to.have.lengthOf(16);
    });

    it('takes its key from the mask generator', async () => {
      socket.setMaskGenerator(new Constant(0));
      expect(await request()).to.contain('Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n');

      socket.setMaskGenerator(new Constant(0x04030201));
      expect(await request()).to.contain(
        `Key: ${hex('01020304'.repeat(4)).toString('base64')}\r\n`,
      );
    });

    it('never says who the user is', async () => {
      const head = await request(`ws://user:secret@127.0.0.1:${peer.port}/`);

      expect(head).to.not.contain('user');
      expect(head).to.not.contain('uthorization');
    });

    // tst_QWebSocket::tst_openRequest and protocolsHeaderGeneration
    const subprotocols: Record<string, [names: string[], header: string, warned: string[]]> = {
      'no subprotocols': [[], '', []],
      'a single subprotocol': [['foobar'], 'foobar', []],
      'several subprotocols': [['foo', 'bar'], 'foo, bar', []],
      'a subprotocol with white space': [
        ['chat', 'foo\r\nbar with space'],
        'chat',
        ['foo??bar with space'],
      ],
      'a subprotocol with invalid characters': [['chat', 'foo{}'], 'chat', ['foo{}']],
      'nothing but invalid ones': [
        ['hello?', '------,,,,------'],
        '',
        ['hello?', '------,,,,------'],
      ],
      'one valid': [['hello?', 'ImValid'], 'ImValid', ['hello?']],
    };
    for (const [what, [names, header, warned]] of Object.entries(subprotocols)) {
      it(`asks for ${what}`, async () => {
        const warn = sinon.stub(process, 'emitWarning');
        const head = await request(peer.url, optionsOf(...names));

        const line = /^Sec-WebSocket-Protocol: (.*)\r$/m.exec(head);
        expect(line?.[1] ?? '').to.equal(header);
        expect(warn.args.map(([text]) => text)).to.deep.equal(
          warned.map((name) => `Ignoring invalid WebSocket subprotocol name "${name}"`),
        );
        expect(socket.handshakeOptions().subprotocols()).to.deep.equal(names);
      });
    }

    it('takes subprotocols from a header as well', async () => {
      const custom = new QNetworkRequest(peer.url);
      custom.setRawHeader('Sec-WebSocket-Protocol', 'a, b');
      const head = await request(custom, optionsOf('b', 'c'));

      expect(head.match(/^sec-websocket-protocol: .*$/gim)).to.deep.equal([
        'Sec-WebSocket-Protocol: b, c, a',
      ]);
    });

    it('has its own headers once, and says which of ours it leaves out', async () => {
      const warn = sinon.stub(process, 'emitWarning');
      const custom = new QNetworkRequest(peer.url);
      custom.setRawHeader('Upgrade', 'h2c');
      custom.setRawHeader('Sec-WebSocket-Key', 'mine');
      custom.setRawHeader('Host', 'other.example');
      const head = await request(custom);

      expect(head.match(/^upgrade: .*\r$/gim)).to.deep.equal(['Upgrade: websocket\r']);
      expect(head.match(/^sec-websocket-key: .*\r$/gim)).to.have.lengthOf(1);
      expect(head.match(/^host: .*\r$/gim)).to.deep.equal(['Host: other.example\r']);
      expect(warn.args.map(([text]) => text)).to.deep.equal([
        'Ignoring the header "upgrade": it belongs to the handshake',
        'Ignoring the header "sec-websocket-key": it belongs to the handshake',
      ]);
    });
  });

  describe('opening', () => {
    // tst_QWebSocket::tst_invalidOpen
    it('tells that nobody is there', async () => {
      const failed = emitted(socket.errorOccurred);
      socket.open(`ws://127.0.0.1:${NOBODY}/`);
      expect([socket.state(), socket.resourceName()]).to.deep.equal([2, '/']);
      expect([socket.errorString(), socket.peerName()]).to.deep.equal([
        'Unknown error',
        '127.0.0.1',
      ]);
      await failed;

      expect(log).to.deep.equal([
        'stateChanged Connecting',
        'stateChanged Unconnected',
        'disconnected',
        'errorOccurred 0',
      ]);
      expect(wordsOf(socket.errorString())).to.equal('Connection refused');
      expect(socket.closeCode()).to.equal(1000);
    });

    // tst_QWebSocket::tst_errorString
    it('tells that there is no such host, and another error the next time', async () => {
      const lookup = sinon.stub(dns, 'lookup').callsFake(((
        _host: string,
        _options: object,
        done: (error: Error) => void,
      ) => {
        const error = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
        process.nextTick(done, error);
      }) as unknown as typeof dns.lookup);
      const failed = emitted(socket.errorOccurred);
      socket.open('ws://someserver.on.mars:9999');
      expect(await failed).to.deep.equal([SocketError.HostNotFoundError]);
      expect(wordsOf(socket.errorString())).to.equal('Host not found');
      lookup.restore();

      const refused = emitted(socket.errorOccurred);
      socket.open(peer.url);
      const connection = await peer.next();
      await connection.head();
      connection.socket.write('HTTP/1.1 403 Access Forbidden\r\n\r\n');
      expect(await refused).to.deep.equal([SocketError.ConnectionRefusedError]);
      expect(wordsOf(socket.errorString())).to.equal(
        'QWebSocketPrivate::processHandshake: Unhandled http status code: 403 (Access Forbidden).',
      );
      await connection.over;
      expect(log.slice(-4)).to.deep.equal(['errorOccurred 0', ...END]);
    });

    it('finds no host in a URL without one', async () => {
      const failed = emitted(socket.errorOccurred);
      socket.open('ws:///path');
      await failed;

      expect(wordsOf(socket.errorString())).to.equal('Host not found');
    });

    // tst_QWebSocket::tst_invalidOrigin
    it('refuses an origin with a line break before it dials', () => {
      const own = new QWebSocket('My server\r\nin the wild.');
      const ownLog = logSignals(own);
      own.open(peer.url);

      expect(ownLog).to.deep.equal(['errorOccurred 0', 'error 0']);
      expect(own.state()).to.equal(SocketState.UnconnectedState);
      expect(wordsOf(own.errorString())).to.equal(
        'The origin contains newlines. Possible attack detected.',
      );
    });

    for (const scheme of ['http', 'https', 'ftp']) {
      it(`refuses the scheme ${scheme}`, () => {
        socket.open(`${scheme}://127.0.0.1:${peer.port}/`);

        expect(log).to.deep.equal(['errorOccurred 10']);
        expect(wordsOf(socket.errorString())).to.equal(`Unsupported WebSocket scheme: ${scheme}`);
      });
    }

    it('delivers frames that came with the answer, behind connected', async () => {
      const finished = emitted(socket.readChannelFinished);
      socket.open(peer.url);
      const early = Buffer.concat([
        frame(Text, 'early'),
        frame(Ping, 'bird'),
        frame(Close, closePayload(4000)),
      ]);
      const connection = await peer.accept('', early);
      expect((await connection.frame()).opcode).to.equal(Pong);
      expect((await connection.frame()).opcode).to.equal(Close);
      connection.socket.end();
      await finished;

      expect(log).to.deep.equal([
        'stateChanged Connecting',
        'stateChanged Connected',
        'connected',
        'textFrameReceived early true',
        'textMessageReceived early',
        'aboutToClose',
        'stateChanged Closing',
        ...END,
      ]);
    });

    it('gives up when the answer does not come in time', async () => {
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      socket.setOpenTimeout(1000);
      socket.open(peer.url);
      const connection = await peer.next();
      await connection.head();
      log.length = 0;
      clock.tick(1000);

      expect(log).to.deep.equal(['errorOccurred 5', ...END]);
      expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
      expect(clock.countTimers()).to.equal(0);
      await connection.over;
    });

    it('can be given up by close(), without a frame', async () => {
      socket.open(peer.url);
      const connection = await peer.next();
      await connection.head();
      log.length = 0;
      socket.close(CloseCode.CloseCodeGoingAway);

      expect(log).to.deep.equal(['aboutToClose', ...END]);
      await connection.over;
      expect(connection.unread).to.have.lengthOf(0);
    });

    it('can be given up by close() before there is anybody', () => {
      socket.open(peer.url);
      log.length = 0;
      socket.close();

      expect(log).to.deep.equal(['errorOccurred 11', 'aboutToClose', ...END]);
    });

    it('of another connection takes nothing over from the one before', async () => {
      const first = await connect();
      first.socket.write(frame(Text, 'half', { isFinal: false }));
      await emitted(socket.textFrameReceived);
      const second = await connect();
      await first.over;
      second.send(Text, 'whole');
      await emitted(socket.textMessageReceived);

      expect(log).to.deep.equal(['textFrameReceived whole true', 'textMessageReceived whole']);
    });

    it('does not hear a URL without a host that was given up', async () => {
      socket.open('ws:///path');
      await connect();
      await setImmediate();

      expect(log).to.deep.equal([]);
      expect(socket.isValid()).to.equal(true);
    });
  });

  describe('sending', () => {
    it('masks every frame with another key', async () => {
      const connection = await connect();
      for (let i = 0; i < 5; i++) socket.sendTextMessage('x');
      const keys = new Set<number | undefined>();
      for (let i = 0; i < 5; i++) keys.add((await connection.frame()).key);

      expect(keys.size).to.equal(5);
      expect(keys.has(undefined)).to.equal(false);
    });

    it('masks with a key of 0 like with any other', async () => {
      socket.setMaskGenerator(new Constant(0));
      const connection = await connect();
      socket.sendTextMessage('abc');

      expect((await connection.read(9)).toString('hex')).to.equal('818300000000616263');
    });

    it('splits at the frame size', async () => {
      socket.setOutgoingFrameSize(4);
      const connection = await connect();
      socket.sendTextMessage('ä€bcd');
      const frames = [];
      for (let i = 0; i < 3; i++) frames.push(await connection.frame());

      expect(frames.map(({ opcode, isFinal }) => [opcode, isFinal])).to.deep.equal([
        [Text, false],
        [Continue, false],
        [Continue, true],
      ]);
      expect(Buffer.concat(frames.map(({ payload }) => payload)).toString()).to.equal('ä€bcd');
    });

    it('leaves at once with flush()', async () => {
      const connection = await connect();
      expect(socket.flush()).to.equal(false);
      socket.sendTextMessage('x');
      expect(socket.bytesToWrite()).to.equal(7);
      expect(socket.flush()).to.equal(true);
      expect(socket.flush()).to.equal(false);

      expect((await connection.frame()).payload.toString()).to.equal('x');
    });

    it('lets others have their turn when each slot of bytesWritten sends more', async () => {
      await connect();
      let turns = 0;
      const write = socket.bytesWritten.connect(() => void socket.sendTextMessage('more'));
      socket.sendTextMessage('first');
      // A loop of ticks would never get here.
      for (; turns < 10; turns++) await setImmediate();
      write.disconnect();

      expect(turns).to.equal(10);
    });

    it('piles up in memory while the peer does not read, and gets there', async () => {
      const connection = await connect();
      connection.socket.pause();
      const message = new Uint8Array(MIB).fill(7);
      let sum = 0;
      const all = new Promise<void>((resolve) => {
        socket.bytesWritten.connect((count) => {
          sum += count;
          if (socket.bytesToWrite() === 0) resolve();
        });
      });
      for (let i = 0; i < 8; i++) socket.sendBinaryMessage(message);
      expect(socket.bytesToWrite()).to.equal(8 * (MIB + 2 * 14));
      await setImmediate();
      expect(socket.bytesToWrite()).to.be.above(MIB);
      connection.socket.resume();
      await all;

      expect(sum).to.equal(8 * (MIB + 2 * 14));
    });
  });

  describe('receiving', () => {
    it('tells frames and messages', async () => {
      const connection = await connect();
      connection.send(Text, 'a', { isFinal: false });
      connection.send(Pong, 'b');
      connection.send(Continue, 'c');
      connection.send(Binary, hex('00ff'));
      await emitted(socket.binaryMessageReceived);

      expect(log.map((line) => line.replace(/^pong \d+/, 'pong n'))).to.deep.equal([
        'textFrameReceived a false',
        'pong n 62',
        'textFrameReceived c true',
        'textMessageReceived ac',
        'binaryFrameReceived 00ff true',
        'binaryMessageReceived 00ff',
      ]);
    });

    it('answers a ping inside the chunk with one segment', async () => {
      const connection = await connect();
      socket.textMessageReceived.connect((text) => void socket.sendTextMessage(text));
      connection.socket.write(
        Buffer.concat([frame(Text, 'a'), frame(Ping, 'b'), frame(Text, 'c')]),
      );
      const [chunk] = (await once(connection.socket, 'data')) as [Buffer];

      expect(chunk).to.have.lengthOf(3 * 7);
    });

    it('gets a large frame through a small read buffer', async () => {
      socket.setReadBufferSize(16);
      const connection = await connect();
      connection.send(Binary, new Uint8Array(200_000));
      const [message] = await emitted(socket.binaryMessageReceived);

      expect(message).to.have.lengthOf(200_000);
    });

    it('gets messages that end with the stream, before the error', async () => {
      const connection = await connect();
      connection.socket.end(Buffer.concat([frame(Text, 'last'), frame(Text, 'words')]));
      await emitted(socket.readChannelFinished);

      expect(log).to.deep.equal([
        'textFrameReceived last true',
        'textMessageReceived last',
        'textFrameReceived words true',
        'textMessageReceived words',
        'errorOccurred 1',
        'stateChanged Closing',
        ...END,
      ]);
      expect(socket.closeCode()).to.equal(1006);
      expect(wordsOf(socket.errorString())).to.equal('The remote host closed the connection');
    });

    const violations: Record<string, [bytes: Buffer, code: number, reason: string]> = {
      'a masked frame': [
        frame(Text, 'a', { key: 1 }),
        1002,
        'Frames of a server must not be masked.',
      ],
      'a reserved bit': [frame(Text, '', { reserved: 0x40 }), 1002, 'Rsv field is non-zero'],
      'bad UTF-8': [frame(Text, hex('ff')), 1007, 'Invalid UTF-8 code encountered.'],
      'a frame of 2 GiB': [frameStart(Binary, 2 ** 31 - 1), 1009, 'Maximum framesize exceeded.'],
      'a Close of one byte': [
        frame(Close, hex('03')),
        1002,
        'Payload of close frame is too small.',
      ],
    };
    for (const [what, [bytes, code, reason]] of Object.entries(violations)) {
      it(`closes with ${code} for ${what}`, async () => {
        const connection = await connect();
        connection.socket.write(Buffer.concat([bytes, frame(Text, 'not heard')]));
        const close = await connection.frame();
        await connection.ended;
        connection.socket.end();
        await emitted(socket.readChannelFinished);

        expect(close.payload.equals(closePayload(code, reason))).to.equal(true);
        expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing', ...END]);
        expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([code, reason]);
        expect(socket.error()).to.equal(SocketError.UnknownSocketError);
      });
    }

    it('closes with 1001 when the rest of a frame does not come', async () => {
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      socket.setIncompleteMessageTimeout(500);
      const connection = await connect();
      const heard = emitted(socket.textFrameReceived);
      connection.socket.write(Buffer.concat([frame(Text, '', { isFinal: false }), hex('80')]));
      await heard;
      clock.tick(500);
      const close = await connection.frame();

      expect(
        close.payload.equals(closePayload(1001, 'Timeout when reading data from socket.')),
      ).to.equal(true);
      expect(socket.closeCode()).to.equal(1001);
    });
  });

  describe('closing', () => {
    it('waits for the Close and the end of the peer, and takes what comes before', async () => {
      const connection = await connect();
      socket.close(CloseCode.CloseCodeGoingAway, 'Bye.');
      expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing']);
      const close = await connection.frame();
      expect(close.payload.equals(closePayload(1001, 'Bye.'))).to.equal(true);

      connection.send(Text, 'late');
      connection.send(Close, closePayload(1001));
      connection.send(Text, 'too late');
      await emitted(socket.textMessageReceived);
      await setImmediate();
      expect(socket.state()).to.equal(SocketState.ClosingState);

      connection.socket.end();
      await emitted(socket.readChannelFinished);
      await connection.ended;
      expect(log.slice(2)).to.deep.equal([
        'textFrameReceived late true',
        'textMessageReceived late',
        ...END,
      ]);
    });

    it('answers the Close of the peer, and leaves the end of TCP to it', async () => {
      const connection = await connect();
      connection.send(Close, closePayload(4000, 'theirs'));
      const close = await connection.frame();
      await setImmediate();
      expect(close.payload.equals(closePayload(4000, 'theirs'))).to.equal(true);
      expect(socket.state()).to.equal(SocketState.ClosingState);

      connection.socket.end();
      await emitted(socket.readChannelFinished);
      expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing', ...END]);
    });

    it('sends what was queued before, however long the peer takes', async () => {
      const connection = await connect();
      connection.socket.pause();
      for (let i = 0; i < 8; i++) socket.sendBinaryMessage(new Uint8Array(MIB));
      socket.close();
      await setImmediate();
      connection.socket.resume();
      let bytes = 0;
      for (;;) {
        const { opcode, payload } = await connection.frame();
        if (opcode === Close) break;
        bytes += payload.length;
      }
      connection.send(Close, closePayload(1000));
      connection.socket.end();
      await emitted(socket.disconnected);

      expect(bytes).to.equal(8 * MIB);
    });

    it('gives up a peer that does not answer', async () => {
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const connection = await connect();
      socket.close();
      await connection.frame();
      clock.tick(5000);

      expect(log.slice(2)).to.deep.equal(END);
      expect(socket.closeCode()).to.equal(1000);
      await connection.over;
    });

    it('by a reset is an error', async () => {
      const connection = await connect();
      connection.reset();
      await emitted(socket.readChannelFinished);

      expect(log).to.deep.equal(['errorOccurred 1', 'stateChanged Closing', ...END]);
      expect(socket.closeCode()).to.equal(1006);
      expect(socket.sendTextMessage('anybody?')).to.equal(0);
    });

    it('by a reset may be answered by another open()', async () => {
      const connection = await connect();
      const again = emitted(socket.connected);
      socket.errorOccurred.connect(() => socket.open(peer.url));
      connection.reset();
      const second = await peer.accept();
      await again;
      await setImmediate();

      expect(log).to.deep.equal([
        'errorOccurred 1',
        'stateChanged Connecting',
        'stateChanged Connected',
        'connected',
      ]);
      second.send(Text, 'x');
      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['x']);
    });

    it('by abort() says no word to the peer', async () => {
      const connection = await connect();
      socket.sendTextMessage('never sent');
      socket.abort();
      await connection.over;

      expect(connection.unread).to.have.lengthOf(0);
    });

    it('by destruction says 1001', async () => {
      const connection = await connect();
      socket[Symbol.dispose]();
      const close = await connection.frame();

      expect(close.payload.equals(closePayload(1001, 'Connection closed'))).to.equal(true);
    });
  });

  it('goes on when a slot throws', async () => {
    const connection = await connect();
    const errors = await uncaughtErrors(async () => {
      socket.textFrameReceived.connect(() => {
        throw new Error('slot');
      });
      connection.socket.write(Buffer.concat([frame(Text, 'a'), frame(Text, 'b')]));
      await new Promise<void>((resolve) => {
        socket.textMessageReceived.connect((text) => {
          if (text === 'b') resolve();
        });
      });
    });

    expect(errors.map(String)).to.deep.equal(['Error: slot', 'Error: slot']);
    expect(log.filter((line) => line.startsWith('textMessage'))).to.deep.equal([
      'textMessageReceived a',
      'textMessageReceived b',
    ]);
    expect(socket.isValid()).to.equal(true);
  });
});

/** A generator that is no secret. */
class Constant extends QMaskGenerator {
  readonly #key: number;

  constructor(key: number) {
    super();
    this.#key = key;
  }

  override seed(): boolean {
    return true;
  }

  override nextMask(): number {
    return this.#key;
  }
}
