import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { MOST_CHANGES, SubscriptionChanges } from '../../lib/brokers/subscription-changes.ts';

describe('SubscriptionChanges', () => {
  let told: string[];
  let confirm: Map<string, () => void>;
  let changes: SubscriptionChanges;

  beforeEach(() => {
    told = [];
    confirm = new Map();
    changes = new SubscriptionChanges((topic) => {
      told.push(topic);
      return new Promise<void>((resolve) => confirm.set(topic, resolve));
    });
  });

  /** Has as many under way as may be; they are called 0, 1, 2, … */
  function fill(): void {
    for (let i = 0; i < MOST_CHANGES; i++) changes.change(String(i));
    told = [];
  }

  async function confirmed(topic: string): Promise<void> {
    confirm.get(topic)!();
    await setImmediate();
  }

  it('tells the broker at once', () => {
    changes.change('a');
    changes.change('b');
    changes.change('a');

    expect(told).to.deep.equal(['a', 'b', 'a']);
    expect(changes.isWaiting('a')).to.equal(false);
  });

  it('has 1024 under way, and the next one when one is confirmed', async () => {
    fill();
    changes.change('a');
    changes.change('b');

    expect(told).to.deep.equal([]);
    expect([changes.isWaiting('a'), changes.isWaiting('b')]).to.deep.equal([true, true]);
    await confirmed('7');
    expect(told).to.deep.equal(['a']);
    expect([changes.isWaiting('a'), changes.isWaiting('b')]).to.deep.equal([false, true]);
    await confirmed('a');
    expect(told).to.deep.equal(['a', 'b']);
  });

  it('forgets a change and its opposite that have not been told', async () => {
    fill();
    changes.change('a');
    changes.change('b');
    changes.change('a');

    expect(changes.isWaiting('a')).to.equal(false);
    await confirmed('0');
    expect(told).to.deep.equal(['b']);
  });

  it('lets those who wait for the turn of a topic go on when it has come, or is not needed', async () => {
    const turns: string[] = [];
    const wait = (topic: string): void => void changes.turnOf(topic).then(() => turns.push(topic));
    fill();
    for (const topic of ['a', 'b', 'c']) changes.change(topic);
    for (const topic of ['0', 'a', 'a', 'b', 'c']) wait(topic);

    await confirmed('0');
    expect(turns).to.deep.equal(['0', 'a', 'a']);
    changes.change('b');
    await setImmediate();
    expect(turns).to.deep.equal(['0', 'a', 'a', 'b']);
    changes.clear();
    await setImmediate();
    expect(turns).to.deep.equal(['0', 'a', 'a', 'b', 'c']);
  });

  it('begins anew with a connection, whatever was confirmed before', async () => {
    fill();
    changes.change('a');
    changes.clear();
    fill();
    await confirmed('0');
    changes.change('b');
    expect(told).to.deep.equal(['b']);

    changes.clear();
    fill();
    const { size } = confirm;
    for (const resolve of confirm.values()) resolve();
    await setImmediate();
    changes.change('c');
    expect([size, told]).to.deep.equal([MOST_CHANGES + 1, ['c']]);
  });
});
