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

  /** @param name of the client, and a number behind a slash where that has more than one. */
  function begin(name: string): Cuttable {
    const handshake = {
      cut: () => {
        cut.push(name);
        all.delete(handshake);
      },
    };
    all.add(handshake, name.split('/')[0]!);
    return handshake;
  }

  it('have room for any number without a limit', () => {
    begin('first');

    expect(all.haveRoom(-1, 'new')).to.equal(true);
  });

  it('have room for none with a limit of 0', () => {
    expect(all.haveRoom(0, 'new')).to.equal(false);
  });

  it('have room below their limit', () => {
    begin('first');

    expect(all.haveRoom(2, 'new')).to.equal(true);
    begin('second');
    expect(all.haveRoom(2, 'new')).to.equal(false);
  });

  it('have room again when one is over', () => {
    all.delete(begin('first'));

    expect(all.haveRoom(1, 'new')).to.equal(true);
  });

  it('leave each its first second, and cut the oldest after it', () => {
    begin('first');
    clock.tick(999);
    begin('second');
    expect(all.haveRoom(2, 'new')).to.equal(false);

    clock.tick(1);

    expect(all.haveRoom(2, 'new')).to.equal(true);
    expect(cut).to.deep.equal(['first']);
  });

  it('cut one for each that comes, also when there are more than the limit', () => {
    for (const name of ['first', 'second', 'third']) begin(name);
    clock.tick(1000);

    expect(all.haveRoom(1, 'new')).to.equal(false);

    expect(cut).to.deep.equal(['first']);
  });

  describe('most of them of one client', () => {
    beforeEach(() => {
      for (const name of ['honest', 'greedy/1', 'greedy/2']) begin(name);
    });

    it('keep nobody else out', () => {
      expect(all.haveRoom(3, 'new')).to.equal(true);
      expect(cut).to.deep.equal(['greedy/1']);
    });

    it('keep that one out for the first second', () => {
      expect(all.haveRoom(3, 'greedy')).to.equal(false);
      expect(cut).to.deep.equal([]);
    });

    it('give no place of others to that one', () => {
      clock.tick(1000);

      expect(all.haveRoom(3, 'greedy')).to.equal(true);
      expect(cut).to.deep.equal(['greedy/1']);
    });

    it('are as all others once they are half of all', () => {
      begin('new');

      expect(all.haveRoom(4, 'newer')).to.equal(false);
      clock.tick(1000);
      all.haveRoom(4, 'greedy');
      expect(cut).to.deep.equal(['honest']);
    });
  });

  it('are not of one client where that is not known', () => {
    for (const name of ['/1', '/2']) begin(name);

    expect(all.haveRoom(2, 'new')).to.equal(false);
    expect(cut).to.deep.equal([]);
  });

  it('are of the client that turns out to be whose they are, and keep their place', () => {
    const [first, second] = [begin('/1'), begin('/2')];
    begin('/3');
    all.move(second, 'greedy');
    all.move(first, 'greedy');
    all.move(first, 'greedy');

    expect(all.haveRoom(3, 'new')).to.equal(true);
    expect(cut).to.deep.equal(['/1']);

    all.move(second, '');
    expect(all.haveRoom(2, 'new')).to.equal(false);
  });

  it('do not come back when it turns out whose they were', () => {
    const gone = begin('/1');
    all.delete(gone);
    all.move(gone, 'late');

    expect(all.haveRoom(1, 'new')).to.equal(true);
  });

  it('are all cut at once', () => {
    for (const name of ['first', 'second']) begin(name);

    all.cutAll();

    expect(cut).to.deep.equal(['first', 'second']);
  });
});
