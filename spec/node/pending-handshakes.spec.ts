import { expect } from 'chai';
import { restore, useFakeTimers, type SinonFakeTimers } from 'sinon';
import { PendingHandshakes, type Cuttable } from '../../lib/node/pending-handshakes.ts';

describe('PendingHandshakes', () => {
  let clock: SinonFakeTimers;
  let all: PendingHandshakes<Cuttable>;
  let cut: string[];

  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['performance'] });
    all = new PendingHandshakes();
    cut = [];
  });

  afterEach(() => {
    restore();
  });

  function begin(name: string): Cuttable {
    const handshake = {
      cut: () => {
        cut.push(name);
        all.delete(handshake);
      },
    };
    all.add(handshake);
    return handshake;
  }

  it('have room for any number without a limit', () => {
    begin('first');

    expect(all.haveRoom(-1)).to.equal(true);
  });

  it('have room for none with a limit of 0', () => {
    expect(all.haveRoom(0)).to.equal(false);
  });

  it('have room below their limit', () => {
    begin('first');

    expect(all.haveRoom(2)).to.equal(true);
    begin('second');
    expect(all.haveRoom(2)).to.equal(false);
  });

  it('have room again when one is over', () => {
    all.delete(begin('first'));

    expect(all.haveRoom(1)).to.equal(true);
  });

  it('leave each its first second, and cut the oldest after it', () => {
    begin('first');
    clock.tick(999);
    begin('second');
    expect(all.haveRoom(2)).to.equal(false);

    clock.tick(1);

    expect(all.haveRoom(2)).to.equal(true);
    expect(cut).to.deep.equal(['first']);
  });

  it('cut one for each that comes, also when there are more than the limit', () => {
    for (const name of ['first', 'second', 'third']) begin(name);
    clock.tick(1000);

    expect(all.haveRoom(1)).to.equal(false);

    expect(cut).to.deep.equal(['first']);
  });

  it('are all cut at once', () => {
    for (const name of ['first', 'second']) begin(name);

    all.cutAll();

    expect(cut).to.deep.equal(['first', 'second']);
  });
});
