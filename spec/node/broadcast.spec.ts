import { expect } from 'chai';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { restore, spy } from 'sinon';
import { OpCode } from '../../lib/codec/opcode.ts';
import { PreparedFrames } from '../../lib/codec/prepared-frames.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { SharedMessage } from '../../lib/session/shared-message.ts';
import type { CompressionOptions } from '../../lib/websockets/compression-options.ts';
import {
  contentOf,
  QWebSocketPreparedMessage,
} from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { emitted } from '../support/emitted.ts';
import { frame, readFrames } from '../support/frames.ts';
import { untilCollected } from '../support/memory.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { identified } from '../support/secure-client.ts';
import { trusting } from '../support/secure-peer.ts';
import { TestStream } from '../support/test-stream.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

const KiB = 1024;
const ROWS = '{"symbol":"QT","price":17},'.repeat(100);
const MANY_ROWS = '{"symbol":"QT","price":17},'.repeat(4000);

/** A client that remembers what it gets, in order; bytes as hexadecimal digits. */
class Subscriber extends QWebSocket {
  readonly got: string[] = [];

  constructor() {
    super();
    this.textMessageReceived.connect((message) => this.got.push(message));
    this.binaryMessageReceived.connect((message) => {
      this.got.push(Buffer.from(message).toString('hex'));
    });
  }

  /** Waits until it has `count` messages. */
  async has(count: number): Promise<string[]> {
    while (this.got.length < count) {
      await Promise.race([emitted(this.textMessageReceived), emitted(this.binaryMessageReceived)]);
    }
    return this.got;
  }
}

