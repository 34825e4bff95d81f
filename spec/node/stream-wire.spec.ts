import { expect } from 'chai';
import { once } from 'node:events';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import sinon from 'sinon';
import { OpCode } from '../../lib/codec/opcode.ts';
import { Slab } from '../../lib/codec/slab.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { StreamWire } from '../../lib/node/stream-wire.ts';
import { Session } from '../../lib/session/session.ts';
import type { MessageCoder } from '../../lib/session/wire.ts';
import type { Endpoint } from '../../lib/websockets/socket-backend.ts';
import { frame, readFrames } from '../support/frames.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { RecordingEvents, SessionRig } from '../support/session-rig.ts';
import { SlowCoder } from '../support/slow-coder.ts';
import { TestStream } from '../support/test-stream.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

const { Text, Binary, Ping, Pong, Close } = OpCode;

const nobody = (): Endpoint => ({ address: '', port: 0 });
const meter = (): RecordingMeter => new RecordingMeter();

describe('StreamWire', () => {
  let stream: TestStream;
  let streams: TestStream[];
  let slab: Slab;
  let written: number[];
  let events: RecordingEvents;
  let wire: StreamWire;
  let session: Session;

  beforeEach(() => {
    streams = [];
    connect(new TestStream({ allowHalfOpen: true }));
  });

  afterEach(() => {
    for (const one of streams) one.destroy();
  });

  /** A server's session over `own`, which reads already. */
  function connect(own: TestStream, coder?: MessageCoder): void {
    stream = own;
    streams.push(own);
    slab = new Slab();
    written = [];
    events = new RecordingEvents();
    wire = new StreamWire(stream, {
      bytesWritten: (count) => void written.push(count),
      peerEndpoint: nobody,
      meter,
    });
    session = new Session(false, wire, slab, new SessionRig(false).settings, events, coder);
    wire.attach(session);
    session.start(Buffer.alloc(0));
  }

  /** The peer sends `bytes`; they have been read when it returns. */
  async function receive(...frames: readonly Buffer[]): Promise<void> {
    stream.push(Buffer.concat(frames));
    await setImmediate();
  }

  function told(): string[] {
    return events.told.map(([name]) => name);
  }

  describe('writing', () => {
    it('makes one system call of everything that is sent in a turn', async () => {
      session.sendText('one');
      session.sendBinary(new Uint8Array(20_000));
      session.sendText('three');
      expect(stream.calls).to.deep.equal([]);
      await setImmediate();

      expect(stream.calls).to.have.lengthOf(1);
      expect(readFrames(stream.bytes).map(({ opcode }) => opcode)).to.deep.equal([
        Text,
        Binary,
        Text,
      ]);
    });

    it('answers incoming frames when their chunk is worked off, with one system call', async () => {
      const calls: number[] = [];
      events.during = (name) => {
        if (name === 'textMessage') session.sendText('answer');
        calls.push(stream.calls.length);
      };
      const nextTick = sinon.spy(process, 'nextTick');
      const key = 1;
      stream.emit('data', Buffer.concat([frame(Text, 'a', { key }), frame(Ping, 'b', { key })]));
      nextTick.restore();

      expect(calls.every((count) => count === 0)).to.equal(true);
      expect(stream.calls).to.have.lengthOf(1);
      expect(readFrames(stream.bytes).map(({ opcode }) => opcode)).to.deep.equal([Text, Pong]);
    });

    it('ignores everything once the stream is ended or destroyed', async () => {
      wire.end();
      wire.end();
      wire.write(Buffer.from('late'));
      await setImmediate();
      expect(stream.calls).to.deep.equal([]);
      expect(events.told).to.deep.equal([]);

      connect(new TestStream());
      stream.destroy();
      wire.write(Buffer.from('late'));
      wire.end();
      await setImmediate();
      expect(stream.calls).to.deep.equal([]);
    });

    it('ends behind what waits', async () => {
      stream.isSlow = true;
      const finished = sinon.spy();
      stream.on('finish', finished);
      session.close(1000, '');
      await receive(frame(Close, '', { key: 1 }));
      sinon.assert.notCalled(finished);

      stream.finishWrites();
      await setImmediate();
      sinon.assert.calledOnce(finished);
      expect(readFrames(stream.bytes)).to.have.lengthOf(1);
    });

    it('gives a stream of others copies, which it may keep', async () => {
      session.sendText('first');
      session.flush();
      const [[first]] = stream.calls as [[Buffer]];
      session.sendText('other');
      session.flush();
      await setImmediate();

      expect(readFrames(first).map(({ payload }) => String(payload))).to.deep.equal(['first']);
    });
  });

  describe('writing to sockets', () => {
    let server: net.Server;
    let clients: net.Socket[];
    let sessions: Session[];

    beforeEach(async () => {
      server = net.createServer();
      await listenOnLoopback(server);
      clients = [];
      sessions = [];
      const shared = new Slab();
      const peer = { address: '127.0.0.1', port: 1 };
      const owner = { bytesWritten: () => undefined, peerEndpoint: () => peer, meter };
      for (let i = 0; i < 2; i++) {
        const connection = once(server, 'connection') as Promise<[net.Socket]>;
        clients.push(net.connect((server.address() as net.AddressInfo).port, '127.0.0.1').pause());
        const [socket] = await connection;
        const own = new StreamWire(socket, owner);
        const { settings } = new SessionRig(false);
        const one = new Session(false, own, shared, settings, new RecordingEvents());
        own.attach(one);
        one.start(Buffer.alloc(0));
        sessions.push(one);
      }
    });

    afterEach(() => {
      for (const client of clients) client.destroy();
      for (const one of sessions) one.abort();
      server.close();
    });

    /** What `client` has received when it has received `count` frames. */
    async function received(client: net.Socket, count: number): Promise<string[]> {
      const chunks: Buffer[] = [];
      client.on('data', (chunk: Buffer) => void chunks.push(chunk));
      client.resume();
      while (client.bytesRead < count) await setImmediate();
      return readFrames(Buffer.concat(chunks)).map(({ payload }) => String(payload));
    }

    it('changes nothing of what a slow peer is still to get', async () => {
      const [slow, quick] = sessions as [Session, Session];
      const toSlow: string[] = [];
      const toQuick: string[] = [];
      const send = (to: Session, texts: string[], text: string): void => {
        texts.push(text);
        to.sendText(text);
      };
      // Until far more waits than a system takes, in frames of all kinds.
      for (let i = 0; slow.bytesToWrite() < 4 * 1024 * 1024; i++) {
        send(slow, toSlow, `small ${i}`);
        send(quick, toQuick, `small ${i}`);
        send(slow, toSlow, `${i} large `.repeat(20_000));
        send(slow, toSlow, `${i} medium `.repeat(1000));
        send(quick, toQuick, `other ${i}`);
        await setImmediate();
      }
      const size = (texts: string[]): number =>
        texts.reduce((sum, text) => sum + frame(Text, text).length, 0);

      const [first, second] = clients as [net.Socket, net.Socket];
      const [atSlow, atQuick] = await Promise.all([
        received(first, size(toSlow)),
        received(second, size(toQuick)),
      ]);
      expect(atSlow.length).to.equal(toSlow.length);
      expect(atSlow.every((text, i) => text === toSlow[i])).to.equal(true);
      expect(atQuick).to.deep.equal(toQuick);
    });
  });

  describe('bytesWritten', () => {
    it('sums up to everything that the system has taken', async () => {
      for (let i = 0; i < 20; i++) {
        session.sendText('x'.repeat(i));
        if (i % 3 === 0) session.sendBinary(new Uint8Array(10_000));
        if (i % 2 === 0) await setImmediate();
      }
      await setImmediate();

      expect(written.reduce((sum, count) => sum + count, 0)).to.equal(stream.bytes.length);
      expect(written.every((count) => count > 0)).to.equal(true);
    });

    it('is told when the system has taken them and not before', async () => {
      stream.isSlow = true;
      session.sendText('abc');
      await setImmediate();
      expect(written).to.deep.equal([]);
      expect(wire.backlog()).to.equal(5);
      expect(wire.sent()).to.equal(0);
      expect(session.bytesToWrite()).to.equal(5);

      stream.finishWrites();
      await setImmediate();
      expect(written).to.deep.equal([5]);
      expect(wire.backlog()).to.equal(0);
      expect(wire.sent()).to.equal(5);
      expect(session.bytesToWrite()).to.equal(0);
    });

    it('is not told of what was given up', async () => {
      stream.isSlow = true;
      session.sendText('abc');
      await setImmediate();
      session.abort();
      stream.finishWrites();
      await setImmediate();

      expect(written).to.deep.equal([]);
    });

    it('may lead to more', async () => {
      for (const act of ['sendText', 'close', 'abort'] as const) {
        connect(new TestStream({ allowHalfOpen: true }));
        let calls = 0;
        const own: StreamWire = new StreamWire(stream, {
          peerEndpoint: nobody,
          meter,
          bytesWritten: () => {
            if (++calls > 1) return;
            if (act === 'sendText') other.sendText('second');
            else if (act === 'close') other.close(1000, '');
            else other.abort();
          },
        });
        const other = new Session(false, own, slab, new SessionRig(false).settings, events);
        own.attach(other);
        other.sendText('first');
        await setImmediate();
        await setImmediate();

        expect(readFrames(stream.bytes).map(({ opcode }) => opcode)).to.deep.equal(
          act === 'sendText' ? [Text, Text] : act === 'close' ? [Text, Close] : [Text],
        );
      }
    });
  });

  describe('a ping that could not be answered', () => {
    it('is answered when the system has taken everything, whatever the high-water mark', async () => {
      for (const writableHighWaterMark of [1, 16 * 1024, 10 * 1024 * 1024]) {
        connect(new TestStream({ allowHalfOpen: true, writableHighWaterMark }));
        stream.isSlow = true;
        session.sendBinary(new Uint8Array(70_000));
        await setImmediate();
        await receive(frame(Ping, 'one', { key: 1 }), frame(Ping, 'two', { key: 1 }));
        stream.isSlow = false;
        stream.finishWrites();
        await setImmediate();

        expect(
          readFrames(stream.bytes)
            .slice(1)
            .map(({ opcode, payload }) => [opcode, String(payload)]),
          `high-water mark ${writableHighWaterMark}`,
        ).to.deep.equal([[Pong, 'two']]);
      }
    });
  });

  describe('reading', () => {
    it('tells what comes', async () => {
      await receive(frame(Text, 'a', { key: 1 }), frame(Binary, 'b', { key: 2 }).subarray(0, 3));
      await receive(frame(Binary, 'b', { key: 2 }).subarray(3));

      expect(told()).to.deep.equal(['textFrame', 'textMessage', 'binaryFrame', 'binaryMessage']);
    });

    it('waits for start()', async () => {
      connect(new TestStream());
      const own = new TestStream();
      const waiting = new StreamWire(own, { bytesWritten: () => {}, peerEndpoint: nobody, meter });
      const settings = new SessionRig(false).settings;
      const other = new Session(false, waiting, slab, settings, events);
      waiting.attach(other);
      // As an opener leaves it.
      own.pause();
      own.push(frame(Text, 'a', { key: 1 }));
      await setImmediate();
      expect(events.told).to.deep.equal([]);

      other.start(Buffer.alloc(0));
      await setImmediate();
      expect(told()).to.deep.equal(['textFrame', 'textMessage']);
    });

    it('tells of the end, and of the close behind it', async () => {
      await receive(frame(Text, 'a', { key: 1 }));
      stream.push(null);
      await setImmediate();

      expect(events.told.slice(2)).to.deep.equal([
        ['lost', SocketError.RemoteHostClosedError, 'The remote host closed the connection'],
        ['closed'],
      ]);
    });
  });

  describe('a message that takes time', () => {
    let coder: SlowCoder;

    beforeEach(async () => {
      coder = new SlowCoder();
      connect(new TestStream({ allowHalfOpen: true }), coder);
      await receive(frame(Text, '~a long message', { key: 1, reserved: 0x40 }));
      await receive(frame(Text, 'b', { key: 1 }), frame(Text, 'c', { key: 1 }));
    });

    function messages(): unknown[] {
      return events.told
        .filter(([name]) => name !== 'textFrame')
        .map(([name, text]) => text ?? name);
    }

    it('lets what comes behind it wait in the stream', async () => {
      expect(stream.readableLength).to.equal(14);

      coder.finishInflating();
      await setImmediate();
      expect(messages()).to.deep.equal(['a long message', 'b', 'c']);
    });

    it('costs nothing of what came before the stream was reset', async () => {
      stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
      await setImmediate();
      coder.finishInflating();
      await setImmediate();

      expect(messages()).to.deep.equal([
        'a long message',
        'b',
        'c',
        SocketError.RemoteHostClosedError,
        'closed',
      ]);
    });

    it('costs nothing either when it is done between the error and the close', async () => {
      stream.once('error', () => coder.finishInflating());
      stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
      await setImmediate();

      expect(messages().slice(0, 3)).to.deep.equal(['a long message', 'b', 'c']);
    });
  });

  describe('errors of the stream', () => {
    it('are told in the terms of Qt, once', async () => {
      const error = Object.assign(new Error('write ETIMEDOUT'), { code: 'ETIMEDOUT' });
      const uncaught = await uncaughtErrors(() => stream.destroy(error));

      expect(uncaught).to.deep.equal([]);
      expect(events.told).to.deep.equal([
        ['lost', SocketError.SocketTimeoutError, 'Connection timed out'],
        ['closed'],
      ]);
    });

    it('need no words', async () => {
      stream.destroy();
      await setImmediate();

      expect(events.told).to.deep.equal([
        ['lost', SocketError.RemoteHostClosedError, 'The remote host closed the connection'],
        ['closed'],
      ]);
    });

    it('of a write are told', async () => {
      stream.failure = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
      const uncaught = await uncaughtErrors(async () => {
        session.sendText('a');
        await setImmediate();
      });

      expect(uncaught).to.deep.equal([]);
      expect(told()).to.deep.equal(['lost', 'closed']);
      expect(written).to.deep.equal([]);
    });

    it('are nobody’s business after abort()', async () => {
      session.abort();
      expect(stream.destroyed).to.equal(true);
      const uncaught = await uncaughtErrors(() => stream.emit('error', new Error('late')));

      expect(uncaught).to.deep.equal([]);
      expect(events.told).to.deep.equal([]);
    });

    it('while it closes are not told', async () => {
      session.close(1000, '');
      stream.destroy(new Error('cut'));
      await setImmediate();

      expect(events.told).to.deep.equal([['closed']]);
    });
  });

  it('tells that a stream was destroyed before it came', async () => {
    const own = new TestStream();
    own.destroy();
    await setImmediate();
    const late = new StreamWire(own, { bytesWritten: () => {}, peerEndpoint: nobody, meter });
    const other = new Session(false, late, slab, new SessionRig(false).settings, events);
    late.attach(other);
    expect(events.told).to.deep.equal([]);
    await setImmediate();

    expect(told()).to.deep.equal(['lost', 'closed']);
  });

  it('costs a connection no functions of its own', () => {
    const other = new TestStream();
    const second = new StreamWire(other, { bytesWritten: () => {}, peerEndpoint: nobody, meter });
    second.attach(new Session(false, second, slab, new SessionRig(false).settings, events));

    for (const event of ['error', 'end', 'close'] as const) {
      expect(other.listeners(event).at(-1)).to.equal(stream.listeners(event).at(-1));
    }
  });
});
