import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { Reconnector } from '../../lib/node/reconnector.ts';
import { KeptSocket } from '../support/kept-socket.ts';

const URL = 'ws://server.example/';
const { ConnectedState, ConnectingState, UnconnectedState } = SocketState;

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constantFrom('succeed', 'lose', 'send', 'next') }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('refuse'), code: fc.constantFrom(0, 403, 503) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('end'),
      code: fc.constantFrom(1000, 1008, 1012, 1013),
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('resolve', 'reject') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constantFrom('open', 'close', 'abort', 'start', 'stop', 'wake', 'minute'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('again') }) },
);

/** Signals of the socket in which something may happen. */
const SIGNALS = ['connected', 'disconnected', 'errorOccurred', 'stateChanged'] as const;

/** Where else something may happen: signals of the Reconnector, its hooks, and the ends of these. */
const PLACES = ['reconnecting', 'reconnected', 'gaveUp', 'hook', 'isFatal', 'abort'] as const;

interface Step {
  readonly act: string;
  readonly code?: number;
}

/** A Reconnector, what it works with, and what must be true of it after each step. */
class World {
  readonly socket = new KeptSocket();
  readonly reconnector: Reconnector;
  readonly #clock: sinon.SinonFakeTimers;
  readonly #reactions: Map<string, Step>;
  readonly #kept: string[] = [];
  #asked: { resolve(value: string): void; reject(error: Error): void } | undefined;
  #wake = (): void => {};
  #isInStep = false;

  constructor(clock: sinon.SinonFakeTimers, hasHooks: boolean, reactions: [string, Step][]) {
    this.#clock = clock;
    this.#reactions = new Map(reactions);
    const ask = (signal: AbortSignal): Promise<string> =>
      new Promise((resolve, reject) => {
        const asked = { resolve, reject };
        this.#asked = asked;
        signal.addEventListener('abort', () => {
          if (this.#asked === asked) this.#asked = undefined;
          this.#react('abort');
        });
        this.#react('hook');
      });
    this.reconnector = new Reconnector(this.socket, {
      ...(hasHooks ? { destination: ask, resubscribe: (_, signal) => ask(signal) } : {}),
      maxUnsentMessages: 5,
      isFatal: (failure) => {
        this.#react('isFatal');
        return failure.isFatal;
      },
      wakeSource: {
        on: (event: string, listener: () => void) => {
          if (event === 'resume') this.#wake = listener;
        },
        off: () => (this.#wake = (): void => {}),
      },
    });
    const { reconnector, socket } = this;
    reconnector.reconnecting.connect(() => this.#react('reconnecting'));
    reconnector.reconnected.connect(() => this.#react('reconnected'));
    reconnector.gaveUp.connect(() => this.#react('gaveUp'));
    for (const signal of SIGNALS) socket[signal].connect(() => this.#react(signal));
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#do(step);
      await this.#clock.tickAsync(0);
      this.#check();
    }
    this.reconnector[Symbol.dispose]();
    this.socket.abort();
    expect(this.#clock.countTimers(), timersOf(this.#clock)).to.equal(0);
  }

  #react(signal: string): void {
    const reaction = this.#reactions.get(signal);
    // One for each step: some go round for ever, as they would without us.
    if (reaction === undefined || this.#isInStep) return;
    this.#isInStep = true;
    this.#do(reaction);
    this.#isInStep = false;
  }

  #do({ act: what, code = 0 }: Step): void {
    const { reconnector, socket } = this;
    const { backend } = socket;
    const state = socket.state();
    const events = backend.connection();
    if (what === 'open') socket.open(URL);
    if (what === 'close') socket.close();
    if (what === 'abort') socket.abort();
    if (what === 'start') reconnector.start();
    if (what === 'stop') reconnector.stop();
    if (what === 'again') {
      socket.abort();
      socket.open(URL);
    }
    if (what === 'wake') this.#wake();
    if (what === 'minute') this.#clock.tick(60_000);
    if (what === 'next') this.#clock.next();
    if (what === 'resolve') this.#asked?.resolve(URL);
    if (what === 'reject') this.#asked?.reject(new Error('No.'));
    if (what === 'succeed' && state === ConnectingState) events.opened('');
    if (what === 'send' && reconnector.isActive()) {
      const message = String(this.#kept.length + 1);
      if (reconnector.sendTextMessage(message) > 0) this.#kept.push(message);
    }
    if (what === 'refuse' && state === ConnectingState) {
      const refusal = code === 0 ? undefined : { status: code, retryAfter: -1 };
      events.handshakeFailed(SocketError.ConnectionRefusedError, 'No.', refusal);
    }
    if (what === 'lose' && state === ConnectedState) {
      events.lost(SocketError.RemoteHostClosedError, 'Gone.');
      events.closed();
    }
    if (what === 'end' && (state === ConnectedState || state === SocketState.ClosingState)) {
      if (state === ConnectedState) events.closing(code, '');
      events.closed();
    }
  }

  #check(): void {
    const { reconnector, socket } = this;
    const isUnconnected = socket.state() === UnconnectedState;
    const isWaiting = reconnector.remainingTime() >= 0;
    const isAsking = this.#asked !== undefined;
    // It is never stuck, and never does two things at once.
    if (reconnector.isActive()) expect(!isUnconnected || isWaiting || isAsking).to.equal(true);
    else expect(isWaiting).to.equal(false);
    if (isWaiting) expect(isUnconnected).to.equal(true);

    // Each message was sent once, in its order, or still waits.
    const sent = socket.backend.asked
      .filter(([name]) => String(name).startsWith('send'))
      .map(([, text]) => text as string);
    expect(sent).to.deep.equal(this.#kept.slice(0, sent.length));
    expect(reconnector.unsentMessages()).to.equal(this.#kept.length - sent.length);
  }
}

/** What the timers that are left would call: it says whose they are. */
function timersOf(clock: sinon.SinonFakeTimers): string {
  const { timers } = clock as unknown as { timers?: Map<unknown, { readonly func?: unknown }> };
  return [...(timers?.values() ?? [])].map(({ func }) => String(func)).join('\n');
}

describe('ReconnectorBase, whatever happens', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  });

  afterEach(() => clock.restore());

  const place = fc.constantFrom(...SIGNALS, ...PLACES);
  const reactions = fc.array(fc.tuple(place, act), { maxLength: 2 });

  it('is never stuck, tries one thing at a time, and loses no message', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        reactions,
        fc.array(act, { minLength: 5, maxLength: 60 }),
        async (hasHooks, reacts, steps) => {
          // A run that has failed leaves timers behind, with which all that are smaller would fail, too.
          clock.reset();
          const world = new World(clock, hasHooks, reacts);
          await world.run([{ act: hasHooks ? 'start' : 'open' }, ...steps]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
