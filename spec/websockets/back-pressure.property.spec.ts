import { expect } from 'chai';
import fc from 'fast-check';
import { BackPressure } from '../../lib/websockets/back-pressure.ts';
import { QueuePolicy } from '../../lib/websockets/queue-policy.ts';
import { KeptSocket } from '../support/kept-socket.ts';

interface Sending {
  readonly key: string | undefined;
  readonly length: number;
}

/** What happens: a message is sent, or the system takes so many bytes. */
type Step = Sending | number;

const key = fc.constantFrom('a', 'b', 'c', 'd');
const sending = (keys: fc.Arbitrary<string | undefined>): fc.Arbitrary<Sending> =>
  fc.record({ key: keys, length: fc.integer({ min: 4, max: 20 }) });
const steps = (keys: fc.Arbitrary<string | undefined>): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(sending(keys), fc.nat(60)), { maxLength: 80 });
const limits = fc.record({
  highWaterMark: fc.integer({ min: 20, max: 60 }),
  lowWaterMark: fc.nat(20),
  maxMessages: fc.nat(12),
  maxBytes: fc.nat(150),
});
const NO_LIMITS = { maxMessages: Infinity, maxBytes: Infinity };

/** A message, by its number and its key. */
interface Message {
  readonly index: number;
  readonly key: string | undefined;
}

/** Sends and takes as the steps say, checks `bounds` after each, and lets all that waits go out. */
class Run {
  readonly socket: KeptSocket = KeptSocket.connected();
  /** Those for which send() returned true. */
  readonly taken: Message[] = [];

  constructor(pressure: BackPressure, happenings: readonly Step[]) {
    const { backend } = this.socket;
    backend.isStalled = true;
    for (const [index, step] of happenings.entries()) {
      if (typeof step === 'number') {
        backend.take(Math.min(step, backend.waiting));
      } else {
        const message = `${index} ${step.key ?? ''}`.padEnd(step.length, '.');
        const isTaken = pressure.send(this.socket, message, { key: step.key });
        if (isTaken) this.taken.push({ index, key: step.key });
      }
      expect(pressure.waitingMessages(this.socket)).to.be.at.most(pressure.maxMessages());
      expect(pressure.waitingBytes(this.socket)).to.be.at.most(pressure.maxBytes());
      // The mark, and the message with which it was passed.
      expect(backend.waiting).to.be.at.most(pressure.highWaterMark() + 20);
    }
    while (backend.waiting > 0) backend.take();
    expect(pressure.isCongested(this.socket)).to.equal(false);
  }

  /** The messages that the socket was given, in their order. */
  delivered(): Message[] {
    return this.socket.backend.asked
      .filter(([name]) => name === 'sendText')
      .map(([, text]) => /^(\d+) ([a-d]?)/.exec(String(text))!)
      .map(([, index, letter]) => ({ index: Number(index), key: letter || undefined }));
  }
}

describe('BackPressure, for any row of messages and of what the peer reads', () => {
  it('delivers all in their order while the limits allow it', () => {
    fc.assert(
      fc.property(steps(fc.constant(undefined)), limits, (happenings, given) => {
        const pressure = new BackPressure({ ...given, ...NO_LIMITS });
        const run = new Run(pressure, happenings);

        expect(run.delivered()).to.deep.equal(run.taken);
        expect(pressure.droppedMessages()).to.equal(0);
      }),
    );
  });

  for (const name of ['DropNewest', 'DropOldest'] as const) {
    it(`delivers or counts each message in its order under ${name}, within the limits`, () => {
      fc.assert(
        fc.property(steps(fc.option(key, { nil: undefined })), limits, (happenings, given) => {
          const pressure = new BackPressure({ ...given, policy: QueuePolicy[name] });
          const run = new Run(pressure, happenings);
          const order = run.delivered().map(({ index }) => index);
          const sent = happenings.filter((step) => typeof step !== 'number').length;

          expect(order).to.deep.equal(order.toSorted((a, b) => a - b));
          expect(order.length + pressure.droppedMessages(run.socket)).to.equal(sent);
          if (name === 'DropNewest') expect(run.delivered()).to.deep.equal(run.taken);
        }),
      );
    });
  }

  it('delivers the latest value of each key last under LatestPerKey', () => {
    fc.assert(
      fc.property(steps(fc.option(key, { nil: undefined })), limits, (happenings, given) => {
        const policy = QueuePolicy.LatestPerKey;
        const pressure = new BackPressure({ ...given, ...NO_LIMITS, policy });
        const run = new Run(pressure, happenings);
        const delivered = run.delivered();

        for (const letter of ['a', 'b', 'c', 'd', undefined]) {
          const order = delivered.filter((message) => message.key === letter).map(indexOf);
          const sent = run.taken.filter((message) => message.key === letter).map(indexOf);
          expect(order).to.deep.equal(order.toSorted((a, b) => a - b));
          if (letter === undefined) expect(order).to.deep.equal(sent);
          else expect(order.at(-1)).to.equal(sent.at(-1));
        }
        expect(delivered.length + pressure.droppedMessages()).to.equal(run.taken.length);
      }),
    );
  });

  it('delivers no value ahead of a message without a key that was sent before it', () => {
    fc.assert(
      fc.property(steps(fc.option(key, { nil: undefined })), limits, (happenings, given) => {
        const policy = QueuePolicy.LatestPerKey;
        const pressure = new BackPressure({ ...given, ...NO_LIMITS, policy });
        const delivered = new Run(pressure, happenings).delivered();

        for (const [at, message] of delivered.entries()) {
          if (message.key !== undefined) continue;
          const ahead = delivered.slice(0, at).map(indexOf);
          expect(Math.max(-1, ...ahead)).to.be.below(message.index);
        }
      }),
    );
  });

  for (const name of ['Disconnect', 'LatestPerKey'] as const) {
    it(`delivers what it has taken under ${name}, or closes the connection`, () => {
      fc.assert(
        fc.property(steps(fc.option(key, { nil: undefined })), limits, (happenings, given) => {
          const pressure = new BackPressure({ ...given, policy: QueuePolicy[name] });
          const run = new Run(pressure, happenings);
          if (!run.socket.isValid()) {
            expect(run.socket.closeCode()).to.equal(1013);
            return;
          }
          const sent = happenings.filter((step) => typeof step !== 'number').length;
          expect(run.taken).to.have.lengthOf(sent);
          if (name === 'Disconnect') expect(run.delivered()).to.deep.equal(run.taken);
        }),
      );
    });
  }
});

function indexOf({ index }: Message): number {
  return index;
}
