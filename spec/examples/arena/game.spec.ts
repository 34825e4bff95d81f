import { expect } from 'chai';
import type { QWebSocketPreparedMessage } from 'qwebsockets';
import { assert, stub, useFakeTimers, type SinonFakeTimers } from 'sinon';
import { Game, MAX_BACKLOG, type PlayerSocket } from '../../../examples/arena/game.ts';
import { readServerMessage } from '../../../examples/arena/protocol.ts';
import { INTERVAL, MAX_PLAYERS, World } from '../../../examples/arena/world.ts';

/** A socket that writes nothing down but what it was asked for. */
function fakeSocket() {
  return {
    sendBinaryMessage: stub<[Uint8Array], number>().returns(1),
    sendPreparedMessage: stub<[QWebSocketPreparedMessage], number>().returns(1),
    bytesToWrite: stub<[], number>().returns(0),
    ping: stub<[], void>(),
    abort: stub<[], void>(),
  } satisfies PlayerSocket;
}

describe('Game', () => {
  let clock: SinonFakeTimers;
  let world: World;
  let game: Game;

  beforeEach(() => {
    clock = useFakeTimers();
    world = new World();
    game = new Game(world);
  });

  afterEach(() => {
    game.stop();
    clock.restore();
  });

  it('tells who joins which player it is', () => {
    const [one, two] = [fakeSocket(), fakeSocket()];

    game.join(one);
    game.join(two);

    const welcomes = [one, two].map(({ sendBinaryMessage }) =>
      readServerMessage(sendBinaryMessage.firstCall.args[0]),
    );
    expect(welcomes).to.deep.equal([
      { type: 'welcome', player: 1, width: 1600, height: 900, interval: 50 },
      { type: 'welcome', player: 2, width: 1600, height: 900, interval: 50 },
    ]);
  });

  it('sends everyone the same snapshot twenty times a second', () => {
    const [one, two] = [fakeSocket(), fakeSocket()];
    game.join(one);
    game.join(two);

    clock.tick(1000);

    expect(one.sendPreparedMessage.callCount).to.equal(20);
    expect(two.sendPreparedMessage.args).to.deep.equal(one.sendPreparedMessage.args);
    expect(world.snapshot().tick).to.equal(20);
  });

  it('runs on one timer', () => {
    for (let count = 0; count < 5; count += 1) game.join(fakeSocket());

    expect(clock.countTimers()).to.equal(1);
  });

  it('stands still while nobody plays', () => {
    const socket = fakeSocket();
    game.join(socket);

    game.leave(socket);

    expect(clock.countTimers()).to.equal(0);
    expect(world.snapshot().players).to.deep.equal([]);
  });

  it('goes on when someone comes again', () => {
    const [first, second] = [fakeSocket(), fakeSocket()];
    game.join(first);
    game.leave(first);

    game.join(second);
    clock.tick(INTERVAL);

    assert.calledOnce(second.sendPreparedMessage);
    assert.notCalled(first.sendPreparedMessage);
  });

  it('moves the player of the socket that steers', () => {
    const [one, two] = [fakeSocket(), fakeSocket()];
    game.join(one);
    game.join(two);
    const before = world.snapshot().players;

    game.steer(one, { x: 0, y: before[0]!.y > 450 ? -1 : 1 });
    clock.tick(5 * INTERVAL);

    const after = world.snapshot().players;
    expect(after[0]!.y).to.not.equal(before[0]!.y);
    expect(after[1]!.y).to.equal(before[1]!.y);
  });

  it('turns away who finds no place', () => {
    const sockets = Array.from({ length: MAX_PLAYERS + 1 }, fakeSocket);

    const joined = sockets.map((socket) => game.join(socket));

    expect(joined.indexOf(false)).to.equal(MAX_PLAYERS);
    expect(game.has(sockets[MAX_PLAYERS]!)).to.equal(false);
    assert.notCalled(sockets[MAX_PLAYERS]!.sendBinaryMessage);
  });

  it('leaves out snapshots for who does not read, and goes on when that is over', () => {
    const [slow, quick] = [fakeSocket(), fakeSocket()];
    game.join(slow);
    game.join(quick);

    slow.bytesToWrite.returns(MAX_BACKLOG + 1);
    clock.tick(10 * INTERVAL);
    assert.notCalled(slow.sendPreparedMessage);
    expect(quick.sendPreparedMessage.callCount).to.equal(10);

    slow.bytesToWrite.returns(MAX_BACKLOG);
    clock.tick(INTERVAL);
    assert.calledOnce(slow.sendPreparedMessage);
  });

  it('pings every five seconds', () => {
    const socket = fakeSocket();
    game.join(socket);

    clock.tick(4950);
    assert.notCalled(socket.ping);
    clock.tick(INTERVAL);

    assert.calledOnce(socket.ping);
  });

  it('gives up who gives no sign of life for fifteen seconds', () => {
    const [dead, alive] = [fakeSocket(), fakeSocket()];
    dead.abort.callsFake(() => game.leave(dead));
    game.join(dead);
    game.join(alive);

    clock.tick(15_000);
    game.hear(alive);
    assert.notCalled(dead.abort);
    clock.tick(INTERVAL);

    assert.calledOnce(dead.abort);
    assert.notCalled(alive.abort);
    expect(world.snapshot().players.map(({ id }) => id)).to.deep.equal([2]);
  });

  it('stops when the last one is given up', () => {
    const dead = fakeSocket();
    dead.abort.callsFake(() => game.leave(dead));
    game.join(dead);

    clock.tick(20_000);

    assert.calledOnce(dead.abort);
    expect(clock.countTimers()).to.equal(0);
  });

  it('allows sixty messages at once, and sixty a second', () => {
    const socket = fakeSocket();
    game.join(socket);

    const atOnce = Array.from({ length: 61 }, () => game.allow(socket));
    clock.tick(1000);
    const later = Array.from({ length: 61 }, () => game.allow(socket));

    expect(atOnce.indexOf(false)).to.equal(60);
    expect(later.indexOf(false)).to.equal(60);
  });

  it('knows nothing of sockets that have left', () => {
    const socket = fakeSocket();
    game.join(socket);
    game.leave(socket);

    game.leave(socket);
    game.hear(socket);
    game.steer(socket, { x: 1, y: 0 });

    expect(game.allow(socket)).to.equal(false);
    expect(game.has(socket)).to.equal(false);
  });
});
