import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { Http1Only } from '../../lib/node/http1-only.ts';

describe('Http1Only', () => {
  afterEach(() => restore());

  it('forgets all of them when it is told to', () => {
    const origins = new Http1Only();
    origins.add('wss://a.example:443');
    origins.clear();

    expect(origins.has('wss://a.example:443')).to.equal(false);
  });

  it('knows the origins that were added, for five minutes', () => {
    const clock = useFakeTimers({ toFake: ['performance'] });
    const origins = new Http1Only();
    origins.add('wss://a.example:443');
    clock.tick(5 * 60_000 - 1);
    expect(origins.has('wss://a.example:443')).to.equal(true);
    expect(origins.has('wss://b.example:443')).to.equal(false);

    clock.tick(1);

    expect(origins.has('wss://a.example:443')).to.equal(false);
  });

  it('forgets the oldest beyond a thousand', () => {
    const origins = new Http1Only();
    for (let i = 0; i < 1000; i++) origins.add(`wss://a.example:${i}`);
    origins.add('wss://a.example:0');

    origins.add('wss://b.example:443');

    expect(origins.has('wss://a.example:0')).to.equal(true);
    expect(origins.has('wss://a.example:1')).to.equal(false);
    expect(origins.has('wss://b.example:443')).to.equal(true);
  });
});
