import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { Backlog, MOST_UNDER_WAY } from '../../lib/brokers/backlog.ts';
import { rejectionOf } from '../support/rejection-of.ts';

const HALF = MOST_UNDER_WAY / 2;

describe('Backlog', () => {
  let told: string[];
  let backlog: Backlog;
  /** What was begun, and what ends it. */
  let begun: [name: string, end: (version: number | Error) => void][];

  beforeEach(() => {
    told = [];
    begun = [];
    backlog = new Backlog((what) => told.push(what));
  });

  function run(name: string): () => Promise<number> {
    return () =>
      new Promise((resolve, reject) => {
        begun.push([
          name,
          (version) => (version instanceof Error ? reject(version) : resolve(version)),
        ]);
      });
  }

  const names = (): string[] => begun.map(([name]) => name);

  async function end(name: string, version: number | Error = 1): Promise<void> {
    begun.find(([each]) => each === name)![1](version);
    await setImmediate();
  }

  /** Fills it up to its limit, in two halves. */
  function fill(): void {
    backlog.send(HALF, run('first half'));
    backlog.send(HALF, run('second half'));
  }

  it('passes on what there is room for', async () => {
    backlog.send(1, run('message'));
    const version = backlog.store('a', 1, run('value'));
    await end('value', 7);
    await end('message', new Error('Refused.'));

    expect(await version).to.equal(7);
    expect(names()).to.deep.equal(['message', 'value']);
    expect(told).to.deep.equal([]);
  });

  it('counts small messages as what they take', () => {
    for (let count = 0; count < MOST_UNDER_WAY / 256; count++) backlog.send(0, run('small'));
    backlog.send(0, run('one more'));

    expect(names()).not.to.include('one more');
  });

  it('drops messages while too much is under way, and tells when and how many', async () => {
    fill();
    for (let count = 0; count < 3; count++) backlog.send(1, run('dropped'));
    expect(told).to.deep.equal(['The broker is behind: it gets no messages but the latest values']);

    await end('first half');
    backlog.send(1, run('dropped'));
    await end('second half');
    backlog.send(1, run('message'));

    expect(told.slice(1)).to.deep.equal(['While the broker was behind, messages were dropped: 4']);
    expect(names()).to.deep.equal(['first half', 'second half', 'message']);
  });

  it('keeps the latest value of each topic until there is room', async () => {
    fill();
    const overtaken = rejectionOf(backlog.store('a', 1, run('a1')));
    const a = backlog.store('a', 1, run('a2'));
    const b = rejectionOf(backlog.store('b', 1, run('b1')));
    expect(names()).to.deep.equal(['first half', 'second half']);

    await end('first half');
    expect(names().slice(2)).to.deep.equal(['a2', 'b1']);
    await end('a2', 7);
    await end('b1', new Error('Refused.'));

    expect(await overtaken).to.be.instanceOf(Error);
    expect(await a).to.equal(7);
    expect(await b).to.have.property('message', 'Refused.');
    expect(told).to.deep.equal([]);
  });

  it('hands over no more than there is room for, of what waits', async () => {
    fill();
    const values = ['a', 'b', 'c'].map((topic) => backlog.store(topic, HALF, run(topic)));

    await end('first half');
    expect(names().slice(2)).to.deep.equal(['a']);
    await end('second half');
    expect(names().slice(2)).to.deep.equal(['a', 'b']);
    await end('a');
    await end('b');
    await end('c', 3);

    expect(await Promise.all(values)).to.deep.equal([1, 1, 3]);
  });

  it('forgets what a lost connection had under way', async () => {
    fill();
    backlog.send(1, run('dropped'));
    const waiting = rejectionOf(backlog.store('a', 1, run('a1')));

    backlog.clear();
    expect(await waiting).to.have.property('message', 'The connection was lost.');
    expect(told.slice(1)).to.deep.equal(['While the broker was behind, messages were dropped: 1']);
    // It does not count for the next one.
    await end('first half');
    await end('second half');
    backlog.send(HALF, run('third half'));
    backlog.send(HALF, run('fourth half'));
    backlog.send(1, run('dropped'));

    expect(names().slice(2)).to.deep.equal(['third half', 'fourth half']);
  });
});
