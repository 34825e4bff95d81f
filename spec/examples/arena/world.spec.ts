import { expect } from 'chai';
import type { Player } from '../../../examples/arena/protocol.ts';
import { HEIGHT, MAX_PLAYERS, WIDTH, World } from '../../../examples/arena/world.ts';
import { randomNumbers } from '../../../examples/support/random-numbers.ts';

describe('World', () => {
  /** Everyone starts in the middle of the arena, where all the gems are. */
  const middle = (): number => 0.5;

  function player(world: World, id: number): Player {
    const found = world.snapshot().players.find((each) => each.id === id);
    if (found === undefined) throw new Error(`There is no player ${id}.`);
    return found;
  }

  function steps(world: World, count: number): void {
    for (let step = 0; step < count; step += 1) world.step();
  }

  it('begins with gems and without players', () => {
    const { tick, players, gems } = new World().snapshot();

    expect(tick).to.equal(0);
    expect(players).to.deep.equal([]);
    expect(gems).to.have.lengthOf(9);
  });

  it('counts its steps', () => {
    const world = new World();

    steps(world, 3);

    expect(world.snapshot().tick).to.equal(3);
  });

  it('leaves a player who does not steer where it is', () => {
    const world = new World(middle);
    const id = world.add()!;

    steps(world, 10);

    expect(player(world, id)).to.include({ x: WIDTH / 2, y: HEIGHT / 2 });
  });

  it('has players go where they steer, and get there gradually', () => {
    const world = new World(middle);
    const id = world.add()!;
    world.steer(id, { x: 1, y: 0 });

    world.step();
    const first = player(world, id).x - WIDTH / 2;
    steps(world, 9);
    const before = player(world, id).x;
    world.step();

    const full = player(world, id).x - before;
    expect(first).to.be.greaterThan(0).and.lessThan(full);
    expect(player(world, id).y).to.equal(HEIGHT / 2);
  });

  it('makes nobody faster who goes diagonally', () => {
    const world = new World(middle);
    const [straight, diagonal] = [world.add()!, world.add()!];
    world.steer(straight, { x: 1, y: 0 });
    world.steer(diagonal, { x: 1, y: 1 });

    steps(world, 10);

    const { x, y } = player(world, diagonal);
    const way = Math.hypot(x - WIDTH / 2, y - HEIGHT / 2);
    expect(way).to.be.closeTo(player(world, straight).x - WIDTH / 2, 1e-9);
  });

  it('keeps everyone inside', () => {
    const world = new World(middle);
    const id = world.add()!;
    world.steer(id, { x: -1, y: -1 });

    steps(world, 200);

    expect(player(world, id)).to.include({ x: 24, y: 24 });
  });

  it('gives a gem to who touches it, and puts it elsewhere', () => {
    const gems = [0.5, 0.5, ...Array<number>(16).fill(0)];
    const places = [...gems, 0.45, 0.5, 0.9, 0.9];
    const world = new World(() => places.shift()!);
    const before = world.snapshot().gems;
    const id = world.add()!;
    expect(before[0]).to.deep.equal({ x: WIDTH / 2, y: HEIGHT / 2 });
    world.steer(id, { x: 1, y: 0 });

    steps(world, 20);

    expect(player(world, id).score).to.equal(1);
    const [moved, ...others] = world.snapshot().gems;
    expect(moved).to.deep.equal({ x: 10 + 0.9 * (WIDTH - 20), y: 10 + 0.9 * (HEIGHT - 20) });
    expect(others).to.deep.equal(before.slice(1));
  });

  it('has room for so many players and no more', () => {
    const world = new World();
    const ids = Array.from({ length: MAX_PLAYERS }, () => world.add());

    expect(new Set(ids)).to.have.property('size', MAX_PLAYERS);
    expect(world.add()).to.equal(undefined);

    world.remove(ids[0]!);
    expect(world.add()).to.be.a('number');
  });

  it('gives the id of who has left to none of the next', () => {
    const world = new World();
    const seen = new Set<number | undefined>();

    for (let count = 0; count < 255; count += 1) {
      const id = world.add()!;
      seen.add(id);
      world.remove(id);
    }

    expect(seen).to.have.property('size', 255);
    expect(world.add()).to.equal(1);
  });

  it('stays within what the protocol can say, however it is played', () => {
    const random = randomNumbers(4);
    const world = new World(random);
    const ids = Array.from({ length: 8 }, () => world.add()!);

    for (let step = 0; step < 500; step += 1) {
      for (const id of ids) world.steer(id, { x: random() * 2 - 1, y: random() * 2 - 1 });
      world.step();
    }

    for (const { x, y } of [...world.snapshot().players, ...world.snapshot().gems]) {
      expect(x).to.be.within(0, WIDTH);
      expect(y).to.be.within(0, HEIGHT);
    }
  });

  it('does not mind players that are not there', () => {
    const world = new World();

    world.steer(9, { x: 1, y: 1 });
    world.remove(9);
    world.step();

    expect(world.snapshot().players).to.deep.equal([]);
  });
});
