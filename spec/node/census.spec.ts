import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { Census } from '../../lib/node/census.ts';

describe('Census', () => {
  let census: Census;

  beforeEach(() => {
    census = new Census();
  });

  it('counts streams in all and by client', () => {
    census.add(new PassThrough(), 'first');
    census.add(new PassThrough(), 'first');
    census.add(new PassThrough(), 'second');

    expect(census.size).to.equal(3);
    expect(census.count('first')).to.equal(2);
  });

  it('counts nobody who is not known', () => {
    census.add(new PassThrough(), '');

    expect(census.size).to.equal(1);
    expect(census.count('')).to.equal(0);
  });

  it('counts a stream once', () => {
    const stream = new PassThrough();
    census.add(stream, 'first');
    census.add(stream, 'second');

    expect(census.size).to.equal(1);
    expect(census.count('first')).to.equal(1);
    expect(census.count('second')).to.equal(0);
  });

  it('counts a stream for another client that turns out to be whose it is', () => {
    const stream = new PassThrough();
    census.add(stream, '');
    census.move(stream, 'first');
    expect(census.count('first')).to.equal(1);

    census.move(stream, 'second');
    expect(census.size).to.equal(1);
    expect(census.count('first')).to.equal(0);
    expect(census.count('second')).to.equal(1);

    census.remove(stream);
    expect(census.count('second')).to.equal(0);
  });

  it('does not begin to count a stream that turns out to be of somebody', () => {
    census.move(new PassThrough(), 'first');

    expect(census.size).to.equal(0);
    expect(census.count('first')).to.equal(0);
  });

  it('forgets a stream that is removed, and the client with the last one', () => {
    const [first, second] = [new PassThrough(), new PassThrough()];
    census.add(first, 'first');
    census.add(second, 'first');

    census.remove(first);
    census.remove(first);
    expect(census.count('first')).to.equal(1);

    census.remove(second);
    expect(census.size).to.equal(0);
    expect(census.count('first')).to.equal(0);
  });
});
