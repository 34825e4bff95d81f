import { expect } from 'chai';
import { readHandshakeResponse } from '../../lib/codec/handshake-response.ts';
import { CLIENT_HEAD_LIMITS, HeadReader } from '../../lib/codec/http-head.ts';
import { Slab } from '../../lib/codec/slab.ts';
import { DeflateCoder } from '../../lib/node/deflate-coder.ts';
import { Session } from '../../lib/session/session.ts';
import { setImmediate } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { memoryInUse } from '../support/memory.ts';
import { SAMPLE_ACCEPT, SAMPLE_KEY } from '../support/raw-client.ts';
import { closePayload, SessionRig } from '../support/session-rig.ts';

const CONNECTIONS = 24;
const ROUNDS = 3;

// What Node reads at a time.
const CHUNK = 64 * 1024;

// For each connection: itself, and what is left over of a pool that small Buffers share.
const ALLOWED = 16 * 1024;

// As all connections of a process share one.
const slab = new Slab();

/** What lies at the end of a full chunk. */
type Ending = (rig: SessionRig) => Buffer;

// ws 8.22.2: a mask or a close reason was a view of the chunk, which lived as long as an idle
// connection, 64 KiB each.
const endings: Record<string, Ending> = {
  'the first byte of a frame': (rig) => rig.frame(2, 'a').subarray(0, 1),
  'a masking key': (rig) => rig.frame(2, Buffer.alloc(200)).subarray(0, 8),
  'half a payload': (rig) => rig.frame(1, 'a'.repeat(100)).subarray(0, 50),
  'half a payload that is no ASCII': (rig) => rig.frame(1, 'é'.repeat(50)).subarray(0, 50),
  'a fragment': (rig) => rig.frame(2, 'abc', { isFinal: false }),
  'half a character of a fragment': (rig) => rig.frame(1, Buffer.of(0xc3), { isFinal: false }),
  'a ping': (rig) => rig.frame(9, 'a ping with a payload'),
  'a pong': (rig) => rig.frame(10, 'a pong with a payload'),
  'a text': (rig) => rig.frame(1, 'a text of some length'),
  'a text that is no ASCII': (rig) => rig.frame(1, 'a text of sõme length'),
  'a binary message': (rig) => rig.frame(2, 'a message'),
  'a close reason': (rig) => rig.frame(8, closePayload(1000, 'a reason that is long enough')),
};

const sessions: Session[] = [];

