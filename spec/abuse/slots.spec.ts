import { expect } from 'chai';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { advance, TIMERS } from '../../lib/testing/advance.ts';
import { settled } from '../../lib/testing/settled.ts';
import type { ServerStatistics } from '../../lib/websockets/server-statistics.ts';
import { Random } from '../fuzz/engine/random.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { SlotError, SlotWorld } from './support/slot-world.ts';

const CALLS = 150;

/** Closing has a minute, while something moves. */
const LONGEST_TIMEOUT = 61_000;

const SEEDS = Array.from({ length: 25 }, (_, seed) => seed);

describe('Slots that call anything, on anything, at any time, or throw', function () {
  this.timeout(60_000);
  let clock: SinonFakeTimers;

  beforeEach(() => {
    clock = useFakeTimers({ toFake: [...TIMERS] });
  });

  afterEach(() => {
    clock.restore();
  });

  for (const seed of SEEDS) {
    it(`have nothing else throw, get stuck or be counted wrong (seed ${seed})`, async () => {
      const random = new Random(seed);
      const world = new SlotWorld(random);
      const errors = await uncaughtErrors(async () => {
        await settled();
        for (let i = 0; i < CALLS; i++) {
          attempt(() => world.act());
          if (random.oneIn(3)) await settled();
          if (random.oneIn(6)) await advance(clock, 60, 20);
        }
        world.calm();
        await advance(clock, LONGEST_TIMEOUT, 1000);
      });
      const states = new Set(world.states());
      for (const settledState of [SocketState.ConnectedState, SocketState.UnconnectedState]) {
        states.delete(settledState);
      }

      expect(errors.filter((error) => !(error instanceof SlotError))).to.deep.equal([]);
      expect([...states]).to.deep.equal([]);
      for (const server of world.servers) addUp(server.statistics());
      world.end();
      await advance(clock, LONGEST_TIMEOUT, 1000);
      expect(clock.countTimers()).to.equal(0);
    });
  }
});

function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof SlotError)) throw error;
  }
}

function addUp(statistics: ServerStatistics): void {
  const { accepted, opened, open, handshaking, refused } = statistics;
  const { closedByPeer, closedByServer, lost } = statistics;
  const closed = [closedByPeer, closedByServer, lost].map(sum).reduce((a, b) => a + b);

  expect(opened).to.equal(open + closed);
  expect(accepted).to.equal(opened + handshaking + sum(refused));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