describe('broadcasting', () => {
  let server: QWebSocketServer;
  let clients: QWebSocket[];
  let raws: RawClient[];
  /** What accepted() has made on the server. */
  let fetched: QWebSocket[];

  beforeEach(() => {
    server = new QWebSocketServer('Test');
    clients = [];
    raws = [];
    fetched = [];
  });

  afterEach(() => {
    restore();
    server[Symbol.dispose]();
    for (const client of clients) client.abort();
    for (const { socket } of raws) socket.destroy();
  });

  /** A client and its end on the server. */
  async function subscribed(
    compression?: CompressionOptions,
  ): Promise<[client: Subscriber, socket: QWebSocket]> {
    if (!server.isListening()) server.listen(QHostAddress.LocalHost);
    const client = new Subscriber();
    clients.push(client);
    client.setSslConfiguration(trusting());
    client.setCompressionEnabled(compression !== undefined);
    if (compression !== undefined) client.setCompressionOptions(compression);
    const arrived = emitted(server.newConnection);
    client.open(server.serverUrl());
    await Promise.all([arrived, emitted(client.connected)]);
    return [client, server.nextPendingConnection()!];
  }

  /** A client that reads exact bytes, its end on the server, and the length of the handshake. */
  async function raw(): Promise<[client: RawClient, socket: QWebSocket, head: number]> {
    if (!server.isListening()) server.listen(QHostAddress.LocalHost);
    const client = await RawClient.connect(server.serverPort());
    raws.push(client);
    const arrived = emitted(server.newConnection);
    client.write(upgradeRequest());
    const head = await client.hears('\r\n\r\n');
    await arrived;
    return [client, server.nextPendingConnection()!, head.length];
  }

  /** All bytes that come until the server's Close frame, which is answered. */
  async function endOf(client: RawClient): Promise<Buffer> {
    await client.hears('\x88\x02\x03\xe8');
    client.write(frame(OpCode.Close, Buffer.of(3, 232), { key: 1 }));
    return Buffer.from(await client.ended(), 'latin1');
  }

  /** A stream of the spec's on which the server has accepted a WebSocket. */
  async function accepted(): Promise<TestStream> {
    const stream = new TestStream();
    const arrived = emitted(server.newConnection);
    server.handleConnection(stream);
    stream.push(upgradeRequest());
    await arrived;
    fetched.push(server.nextPendingConnection()!);
    return stream;
  }

  describe('reaches everybody in the order in which things are sent', () => {
    const ways: Record<string, [secure: boolean, compression: (CompressionOptions | undefined)[]]> =
      {
        'over ws': [false, [undefined, undefined, undefined]],
        'over wss': [true, [undefined, undefined, undefined]],
        'with compression': [false, [{}, {}, {}]],
        'with compression, each message by itself': [
          false,
          Array.from({ length: 3 }, () => ({ serverNoContextTakeover: true })),
        ],
        'to clients that have agreed on different things': [
          false,
          [undefined, {}, { serverMaxWindowBits: 9 }, { serverNoContextTakeover: true }],
        ],
      };
    for (const [way, [isSecure, compressions]] of Object.entries(ways)) {
      it(way, async () => {
        server = new QWebSocketServer(
          'Test',
          isSecure ? SslMode.SecureMode : SslMode.NonSecureMode,
        );
        if (isSecure) server.setSslConfiguration(identified());
        server.setCompressionEnabled(true);
        const pairs = [];
        for (const compression of compressions) pairs.push(await subscribed(compression));
        const count = pairs.length;
        const bytes = Buffer.alloc(100 * KiB, 'pattern');

        for (const [, socket] of pairs) socket.sendTextMessage('first');
        expect(server.broadcastTextMessage(ROWS)).to.equal(count);
        // Long enough for another thread.
        expect(server.broadcastTextMessage(MANY_ROWS)).to.equal(count);
        for (const [, socket] of pairs) socket.sendTextMessage(`${ROWS}!`);
        expect(server.broadcastBinaryMessage(bytes)).to.equal(count);
        expect(server.broadcastTextMessage('')).to.equal(count);
        await setImmediate();
        for (const [, socket] of pairs) socket.sendBinaryMessage(bytes);
        expect(server.broadcastTextMessage('last')).to.equal(count);

        const hex = bytes.toString('hex');
        for (const [client] of pairs) {
          expect(await client.has(8)).to.deep.equal([
            'first',
            ROWS,
            MANY_ROWS,
            `${ROWS}!`,
            hex,
            '',
            hex,
            'last',
          ]);
        }
      });
    }
  });

  for (const frameSize of [512 * KiB, 1000]) {
    it(`sends the bytes of sendTextMessage() in frames of ${frameSize} bytes`, async () => {
      const contents = ['', 'Grüße', 'x'.repeat(126), 'ä€😀'.repeat(5000)];
      const [[own, alone, ownHead], [shared, other, sharedHead]] = [await raw(), await raw()];
      for (const socket of [alone, other]) socket.setOutgoingFrameSize(frameSize);

      for (const content of contents) {
        alone.sendTextMessage(content);
        alone.sendBinaryMessage(Buffer.from(content));
        server.broadcastTextMessage(content, (socket: QWebSocket) => socket === other);
        server.broadcastBinaryMessage(Buffer.from(content), (socket) => socket === other);
      }
      for (const socket of [alone, other]) socket.close();

      const [expected, bytes] = await Promise.all([endOf(own), endOf(shared)]);
      expect(bytes.subarray(sharedHead).equals(expected.subarray(ownHead))).to.equal(true);
      expect(readFrames(bytes.subarray(sharedHead))).to.have.lengthOf.above(8);
    });
  }

  it('hands the system the same memory for all who get a long message', async () => {
    const streams = [await accepted(), await accepted(), await accepted()];
    const written = Promise.all(fetched.map((socket) => emitted(socket.bytesWritten)));

    expect(server.broadcastBinaryMessage(Buffer.alloc(100 * KiB))).to.equal(3);
    await written;

    const buffers = streams.map(({ calls }) => calls.at(-1)!);
    expect(buffers.map((pieces) => pieces.length)).to.deep.equal([1, 1, 1]);
    expect(new Set(buffers.flat()).size).to.equal(1);
  });

  it('writes once for all messages of a turn', async () => {
    const stream = await accepted();
    const before = stream.calls.length;
    const [socket] = fetched;

    for (let i = 0; i < 5; i++) server.broadcastTextMessage(`message ${i}`);
    socket!.sendTextMessage('one of its own');
    server.broadcastTextMessage('behind');
    await emitted(socket!.bytesWritten);

    expect(stream.calls).to.have.lengthOf(before + 1);
    expect(readFrames(Buffer.concat(stream.calls.at(-1)!))).to.have.lengthOf(7);
  });

  it('is counted by bytesWritten', async () => {
    const [client, socket] = await subscribed();
    let count = 0;
    socket.bytesWritten.connect((bytes) => void (count += bytes));

    server.broadcastBinaryMessage(Buffer.alloc(1000));
    expect(socket.bytesToWrite()).to.equal(1004);
    await client.has(1);

    expect(count).to.equal(1004);
    expect(socket.bytesToWrite()).to.equal(0);
  });

  describe('to one who does not read', () => {
    /** Broadcasts long messages until one of two gets none any more; returns how many there were. */
    async function untilStuck(fast: Subscriber): Promise<number> {
      for (let i = 1; i < 1000; i++) {
        const count = server.broadcastBinaryMessage(Buffer.alloc(256 * KiB, i));
        await fast.has(i);
        if (count < 2) return i;
      }
      throw new Error('The system has no end of room.');
    }

    it('keeps nobody else waiting, and stops at its limit', async () => {
      server.setBacklogLimit(64 * KiB);
      const [fast] = await subscribed();
      const [slow, socket] = await raw();
      slow.socket.pause();

      const sent = await untilStuck(fast);
      expect(socket.bytesToWrite()).to.be.within(64 * KiB, 256 * KiB + 64 * KiB + 20);
      expect(server.broadcastTextMessage('for the fast')).to.equal(1);
      await fast.has(sent + 1);

      slow.socket.resume();
      while (socket.bytesToWrite() > 0) await emitted(socket.bytesWritten);
      expect(server.broadcastTextMessage('for both')).to.equal(2);
      while (!slow.text.includes('for both')) await once(slow.socket, 'data');
      expect(slow.text).to.not.include('for the fast');
    }).timeout(60_000);

    it('cuts that one off, if that is the policy', async () => {
      server.setBacklogLimit(64 * KiB, BacklogPolicy.Disconnect);
      const [fast] = await subscribed();
      const [slow, socket] = await raw();
      slow.socket.pause();
      const disconnected = emitted(socket.disconnected);

      const sent = await untilStuck(fast);
      await disconnected;

      expect(socket.error()).to.equal(SocketError.SocketResourceError);
      expect(server.broadcastTextMessage('for the fast')).to.equal(1);
      await fast.has(sent + 1);
    }).timeout(60_000);
  });

  it('reports a stream that throws, and goes on with the others', async () => {
    server.setBacklogLimit(0);
    const stream = await accepted();
    const [client] = await subscribed();
    server.broadcastTextMessage('a');
    const error = new Error('A stream of their own.');
    stream.write = () => {
      throw error;
    };

    const errors = await uncaughtErrors(() => {
      // Asks the system to take the first one.
      expect(server.broadcastTextMessage('b')).to.equal(1);
    });

    expect(errors).to.deep.equal([error]);
    expect(await client.has(2)).to.deep.equal(['a', 'b']);
  });

  it('reaches the sockets of this server only, also where several share a port', async () => {
    const http = createHttpServer();
    const other = new QWebSocketServer('Other');
    server.attach(http, { path: '/own' });
    other.attach(http, { path: '/other' });
    const port = await listenOnLoopback(http);
    const ends = [];
    for (const [path, of] of [
      ['own', server],
      ['other', other],
    ] as const) {
      const client = new Subscriber();
      clients.push(client);
      const arrived = emitted(of.newConnection);
      client.open(`ws://127.0.0.1:${port}/${path}`);
      await Promise.all([arrived, emitted(client.connected)]);
      of.nextPendingConnection();
      ends.push(client);
    }

    expect(server.broadcastTextMessage('own')).to.equal(1);
    expect(other.broadcastTextMessage('other')).to.equal(1);

    expect(await ends[0]!.has(1)).to.deep.equal(['own']);
    expect(await ends[1]!.has(1)).to.deep.equal(['other']);
    other[Symbol.dispose]();
    http.close();
  });

  it('passes over a socket that has been opened anew, to somewhere else', async () => {
    const elsewhere = new QWebSocketServer('Elsewhere');
    elsewhere.listen(QHostAddress.LocalHost);
    const [, socket] = await subscribed();
    const [client] = await subscribed();

    socket.open(elsewhere.serverUrl());
    await emitted(socket.connected);

    expect(server.broadcastTextMessage('a')).to.equal(1);
    expect(await client.has(1)).to.deep.equal(['a']);
    socket.abort();
    elsewhere[Symbol.dispose]();
  });

  it('copes with a slot that broadcasts and ends connections', async () => {
    const [[asking, asked], [, aborted], [closing, closed], [deleted, destroyed], [staying]] = [
      await subscribed(),
      await subscribed(),
      await subscribed(),
      await subscribed(),
      await subscribed(),
    ];
    let counts: number[] = [];
    asked.textMessageReceived.connect(() => {
      const before = server.broadcastTextMessage('before');
      aborted.abort();
      closed.close();
      destroyed[Symbol.dispose]();
      counts = [before, server.broadcastTextMessage('behind')];
      asked.close();
    });
    asking.sendTextMessage('now');

    expect(await asking.has(2)).to.deep.equal(['before', 'behind']);
    expect(await staying.has(2)).to.deep.equal(['before', 'behind']);
    expect(await closing.has(1)).to.deep.equal(['before']);
    expect(await deleted.has(1)).to.deep.equal(['before']);
    expect(counts).to.deep.equal([5, 2]);
  });

  it('is done by clients as well, each with masks of its own', async () => {
    const got: string[] = [];
    const all: QWebSocket[] = [];
    for (let i = 0; i < 3; i++) {
      const [client, socket] = await subscribed();
      socket.textMessageReceived.connect((message) => got.push(message));
      all.push(client);
    }
    const masks = spy(all[0]!.maskGenerator(), 'nextMask');
    const message = QWebSocketPreparedMessage.fromText('Grüße');

    for (const client of all) expect(client.sendPreparedMessage(message)).to.equal(7);
    while (got.length < 3) await setImmediate();

    expect(got).to.deep.equal(['Grüße', 'Grüße', 'Grüße']);
    expect(masks.callCount).to.equal(3);
  });

  it('frames a message once, however often it is sent', async () => {
    const within = spy(PreparedFrames.prototype, 'within');
    for (let i = 0; i < 3; i++) await subscribed();
    const message = QWebSocketPreparedMessage.fromText('a');

    server.broadcastPreparedMessage(message);
    server.broadcastPreparedMessage(message);

    expect(within.callCount).to.equal(6);
    expect(new Set(within.returnValues).size).to.equal(1);
  });

  it('keeps nothing of a message that was sent', async () => {
    server.setCompressionEnabled(true);
    const all = [await subscribed(), await subscribed({}), await subscribed({})];

    await untilCollected(...(await broadcastAndDropped(MANY_ROWS, all)));
  });

  /** Broadcasts a message; returns it and all that was made for it. */
  async function broadcastAndDropped(
    text: string,
    all: readonly (readonly [Subscriber, QWebSocket])[],
  ): Promise<WeakRef<object>[]> {
    const message = QWebSocketPreparedMessage.fromText(text);
    expect(server.broadcastPreparedMessage(message)).to.equal(all.length);
    for (const [client, socket] of all) {
      await client.has(1);
      while (socket.bytesToWrite() > 0) await emitted(socket.bytesWritten);
    }
    const content = contentOf(message);
    const { form } = content;
    expect(form instanceof SharedMessage).to.equal(true);
    const frames = (form as SharedMessage).frames(content.data, Infinity);
    return [message, content, content.data, form as SharedMessage, frames].map(
      (part) => new WeakRef<object>(part),
    );
  }
});