describe('The memory of an idle connection', function () {
  this.timeout(10_000);

  afterEach(() => {
    // Those that close have a timer, which no other spec is to meet.
    for (const session of sessions.splice(0)) session.abort();
  });

  for (const isClient of [false, true]) {
    const side = isClient ? 'client' : 'server';
    for (const [what, make] of Object.entries(endings)) {
      it(`of a ${side} has no part in the chunk whose last bytes are ${what}`, () => {
        expectSmall(() => idle(new SessionRig(isClient), make));
      });
    }

    it(`of a ${side} has no part in the chunk whose last bytes are a ping that cannot be answered`, () => {
      expectSmall(() => {
        const rig = new SessionRig(isClient);
        rig.wire.isStuck = true;
        rig.wire.write(Buffer.alloc(70_000));
        rig.wire.forget();
        return idle(rig, endings['a ping']!);
      });
    });
  }

  it('of a client has no part in the head that brought its subprotocol', () => {
    const subprotocols = ['a-subprotocol-with-a-long-name'];
    const fields =
      'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n` +
      `Sec-WebSocket-Protocol: ${subprotocols[0]}\r\nX: ${'x'.repeat(CHUNK)}\r\n`;

    expectSmall(() => {
      const wire = Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`);
      const result = new HeadReader(CLIENT_HEAD_LIMITS).push(wire);
      if (result === undefined || 'failure' in result) throw new Error('It is no head.');
      const verdict = readHandshakeResponse(result.head, { key: SAMPLE_KEY, subprotocols });
      if ('failure' in verdict) throw new Error(verdict.failure);
      return verdict.subprotocol;
    });
  });
});

// CVE-2021-42340 (Tomcat), CVE-2021-3690 (Undertow): what belonged to a connection stayed when it had gone.
describe('The memory of a connection that is gone', function () {
  this.timeout(10_000);

  const SIZE = 1024 * 1024;
  const places: Record<string, (rig: SessionRig) => void> = {
    'inside of a frame': (rig) => {
      rig.session.receive(rig.frame(2, Buffer.alloc(SIZE)).subarray(0, SIZE / 2));
    },
    'inside of a message': (rig) => rig.receive(2, Buffer.alloc(SIZE / 2), { isFinal: false }),
    'with unsent messages': (rig) => {
      rig.wire.isStuck = true;
      rig.session.sendBinary(Buffer.alloc(SIZE));
    },
  };
  const ends: Record<string, (rig: SessionRig) => void> = {
    'was given up': ({ session }) => session.abort(),
    'was lost': ({ session }) => session.gone(),
    'has ended': ({ session }) => {
      session.ended();
      session.gone();
    },
  };
  for (const [where, begin] of Object.entries(places)) {
    for (const [how, end] of Object.entries(ends)) {
      it(`is free when it ${how} ${where}, whoever keeps the session`, () => {
        const rigs = Array.from({ length: 8 }, () => new SessionRig(false));
        for (const rig of rigs) rig.settings.maxIncomingFrameSize = 2 * SIZE;
        for (const rig of rigs) rig.settings.maxIncomingMessageSize = 2 * SIZE;
        const before = memoryInUse();

        for (const rig of rigs) {
          begin(rig);
          end(rig);
          rig.wire.forget();
        }

        expect(memoryInUse() - before).to.be.below(SIZE / 4);
        expect(rigs.every(({ session }) => session.isGone)).to.equal(true);
      });
    }
  }

  it('is free when it was given up while messages were compressed and inflated', async () => {
    const all = { serverNoContextTakeover: false, clientNoContextTakeover: false };
    const agreed = { ...all, serverMaxWindowBits: 15, clientMaxWindowBits: 15 };
    const told: unknown[] = [];
    const listener = {
      inflated: (m: unknown) => told.push(m),
      deflated: (p: unknown) => told.push(p),
    };
    const work = async (): Promise<DeflateCoder[]> => {
      const message = Buffer.alloc(SIZE);
      for (let i = 0; i < SIZE; i++) message[i] = (i * i) >>> 7;
      const compressed = deflateRawSync(message, { finishFlush: 2 }).subarray(0, -4);
      const coders = Array.from(
        { length: 8 },
        () => new DeflateCoder(false, agreed, { level: 1, threshold: 0, historySize: 0 }),
      );
      for (const coder of coders) {
        coder.inflate(Buffer.from(compressed), 2 * SIZE, listener);
        coder.deflate(Buffer.from(message), listener);
        coder.stop();
      }
      // One that nobody has given up comes behind all of them.
      const last = new DeflateCoder(false, agreed, { level: 1, threshold: 0, historySize: 0 });
      await new Promise<void>((resolve) => {
        last.deflate(message, { deflated: () => resolve() });
      });
      return coders;
    };
    await work();
    const before = memoryInUse();

    const coders = await work();

    // Two may still have been at work.
    for (let turn = 0; turn < 100 && memoryInUse() - before > SIZE / 2; turn++)
      await setImmediate();
    expect(memoryInUse() - before).to.be.below(SIZE / 2);
    expect(told).to.deep.equal([]);
    expect(coders).to.have.lengthOf(8);
  });
});

/** A session that has got a chunk of the largest size, and what a slot has kept of its end. */
function idle(rig: SessionRig, make: Ending): unknown {
  const { isClient, wire, settings, events } = rig;
  const kept: unknown[] = [];
  for (const name of ['pong', 'textMessage', 'closing'] as const) {
    events[name] = (...told: unknown[]) => void kept.push(told);
  }
  events.binaryMessage = (message) => {
    if (message.length < ALLOWED) kept.push(message);
  };
  events.binaryFrame = () => {};
  const session = new Session(isClient, wire, slab, settings, events);
  sessions.push(session);
  const end = make(rig);
  const header = isClient ? 4 : 8;
  const message = rig.frame(2, Buffer.alloc(CHUNK - header - end.length));
  session.receive(Buffer.concat([message, end]));
  session.flush();
  wire.forget();
  return [session, kept];
}

/** Fails when what many calls of `make` return takes more memory than is allowed. */
function expectSmall(make: () => unknown): void {
  let each = Infinity;
  // What is made for the first of them, such as compiled code, is not made again.
  for (let round = 0; round < ROUNDS && each > ALLOWED; round++) each = memoryOf(make);
  expect(each).to.be.at.most(ALLOWED);
}

/** What `make` returns takes so many bytes. */
function memoryOf(make: () => unknown): number {
  const kept: unknown[] = [];
  const before = memoryInUse();
  for (let i = 0; i < CONNECTIONS; i++) kept.push(make());
  return (memoryInUse() - before) / kept.length;
}
