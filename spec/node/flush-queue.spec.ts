import { expect } from 'chai';
import sinon from 'sinon';
import { flushQueue, FlushQueue, type Flushable } from '../../lib/node/flush-queue.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

function nextTick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

describe('FlushQueue', () => {
  let queue: FlushQueue;
  let flushed: string[];

  beforeEach(() => {
    queue = new FlushQueue();
    flushed = [];
  });

  function item(name: string, then: () => void = () => {}): Flushable {
    return {
      flush: () => {
        flushed.push(name);
        then();
      },
    };
  }

  it('flushes in the next tick, in order', async () => {
    queue.add(item('a'));
    queue.add(item('b'));
    expect(flushed).to.deep.equal([]);

    await nextTick();
    expect(flushed).to.deep.equal(['a', 'b']);
  });

  it('needs one tick for all, and none while incoming bytes are worked off', async () => {
    const tick = sinon.spy(process, 'nextTick');
    queue.begin();
    queue.add(item('answer'));
    queue.end();
    sinon.assert.notCalled(tick);

    queue.add(item('a'));
    queue.add(item('b'));
    sinon.assert.calledOnce(tick);
    tick.restore();
    await nextTick();
    expect(flushed).to.deep.equal(['answer', 'a', 'b']);
  });

  it('flushes once for each time that was asked for', async () => {
    queue.add(item('a'));
    await nextTick();
    await nextTick();
    expect(flushed).to.deep.equal(['a']);

    queue.add(item('b'));
    await nextTick();
    expect(flushed).to.deep.equal(['a', 'b']);
  });

  it('leaves what is sent in a report for the next turn of the event loop', async () => {
    queue.report(() => queue.add(item('answer')));
    await nextTick();
    expect(flushed).to.deep.equal([]);

    await new Promise((resolve) => setImmediate(resolve));
    expect(flushed).to.deep.equal(['answer']);
    queue.add(item('a'));
    await nextTick();
    expect(flushed).to.deep.equal(['answer', 'a']);
  });

  it('is as before when a report throws', async () => {
    expect(() =>
      queue.report(() => {
        throw new Error('in a slot');
      }),
    ).to.throw('in a slot');

    queue.add(item('a'));
    await nextTick();
    expect(flushed).to.deep.equal(['a']);
  });

  it('flushes as soon as incoming bytes are worked off', async () => {
    queue.begin();
    queue.add(item('answer'));
    expect(flushed).to.deep.equal([]);
    queue.end();
    expect(flushed).to.deep.equal(['answer']);

    await nextTick();
    expect(flushed).to.deep.equal(['answer']);
  });

  it('takes along what was added before', async () => {
    queue.add(item('before'));
    queue.begin();
    queue.add(item('answer'));
    queue.end();
    expect(flushed).to.deep.equal(['before', 'answer']);

    await nextTick();
    expect(flushed).to.deep.equal(['before', 'answer']);
  });

  it('flushes later what is added by a flush', async () => {
    queue.add(item('a', () => queue.add(item('b'))));
    await nextTick();
    await nextTick();
    expect(flushed).to.deep.equal(['a', 'b']);

    queue.begin();
    queue.add(item('c', () => queue.add(item('d'))));
    queue.end();
    await nextTick();
    expect(flushed).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('forgets nothing when a flush works off bytes itself', async () => {
    queue.begin();
    queue.add(
      item('outer', () => {
        queue.begin();
        queue.add(item('inner'));
        queue.end();
      }),
    );
    queue.add(item('last'));
    queue.end();
    queue.add(item('later'));
    await nextTick();

    expect(flushed.toSorted()).to.deep.equal(['inner', 'last', 'later', 'outer']);
  });

  it('flushes the others when one throws, and reports that', async () => {
    const failure = new Error('A stream of somebody else has failed.');

    const errors = await uncaughtErrors(() => {
      queue.begin();
      queue.add(
        item('a', () => {
          throw failure;
        }),
      );
      queue.add(item('b'));
      queue.end();
    });

    expect(flushed).to.deep.equal(['a', 'b']);
    expect(errors).to.deep.equal([failure]);
  });

  it('does nothing when nothing was added', () => {
    queue.begin();
    queue.end();

    expect(flushed).to.deep.equal([]);
  });
});

describe('flushQueue', () => {
  it('is the one of the process', () => {
    expect(flushQueue).to.be.an.instanceof(FlushQueue);
  });
});
