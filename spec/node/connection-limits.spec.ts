import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { spy, type SinonSpy } from 'sinon';
import { Census } from '../../lib/node/census.ts';
import { ConnectionLimits } from '../../lib/node/connection-limits.ts';
import { PendingHandshakes, type Cuttable } from '../../lib/node/pending-handshakes.ts';

describe('ConnectionLimits', () => {
  let settings: {
    maxConnections: number;
    maxConnectionsPerAddress: number;
    maxPendingHandshakes: number;
  };
  let census: Census;
  let handshakes: PendingHandshakes<Cuttable>;
  let limits: ConnectionLimits;

  beforeEach(() => {
    settings = { maxConnections: -1, maxConnectionsPerAddress: -1, maxPendingHandshakes: -1 };
    census = new Census();
    handshakes = new PendingHandshakes();
    limits = new ConnectionLimits(settings, census, handshakes);
  });

  function connect(client: string): void {
    census.add(new PassThrough(), client);
  }

  function begin(client: string): SinonSpy {
    const cut: SinonSpy = spy(() => handshakes.delete(handshake));
    const handshake: Cuttable = { cut };
    handshakes.add(handshake, client);
    return cut;
  }

  it('have room for any number as long as nothing is set', () => {
    for (let i = 0; i < 10; i++) {
      connect('a');
      begin('a');
    }

    expect(limits.excess('a')).to.equal(undefined);
  });

  it('count connections, whoever they are of', () => {
    settings.maxConnections = 2;
    connect('a');
    expect(limits.excess('c')).to.equal(undefined);
    connect('');

    expect(limits.excess('c')).to.equal('tooManyConnections');
  });

  it('count the connections of a client', () => {
    settings.maxConnectionsPerAddress = 1;
    connect('a');

    expect([limits.excess('a'), limits.isCrowdedBy('a')]).to.deep.equal([
      'tooManyFromOneAddress',
      true,
    ]);
    expect([limits.excess('b'), limits.isCrowdedBy('b')]).to.deep.equal([undefined, false]);
  });

  it('count nobody who is not known as one client', () => {
    settings.maxConnectionsPerAddress = 1;
    connect('');

    expect(limits.excess('')).to.equal(undefined);
  });

  it('count handshakes', () => {
    settings.maxPendingHandshakes = 1;
    const cut = begin('a');

    expect([limits.excess('a'), limits.mayBegin('a')]).to.deep.equal(['tooManyHandshakes', false]);
    expect(cut.callCount).to.equal(0);
  });

  it('cut no handshake for one that is not let in for another reason', () => {
    Object.assign(settings, { maxConnections: 1, maxPendingHandshakes: 1 });
    connect('a');
    const cut = begin('a');

    expect(limits.excess('b')).to.equal('tooManyConnections');
    expect(cut.callCount).to.equal(0);
  });

  it('have one who takes all handshakes make room for another', () => {
    settings.maxPendingHandshakes = 1;
    const cut = begin('a');

    expect(limits.excess('b')).to.equal(undefined);
    expect(cut.args).to.deep.equal([['tooManyHandshakes']]);
  });
});
