import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { spy, type SinonSpy } from 'sinon';
import { Census } from '../../lib/node/census.ts';
import { Capacity } from '../../lib/node/capacity.ts';
import { PendingHandshakes, type Cuttable } from '../../lib/node/pending-handshakes.ts';

describe('Capacity', () => {
  let settings: {
    maxConnections: number;
    maxConnectionsPerAddress: number;
    maxPendingHandshakes: number;
  };
  let census: Census;
  let handshakes: PendingHandshakes<Cuttable>;
  let capacity: Capacity;

  beforeEach(() => {
    settings = { maxConnections: -1, maxConnectionsPerAddress: -1, maxPendingHandshakes: -1 };
    census = new Census();
    handshakes = new PendingHandshakes();
    capacity = new Capacity(settings, census, handshakes);
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

  it('has room for any number as long as nothing is set', () => {
    for (let i = 0; i < 10; i++) {
      connect('a');
      begin('a');
    }

    expect(capacity.excess('a')).to.equal(undefined);
  });

  it('counts connections, whoever they are of', () => {
    settings.maxConnections = 2;
    connect('a');
    expect(capacity.excess('c')).to.equal(undefined);
    connect('');

    expect(capacity.excess('c')).to.equal('tooManyConnections');
  });

  it('counts the connections of a client', () => {
    settings.maxConnectionsPerAddress = 1;
    connect('a');

    expect([capacity.excess('a'), capacity.isCrowdedBy('a')]).to.deep.equal([
      'tooManyFromOneAddress',
      true,
    ]);
    expect([capacity.excess('b'), capacity.isCrowdedBy('b')]).to.deep.equal([undefined, false]);
  });

  it('counts nobody who is not known as one client', () => {
    settings.maxConnectionsPerAddress = 1;
    connect('');

    expect(capacity.excess('')).to.equal(undefined);
  });

  it('counts handshakes', () => {
    settings.maxPendingHandshakes = 1;
    const cut = begin('a');

    expect([capacity.excess('a'), capacity.mayBegin('a')]).to.deep.equal([
      'tooManyHandshakes',
      false,
    ]);
    expect(cut.callCount).to.equal(0);
  });

  it('cuts no handshake for one that is not let in for another reason', () => {
    Object.assign(settings, { maxConnections: 1, maxPendingHandshakes: 1 });
    connect('a');
    const cut = begin('a');

    expect(capacity.excess('b')).to.equal('tooManyConnections');
    expect(cut.callCount).to.equal(0);
  });

  it('has one who takes all handshakes make room for another', () => {
    settings.maxPendingHandshakes = 1;
    const cut = begin('a');

    expect(capacity.excess('b')).to.equal(undefined);
    expect(cut.args).to.deep.equal([['tooManyHandshakes']]);
  });
});
