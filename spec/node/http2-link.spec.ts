import { expect } from 'chai';
import { once } from 'node:events';
import { restore, useFakeTimers, type SinonFakeTimers } from 'sinon';
import { Http2Link } from '../../lib/node/http2-link.ts';
import { TestStream } from '../support/test-stream.ts';
import { until } from '../support/until.ts';

describe('Http2Link', () => {
  const user = { linkReady() {}, linkFull() {}, linkLost() {} };
  let clock: SinonFakeTimers;

  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(restore);

  it('closes its connection in a second when a server that hangs does not', async () => {
    const stream = new TestStream();
    const link = new Http2Link(stream, undefined, { forget() {} });
    link.acquire(user);

    link.release(user);
    await once(stream, 'finish');
    clock.tick(999);
    expect(stream.destroyed).to.equal(false);
    clock.tick(1);

    expect(stream.destroyed).to.equal(true);
  });

  it('leaves no timer behind when the server closes', async () => {
    const stream = new TestStream();
    const link = new Http2Link(stream, undefined, { forget() {} });
    link.acquire(user);

    link.release(user);
    await once(stream, 'finish');
    stream.push(null);

    await until(() => clock.countTimers() === 0);
    expect(stream.destroyed).to.equal(true);
  });
});
