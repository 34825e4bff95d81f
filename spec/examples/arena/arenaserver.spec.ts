import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import { ArenaServer } from '../../../examples/arena/arenaserver.ts';
import type { Timers } from '../../../examples/arena/game.ts';
import {
  readServerMessage,
  writeSteer,
  type Snapshot,
  type Welcome,
} from '../../../examples/arena/protocol.ts';
import { MAX_PLAYERS, World } from '../../../examples/arena/world.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { Peer } from '../support/peer.ts';

describe('ArenaServer', function () {
  this.timeout(60_000);

  let http: Server;
  let server: ArenaServer;
  let world: World;
  let url: string;
  let tick: () => void;

  beforeEach(async () => {
    const timers = {
      setInterval: (step: () => void) => (tick = step),
      clearInterval: () => {},
    } as unknown as Timers;
    world = new World();
    server = new ArenaServer(world, timers);
    http = createServer();
    url = `ws://127.0.0.1:${await listenOnLoopback(http)}/play`;
    server.start(http);
  });

  afterEach(async () => {
    Peer.killAll();
    http.close();
    await server.shutDown();
  });

  async function nextMessage(peer: Peer): Promise<Welcome | Snapshot | undefined> {
    return readServerMessage((await peer.next()) as Uint8Array);
  }

  /** Connects a player and reads its welcome. */
  async function join(): Promise<{ peer: Peer; player: number }> {
    const peer = await Peer.connect(url);
    const welcome = await nextMessage(peer);
    if (welcome?.type !== 'welcome') throw new Error('There was no welcome.');
    return { peer, player: welcome.player };
  }

  async function playersLeft(count: number): Promise<void> {
    while (world.snapshot().players.length !== count) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('shows each player what the others do', async () => {
    const [one, two] = [await join(), await join()];
    one.peer.send(writeSteer({ x: 1, y: 1 }));
    // Its answer to a ping says that the server has read what came before it.
    await one.peer.pinged();

    const seen: (Welcome | Snapshot | undefined)[] = [];
    for (let count = 0; count < 3; count += 1) {
      tick();
      seen.push(await nextMessage(two.peer));
    }

    const ways = seen.map((message) => {
      if (message?.type !== 'snapshot') throw new Error('There was no snapshot.');
      return message.players.find(({ id }) => id === one.player)!;
    });
    const isMoving = ways[2]!.x > ways[0]!.x || ways[2]!.y > ways[0]!.y;
    expect(isMoving).to.equal(true);
    expect(one.player).to.not.equal(two.player);
  });

  it('takes the player of a connection away when that ends', async () => {
    const [one, two] = [await join(), await join()];

    one.peer.socket.close();
    await playersLeft(1);

    tick();
    const snapshot = (await nextMessage(two.peer)) as Snapshot;
    expect(snapshot.players.map(({ id }) => id)).to.deep.equal([two.player]);
  });

  const refusals: Record<string, [message: string | Uint8Array, code: number, reason: string]> = {
    'a text': ['up', 1003, 'Messages must be binary.'],
    'an empty message': [new Uint8Array(), 1007, 'That is no message of the arena.'],
    'an unknown type': [Uint8Array.of(9, 0, 0), 1007, 'That is no message of the arena.'],
    'steering without a direction': [Uint8Array.of(1), 1007, 'That is no message of the arena.'],
    'an impossible direction': [Uint8Array.of(1, 128, 0), 1007, 'That is no message of the arena.'],
  };
  for (const [what, [message, code, reason]] of Object.entries(refusals)) {
    it(`closes with ${code} on ${what}, and only that connection`, async () => {
      const [good, bad] = [await join(), await join()];

      bad.peer.send(message);

      expect(await bad.peer.closed).to.deep.equal([code, reason]);
      tick();
      const snapshot = (await nextMessage(good.peer)) as Snapshot;
      expect(snapshot.players.map(({ id }) => id)).to.deep.equal([good.player]);
    });
  }

  it('closes with 1009 on a message that is longer than any of the game', async () => {
    const { peer } = await join();

    peer.send(new Uint8Array(4));

    expect((await peer.closed)[0]).to.equal(1009);
    await playersLeft(0);
  });

  it('closes with 1008 on a flood of messages', async () => {
    const { peer } = await join();

    for (let count = 0; count < 100; count += 1) peer.send(writeSteer({ x: 0, y: 0 }));

    expect(await peer.closed).to.deep.equal([1008, 'Too many messages.']);
    await playersLeft(0);
  });

  it('closes with 1013 when it is full', async () => {
    for (let count = 0; count < MAX_PLAYERS; count += 1) await join();

    const peer = await Peer.connect(url);

    expect(await peer.closed).to.deep.equal([1013, 'The arena is full.']);
  });

  it('says goodbye with 1001', async () => {
    const [one, two] = [await join(), await join()];

    await server.shutDown();

    for (const { peer } of [one, two]) {
      expect(await peer.closed).to.deep.equal([1001, 'Server is shutting down.']);
    }
  });
});
