import { expect } from 'chai';
import { once } from 'node:events';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { OpCode } from '../../lib/codec/opcode.ts';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import type { CompressionOptions } from '../../lib/websockets/compression-options.ts';
import { emitted } from '../support/emitted.ts';
import { frame, readFrames } from '../support/frames.ts';
import { memoryInUse } from '../support/memory.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { RawPeer } from '../support/raw-peer.ts';

const MiB = 1024 * 1024;
const OFFER = 'permessage-deflate; client_max_window_bits';
const KEY = 0x37fa213d;
const reserved = 0x40;

/** A compressed message of its own (RFC 7692 §7.2.1). */
function deflated(data: Uint8Array | string): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** JSON of about `size` bytes in which much repeats. */
function rows(size: number, seed = 1): string {
  let text = '';
  for (let i = seed; text.length < size; i++) text += `{"id":${i},"name":"row ${i * 7919}"},`;
  return text;
}

describe('compression', () => {
  let server: QWebSocketServer;
  let clients: QWebSocket[];
  let raws: RawClient[];
  let peers: RawPeer[];

  beforeEach(() => {
    server = new QWebSocketServer('Test');
    server.listen(QHostAddress.LocalHost);
    clients = [];
    raws = [];
    peers = [];
  });

  afterEach(() => {
    server[Symbol.dispose]();
    for (const client of clients) client.abort();
    for (const { socket } of raws) socket.destroy();
    for (const peer of peers) peer.close();
  });

  function newClient(options?: CompressionOptions): QWebSocket {
    const client = new QWebSocket();
    clients.push(client);
    client.setCompressionEnabled(options !== undefined);
    if (options !== undefined) client.setCompressionOptions(options);
    return client;
  }

  /** A client and its end on the server. */
  async function pair(
    clientOptions?: CompressionOptions,
    serverOptions?: CompressionOptions,
  ): Promise<[client: QWebSocket, socket: QWebSocket]> {
    server.setCompressionEnabled(serverOptions !== undefined);
    if (serverOptions !== undefined) server.setCompressionOptions(serverOptions);
    const client = newClient(clientOptions);
    const arrived = emitted(server.newConnection);
    client.open(server.serverUrl());
    await Promise.all([arrived, emitted(client.connected)]);
    return [client, server.nextPendingConnection()!];
  }

  /** A client that says exact bytes, with the socket that it has at the server, and the answer. */
  async function raw(
    offer: string | undefined,
  ): Promise<[client: RawClient, socket: QWebSocket, answer: string | undefined]> {
    const client = await RawClient.connect(server.serverPort());
    raws.push(client);
    const arrived = emitted(server.newConnection);
    client.write(upgradeRequest({ 'Sec-WebSocket-Extensions': offer }));
    const head = await client.hears('\r\n\r\n');
    await arrived;
    const answer = /^sec-websocket-extensions: (.*)\r$/im.exec(head)?.[1];
    return [client, server.nextPendingConnection()!, answer];
  }

  describe('is agreed on', () => {
    const cases: Record<
      string,
      [
        client: CompressionOptions | undefined,
        server: CompressionOptions | undefined,
        agreed: string,
      ]
    > = {
      'by neither by default': [undefined, undefined, ''],
      'not by a client alone': [{}, undefined, ''],
      'not by a server alone': [undefined, {}, ''],
      'by both': [{}, {}, 'permessage-deflate'],
      'with the limits of both': [
        { serverMaxWindowBits: 10, serverNoContextTakeover: true },
        { clientMaxWindowBits: 9, clientNoContextTakeover: true },
        'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9',
      ],
    };
    for (const [name, [ofClient, ofServer, agreed]] of Object.entries(cases)) {
      it(name, async () => {
        const [client, socket] = await pair(ofClient, ofServer);

        expect(client.extensions()).to.equal(agreed);
        expect(socket.extensions()).to.equal(agreed);
      });
    }

    it('with a client that makes several offers', async () => {
      server.setCompressionEnabled(true);
      const [, , answer] = await raw(
        'permessage-deflate; server_max_window_bits=8, x, permessage-deflate; server_max_window_bits=12',
      );

      expect(answer).to.equal('permessage-deflate; server_max_window_bits=12');
    });

    it('not with a client whose offer is malformed', async () => {
      server.setCompressionEnabled(true);
      const [, socket, answer] = await raw('permessage-deflate; client_max_window_bits=016');

      expect(answer).to.equal(undefined);
      expect(socket.extensions()).to.equal('');
    });

    it('not with a server that goes beyond the offer: the attempt fails', async () => {
      const peer = await RawPeer.listen();
      peers.push(peer);
      const client = newClient({ serverMaxWindowBits: 10 });
      const failed = emitted(client.errorOccurred);
      client.open(peer.url);
      const answer = 'permessage-deflate; server_max_window_bits=11';
      await peer.accept(`Sec-WebSocket-Extensions: ${answer}\r\n`);
      await failed;

      expect(client.errorString()).to.include(
        `The server's answer "${answer}" does not suit the compression that was offered.`,
      );
      expect(client.state()).to.equal(SocketState.UnconnectedState);
    });

    it('anew for each attempt', async () => {
      const [client] = await pair({}, {});
      server.setCompressionEnabled(false);
      client.open(server.serverUrl());
      await emitted(client.connected);

      expect(client.extensions()).to.equal('');
    });
  });

  it('is off by default: the request asks for nothing, and RSV1 is an error', async () => {
    const peer = await RawPeer.listen();
    peers.push(peer);
    const client = newClient();
    client.open(peer.url);
    const connection = await peer.next();
    expect(await connection.accept()).to.not.match(/extensions/i);
    await emitted(client.connected);

    const disconnected = emitted(client.disconnected);
    connection.send(OpCode.Text, deflated('a'), { reserved });
    await connection.over;
    connection.socket.end();
    await disconnected;
    expect([client.closeCode(), client.closeReason()]).to.deep.equal([
      1002,
      'Rsv field is non-zero',
    ]);
  });

  describe('carries', () => {
    const agreements: Record<string, CompressionOptions> = {
      'the context over': {},
      'no context over': { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'small windows': { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
    };
    for (const [name, agreement] of Object.entries(agreements)) {
      it(`messages of all sizes both ways, in their order, with ${name}`, async () => {
        const options = { threshold: 200, ...agreement };
        const pairOf = await pair(options, options);
        for (const [from, to] of [pairOf, pairOf.toReversed() as typeof pairOf]) {
          const sent: (string | Buffer)[] = [];
          for (const size of [
            10, 300, 40_000, 100, 5000, 2_000_000, 300, 30_000, 1, 500_000, 400,
          ]) {
            sent.push(rows(size), Buffer.from(rows(size, 7)));
          }
          const received: (string | Buffer)[] = [];
          to.textMessageReceived.connect((message) => received.push(message));
          to.binaryMessageReceived.connect((message) => received.push(Buffer.from(message)));
          for (const message of sent) {
            if (typeof message === 'string') from.sendTextMessage(message);
            else from.sendBinaryMessage(message);
          }
          while (received.length < sent.length) await emitted(to.binaryMessageReceived);

          for (const [i, message] of sent.entries()) {
            expect(received[i]!.length).to.equal(message.length);
            expect(received[i]!.toString() === message.toString()).to.equal(true);
          }
        }
      });
    }

    it('everything that was sent before close()', async () => {
      const [client, socket] = await pair({}, {});
      const received: number[] = [];
      socket.textMessageReceived.connect((message) => received.push(message.length));
      const large = rows(3 * MiB);
      client.sendTextMessage(large);
      client.sendTextMessage('small');
      client.close(4000, 'done');
      await emitted(socket.disconnected);

      expect(received).to.deep.equal([large.length, 5]);
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4000, 'done']);
    });

    it('less over the wire than was sent', async () => {
      const [client, socket] = await pair({}, {});
      let written = 0;
      client.bytesWritten.connect((bytes) => (written += bytes));
      const message = rows(10_000);
      client.sendTextMessage(message);
      await emitted(socket.textMessageReceived);
      await new Promise((resolve) => setImmediate(resolve));

      expect(written).to.be.within(100, 3000);
    });
  });

  describe('on the wire', () => {
    it('leaves small messages and those that are excepted as they are', async () => {
      server.setCompressionEnabled(true);
      const [client, socket] = await raw(OFFER);
      const before = client.text.length;
      const large = rows(2000);
      socket.sendTextMessage('small');
      socket.sendTextMessage(large, { compress: false });
      socket.sendTextMessage(large);
      socket.sendTextMessage('aaaaaaaaaaaaaaaaaaaaaaaa', { compress: true });
      socket.close();
      const text = await client.hears('\x88\x02\x03\xe8');
      const frames = readFrames(Buffer.from(text.slice(before), 'latin1'));

      expect(frames.map(({ opcode }) => opcode)).to.deep.equal([0x01, 0x01, 0x41, 0x41, 0x08]);
      const { payload } = frames[2]!;
      const tail = Buffer.from([0, 0, 255, 255]);
      const finishFlush = constants.Z_SYNC_FLUSH;
      expect(inflateRawSync(Buffer.concat([payload, tail]), { finishFlush }).toString()).to.equal(
        large,
      );
    });

    it('splits what it compressed into frames like any other message', async () => {
      server.setCompressionEnabled(true);
      const [client, socket] = await raw(OFFER);
      const before = client.text.length;
      socket.setOutgoingFrameSize(100);
      socket.sendTextMessage(rows(5000));
      socket.close();
      const text = await client.hears('\x88\x02\x03\xe8');
      const frames = readFrames(Buffer.from(text.slice(before), 'latin1')).slice(0, -1);

      expect(frames.length).to.be.above(2);
      expect(frames.map(({ opcode }) => opcode)).to.deep.equal([
        0x41,
        ...frames.slice(1).map(() => 0),
      ]);
      expect(frames.at(-1)!.isFinal).to.equal(true);
    });

    it('compresses nothing for a server that limits the window to 256 bytes', async () => {
      const peer = await RawPeer.listen();
      peers.push(peer);
      const client = newClient({});
      client.open(peer.url);
      const connection = await peer.accept(
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8\r\n',
      );
      await emitted(client.connected);
      client.sendTextMessage(rows(2000));
      const start = await connection.read(1);
      expect(start[0]).to.equal(0x81);

      connection.send(OpCode.Text, deflated('Hello'), { reserved });
      expect(await emitted(client.textMessageReceived)).to.deep.equal(['Hello']);
    });
  });

  describe('from a hostile peer', () => {
    /** The code that a server closes with after `frames`. */
    async function closeCodeAfter(
      prepare: (socket: QWebSocket) => void,
      ...frames: readonly Buffer[]
    ): Promise<number> {
      server.setCompressionEnabled(true);
      const [client, socket] = await raw(OFFER);
      prepare(socket);
      client.write(Buffer.concat(frames));
      await once(client.socket, 'end');
      client.socket.destroy();
      await emitted(socket.disconnected);
      return socket.closeCode();
    }

    const nothing = (): void => {};
    const masked = (payload: Uint8Array, opcode: number = OpCode.Binary): Buffer =>
      frame(opcode, payload, { key: KEY, reserved });

    it('is refused with 1007 when it cannot be inflated', async () => {
      expect(await closeCodeAfter(nothing, masked(Buffer.of(0x07)))).to.equal(1007);
    });

    it('is refused with 1007 when large data cannot be inflated', async () => {
      expect(await closeCodeAfter(nothing, masked(Buffer.alloc(100_000, 0x07)))).to.equal(1007);
    });

    it('is refused with 1007 when the text is no UTF-8', async () => {
      const payload = deflated(Buffer.from([0xc3, 0x28]));
      expect(await closeCodeAfter(nothing, masked(payload, OpCode.Text))).to.equal(1007);
    });

    for (const limit of [0, 1, 1000, 300_000]) {
      it(`is refused with 1009 when it swells beyond a limit of ${limit} bytes`, async () => {
        const payload = deflated(Buffer.alloc(limit + 1));
        const code = await closeCodeAfter((socket) => {
          socket.setMaxAllowedIncomingMessageSize(limit);
          // The payload alone is larger than the smallest of them.
          socket.setMaxAllowedIncomingFrameSize(MiB);
        }, masked(payload));
        expect(code).to.equal(1009);
      });
    }

    it('takes no more memory than the limit and one chunk when it swells', async () => {
      // 512 MiB in 512 KiB, in many fragments.
      const bomb = deflated(Buffer.alloc(512 * MiB));
      const frames: Buffer[] = [];
      for (let at = 0; at < bomb.length; at += 4096) {
        const isFinal = at + 4096 >= bomb.length;
        frames.push(
          frame(at === 0 ? OpCode.Binary : OpCode.Continue, bomb.subarray(at, at + 4096), {
            key: KEY,
            isFinal,
            reserved: at === 0 ? reserved : 0,
          }),
        );
      }
      const before = memoryInUse();
      let peak = 0;
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed);
      }, 1);

      const code = await closeCodeAfter(nothing, ...frames);
      clearInterval(watch);

      expect(code).to.equal(1009);
      // Garbage counts as well.
      expect(peak - before).to.be.below(64 * MiB);
    }).timeout(60_000);

    it('does not hold the others up while it is inflated', async () => {
      const [client, socket] = await pair({}, {});
      client.textMessageReceived.connect((message) => client.sendTextMessage(message));
      const [bomber] = await raw(OFFER);
      const bomb = masked(deflated(Buffer.alloc(15 * MiB)));
      for (let i = 0; i < 8; i++) bomber.write(bomb);

      socket.sendTextMessage('still there');
      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['still there']);
    });
  });

  it('delivers a message that takes time before the end of the stream that followed it', async () => {
    server.setCompressionEnabled(true);
    const [client, socket] = await raw(OFFER);
    const told: string[] = [];
    socket.binaryMessageReceived.connect((message) => told.push(`${message.length} bytes`));
    socket.textMessageReceived.connect((message) => told.push(message));
    socket.errorOccurred.connect(() => told.push('error'));
    socket.disconnected.connect(() => told.push('disconnected'));
    const large = frame(OpCode.Binary, deflated(Buffer.alloc(2 * MiB)), { key: KEY, reserved });
    client.socket.end(Buffer.concat([large, frame(OpCode.Text, 'last', { key: KEY })]));
    await emitted(socket.disconnected);

    expect(told).to.deep.equal([`${2 * MiB} bytes`, 'last', 'error', 'disconnected']);
  });

  describe('a slot', () => {
    it('may give the connection up while another message is inflated', async () => {
      const [client, socket] = await pair({}, {});
      const received: number[] = [];
      socket.textMessageReceived.connect((message) => {
        received.push(message.length);
        socket.abort();
      });
      client.sendTextMessage(rows(MiB));
      client.sendTextMessage(rows(2 * MiB));
      client.sendTextMessage('small');
      await emitted(client.disconnected);

      expect(received).to.have.lengthOf(1);
      expect(socket.state()).to.equal(SocketState.UnconnectedState);
    });

    it('may open another connection while a message is compressed', async () => {
      const [client, socket] = await pair({}, {});
      const received: string[] = [];
      socket.textMessageReceived.connect((message) => received.push(message));
      client.sendTextMessage(rows(2 * MiB));
      client.sendTextMessage('old');
      const arrived = emitted(server.newConnection);
      client.open(server.serverUrl());
      await Promise.all([arrived, emitted(client.connected)]);
      const next = server.nextPendingConnection()!;
      client.sendTextMessage('new');

      expect(await emitted(next.textMessageReceived)).to.deep.equal(['new']);
      expect(received).to.deep.equal([]);
    });
  });
});
