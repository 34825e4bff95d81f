import { expect } from 'chai';
import { PassThrough, type Duplex } from 'node:stream';
import { Census } from '../../lib/node/census.ts';

describe('Census', () => {
  let census: Census;

  beforeEach(() => {
    census = new Census();
  });

  function from(remoteAddress?: string): Duplex {
    return Object.assign(new PassThrough(), { remoteAddress });
  }

  it('counts streams in all and by address', () => {
    const here = from('192.0.2.1');
    census.add(here);
    census.add(from('192.0.2.1'));
    census.add(from('192.0.2.2'));

    expect(census.size).to.equal(3);
    expect(census.neighbours(here)).to.equal(2);
  });

  it('takes the addresses of an IPv6 network for one', () => {
    census.add(from('2001:db8::1'));

    expect(census.neighbours(from('2001:db8::2'))).to.equal(1);
    expect(census.neighbours(from('2001:db8:0:1::1'))).to.equal(0);
  });

  it('sees no neighbours where there are no addresses', () => {
    census.add(from());

    expect(census.size).to.equal(1);
    expect(census.neighbours(from())).to.equal(0);
  });

  it('counts a stream once', () => {
    const stream = from('192.0.2.1');
    census.add(stream);
    census.add(stream);

    expect(census.size).to.equal(1);
    expect(census.neighbours(stream)).to.equal(1);
  });

  it('forgets a stream that is removed, and the address with the last one', () => {
    const [first, second] = [from('192.0.2.1'), from('192.0.2.1')];
    census.add(first);
    census.add(second);

    census.remove(first);
    census.remove(first);
    expect(census.neighbours(second)).to.equal(1);

    census.remove(second);
    expect(census.size).to.equal(0);
    expect(census.neighbours(second)).to.equal(0);
  });
});
