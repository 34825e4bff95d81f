import { expect } from 'chai';
import { Motion } from '../../../examples/arena/motion.ts';
import type { Snapshot } from '../../../examples/arena/protocol.ts';

const INTERVAL = 50;

/** The snapshot of a tick at which each player, by its id, is so far to the right. */
function snapshot(tick: number, places: Readonly<Record<number, number>>): Snapshot {
  const players = Object.entries(places).map(([id, x]) => ({ id: Number(id), x, y: 0, score: 0 }));
  return { type: 'snapshot', tick, players, gems: [] };
}

describe('Motion', () => {
  let motion: Motion;

  beforeEach(() => {
    motion = new Motion(INTERVAL);
  });

  /** Takes snapshots of a player 1 that goes 10 to the right in each tick, as they come on time. */
  function go(from: number, to: number): void {
    for (let tick = from; tick <= to; tick += 1) {
      motion.push(snapshot(tick, { 1: 10 * tick }), 1000 + tick * INTERVAL);
    }
  }

  function placeAt(now: number): number | undefined {
    return motion.playersAt(now)[0]?.x;
  }

  it('shows nobody before the first snapshot', () => {
    expect(motion.playersAt(0)).to.deep.equal([]);
    expect(motion.latest).to.equal(undefined);
  });

  it('shows players two ticks late', () => {
    go(0, 10);

    expect(placeAt(1000 + 10 * INTERVAL)).to.equal(80);
  });

  it('shows them between two snapshots on their way', () => {
    go(0, 10);

    expect(placeAt(1000 + 9.5 * INTERVAL)).to.be.closeTo(75, 1e-6);
    expect(placeAt(1000 + 9.9 * INTERVAL)).to.be.closeTo(79, 1e-6);
  });

  it('bridges a snapshot that was left out', () => {
    motion.push(snapshot(0, { 1: 0 }), 1000);
    motion.push(snapshot(4, { 1: 40 }), 1200);

    expect(placeAt(1000 + 3 * INTERVAL)).to.be.closeTo(10, 1e-6);
  });

  it('waits at the last place that is known', () => {
    go(0, 10);

    expect(placeAt(1000 + 100 * INTERVAL)).to.equal(100);
  });

  it('hardly notices when one comes late', () => {
    go(0, 9);
    motion.push(snapshot(10, { 1: 100 }), 1000 + 10 * INTERVAL + 30);

    expect(placeAt(1000 + 10.6 * INTERVAL)).to.be.within(84, 86);
  });

  it('shows who joins from the snapshot on that knows them first', () => {
    motion.push(snapshot(0, { 1: 0 }), 1000);
    motion.push(snapshot(1, { 1: 0, 2: 7 }), 1050);
    motion.push(snapshot(2, { 1: 0, 2: 9 }), 1100);

    const ids = (now: number) => motion.playersAt(now).map(({ id }) => id);
    expect(ids(1125)).to.deep.equal([1]);
    expect(ids(1150)).to.deep.equal([1, 2]);
  });

  it('drops who has left', () => {
    motion.push(snapshot(0, { 1: 0, 2: 7 }), 1000);
    motion.push(snapshot(1, { 1: 0 }), 1050);

    expect(motion.playersAt(1125).map(({ id }) => id)).to.deep.equal([1]);
  });

  it('is not led astray by snapshots that come twice or too late', () => {
    go(0, 10);

    motion.push(snapshot(10, { 1: 555 }), 5000);
    motion.push(snapshot(3, { 1: 555 }), 5000);

    expect(placeAt(1000 + 10 * INTERVAL)).to.equal(80);
  });

  it('keeps two seconds and no more', () => {
    go(0, 1000);

    // What lies before them is shown as they begin.
    expect(placeAt(0)).to.equal(9610);
  });
});
