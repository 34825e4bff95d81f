import { expect } from 'chai';
import { QObject } from '../../lib/core/qobject.ts';
import { replaceKeeper, type KeeperParts } from '../../lib/qml/keeper.ts';
import { KeepAlive } from '../../lib/websockets/keep-alive.ts';
import { KeptSocket } from '../support/kept-socket.ts';

describe('replaceKeeper()', () => {
  const parts: KeeperParts = { createKeepAlive: (options) => new KeepAlive(options, family) };
  let family: QObject;
  let socket: KeptSocket;

  beforeEach(() => {
    family = new QObject();
    socket = new KeptSocket();
  });

  afterEach(() => {
    family[Symbol.dispose]();
    socket[Symbol.dispose]();
  });

  it('keeps what there is alive, and not what there is not', () => {
    const keeper = replaceKeeper(undefined, { interval: 1000 }, parts, socket)!;

    expect([keeper.interval(), keeper.has(socket)]).to.deep.equal([1000, true]);
    expect(replaceKeeper(undefined, {}, parts, undefined)!.has(socket)).to.equal(false);
  });

  it('ends what was done before, also for nothing', () => {
    const first = replaceKeeper(undefined, {}, parts, socket)!;
    const second = replaceKeeper(first, {}, parts, socket)!;

    expect([first.has(socket), second.has(socket)]).to.deep.equal([false, true]);
    expect(replaceKeeper(second, null, parts, socket)).to.equal(undefined);
    expect(second.has(socket)).to.equal(false);
  });

  it('leaves everything as it is when the options are none', () => {
    const keeper = replaceKeeper(undefined, {}, parts, socket)!;

    expect(() => replaceKeeper(keeper, { timeout: 0 }, parts, socket)).to.throw(RangeError);
    expect(keeper.has(socket)).to.equal(true);
  });

  it('is nothing where there is no ping', () => {
    expect(replaceKeeper(undefined, { timeout: 0 }, {}, socket)).to.equal(undefined);
  });
});
