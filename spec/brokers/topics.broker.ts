import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { connectTopicBroker, type TopicBrokerOptions } from '../../lib/brokers.ts';
import { describeWith } from '../support/describe-with.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { BrokerServer, NATS, REDIS, type BrokerKind } from './support/broker-server.ts';
import { hasGot, isTrue, Process } from './support/process.ts';

const RETAINED = { retain: true };

for (const kind of [NATS, REDIS]) {
  describeWith(kind.program, `apt-get install ${kind.program}`, () => itIsABroker(kind));
}

function itIsABroker(kind: BrokerKind): void {
  let server: BrokerServer;
  let processes: Process[];

  beforeEach(async () => {
    server = await BrokerServer.start(kind);
    processes = [];
  });

  afterEach(async () => {
    for (const process of processes) await process.end();
    await BrokerServer.killAll();
  });

  async function start(options?: TopicBrokerOptions): Promise<Process> {
    const process = new Process(await connectTopicBroker(server.url, options));
    processes.push(process);
    return process;
  }

  it('carries text and bytes from one process to all, in order', async () => {
    const [one, two] = [await start(), await start()];
    const [here] = await one.client('AAPL');
    const [there] = await two.client('AAPL');
    await Promise.all([one.listensTo('AAPL'), two.listensTo('AAPL')]);

    one.server.publish('AAPL', 'Grüße');
    one.server.publish('AAPL', Uint8Array.of(0, 255));
    one.server.publish('AAPL', '');

    for (const got of [here, there]) {
      expect(await hasGot(got, 3)).to.deep.equal(['Grüße', [0, 255], '']);
    }
  });

  it('gives who comes later the latest value, once, and then what follows', async () => {
    const [one, two] = [await start(), await start()];
    for (const price of ['1', '2']) one.server.publish('AAPL', price, RETAINED);
    await one.hasStored('AAPL', '2');

    const [first] = await two.client('AAPL');
    await hasGot(first, 1);
    const [second] = await two.client('AAPL');
    await hasGot(second, 1);
    one.server.publish('AAPL', '3', RETAINED);

    expect(await hasGot(first, 2)).to.deep.equal(['2', '3']);
    expect(await hasGot(second, 2)).to.deep.equal(['2', '3']);
  });

  it('delivers to its own process what is published right after the subscription', async () => {
    const one = await start();
    const [got] = await one.client('AAPL');

    one.server.publish('AAPL', '1');

    expect(await hasGot(got, 1)).to.deep.equal(['1']);
  });

  const odd = [
    'a.b',
    '*',
    '>',
    'a b',
    ' ',
    '.',
    '=2e',
    '$SYS',
    '\0',
    '\r\nPUB x',
    'a:topic:b',
    '{a}',
  ];
  for (const topic of odd.concat('__proto__', '\u{1f4c8}', 'x'.repeat(256), '\uffff'.repeat(256))) {
    it(`takes ${JSON.stringify(topic.slice(0, 20))} for itself alone`, async () => {
      const [one, two] = [await start(), await start()];
      for (const { server: each } of [one, two]) each.setMaxTopicLength(256);
      const [got] = await two.client(topic);
      await two.listensTo(topic);

      for (const other of ['a', 'a.b.c', 'b', 'X', topic])
        one.server.publish(other, other, RETAINED);

      expect(await hasGot(got, 1)).to.deep.equal([topic]);
      expect(two.server.retainedMessage(topic)).to.equal(topic);
    });
  }

  it('has all processes see the same order when several publish to a topic', async () => {
    const [one, two] = [await start(), await start()];
    one.server.publish('AAPL', 'first', RETAINED);
    const [here] = await one.client('AAPL');
    const [there] = await two.client('AAPL');
    await Promise.all([hasGot(here, 1), hasGot(there, 1)]);

    for (let count = 0; count < 100; count++) {
      one.server.publish('AAPL', `one ${count}`, RETAINED);
      two.server.publish('AAPL', `two ${count}`, RETAINED);
    }

    // What each of them has asked for before is stored then.
    for (const { broker } of [one, two]) await broker.retain('MSFT', '');
    one.server.publish('AAPL', 'last', RETAINED);

    // NATS may bring one late that others have overtaken, and nobody gets it then.
    await isTrue(() => here.at(-1) === 'last' && there.at(-1) === 'last');
    expect(here).to.deep.equal(there);
    expect(here.length).to.be.within(100, 202);
    const [late] = await (await start()).client('AAPL');
    expect(await hasGot(late, 1)).to.deep.equal(['last']);
  });

  it('clears a value for all', async () => {
    const [one, two] = [await start(), await start()];
    one.server.publish('AAPL', '1', RETAINED);
    const [got] = await two.client('AAPL');
    await hasGot(got, 1);

    one.server.clearRetainedMessage('AAPL');
    await isTrue(() => two.server.retainedMessage('AAPL') === null);

    const three = await start();
    const [late] = await three.client('AAPL');
    await three.listensTo('AAPL');
    expect(late).to.deep.equal([]);
  });

  it('keeps programs with other prefixes apart', async () => {
    const [one, two] = [await start({ prefix: 'one' }), await start({ prefix: 'two' })];
    const [got] = await two.client('AAPL');
    await two.listensTo('AAPL');

    one.server.publish('AAPL', '1', RETAINED);
    await one.hasStored('AAPL', '1');
    two.server.publish('AAPL', '2', RETAINED);

    expect(await hasGot(got, 1)).to.deep.equal(['2']);
  });

  describe('when it is killed and comes back', () => {
    it('tells so, and goes on', async () => {
      const [one, two] = [await start(), await start()];
      const [got] = await two.client('AAPL');
      await two.listensTo('AAPL');

      await server.kill();
      await hasGot(one.told, 1);
      await hasGot(two.told, 1);
      expect([one, two].map(({ broker }) => broker.isConnected())).to.deep.equal([false, false]);
      await server.start();
      await hasGot(one.told, 2);
      await two.listensTo('AAPL');
      one.server.publish('AAPL', '1');

      expect(await hasGot(got, 1)).to.deep.equal(['1']);
      for (const { told } of [one, two]) {
        expect(told).to.deep.equal(['disconnected', 'connected']);
      }
    });

    it('has each process deliver meanwhile what it publishes, and the rest afterwards', async () => {
      const [one, two] = [await start(), await start()];
      one.server.publish('AAPL', '1', RETAINED);
      const [here] = await one.client('AAPL');
      const [there] = await two.client('AAPL');
      await hasGot(here, 1);
      await hasGot(there, 1);

      await server.kill();
      await hasGot(one.told, 1);
      await hasGot(two.told, 1);
      one.server.publish('AAPL', '2', RETAINED);
      one.server.publish('AAPL', '3', RETAINED);
      expect(await hasGot(here, 3)).to.deep.equal(['1', '2', '3']);
      await server.start();

      expect(await hasGot(there, 2)).to.deep.equal(['1', '3']);
      one.server.publish('AAPL', '4', RETAINED);
      expect(await hasGot(here, 4)).to.deep.equal(['1', '2', '3', '4']);
      expect(await hasGot(there, 3)).to.deep.equal(['1', '3', '4']);
    });

    it('loses no value that was on its way', async () => {
      const [one, two] = [await start(), await start()];
      const [here] = await one.client('AAPL');
      const [there] = await two.client('AAPL');
      await Promise.all([one.listensTo('AAPL'), two.listensTo('AAPL')]);

      let price = 0;
      const isDown = server.kill();
      while (one.told.length === 0) {
        one.server.publish('AAPL', String(++price), RETAINED);
        await setTimeout(0);
      }
      await isDown;
      one.server.publish('AAPL', String(++price), RETAINED);
      await server.start();

      const last = String(price);
      await isTrue(() => there.at(-1) === last && here.at(-1) === last);
      for (const got of [here, there]) {
        const prices = got.map(Number);
        expect(prices).to.deep.equal(prices.toSorted((a, b) => a - b));
      }
    });

    it('has its values restored, also those it has lost', async () => {
      const [one, two] = [await start(), await start()];
      one.server.publish('AAPL', '1', RETAINED);
      one.server.publish('MSFT', '2', RETAINED);
      const [got] = await two.client('AAPL');
      await hasGot(got, 1);
      await one.hasStored('MSFT', '2');

      await server.kill();
      await hasGot(one.told, 1);
      await hasGot(two.told, 1);
      await server.start(true);
      await hasGot(one.told, 2);
      await hasGot(two.told, 2);

      const three = await start();
      const [late] = await three.client('AAPL', 'MSFT');
      expect(await hasGot(late, 2)).to.have.members(['1', '2']);
      one.server.publish('AAPL', '3', RETAINED);
      expect(await hasGot(got, 2)).to.deep.equal(['1', '3']);
    });

    it('is not asked for what was unsubscribed meanwhile', async () => {
      const [one, two] = [await start(), await start()];
      const [got, socket] = await two.client('AAPL', 'MSFT');
      await two.listensTo('AAPL', 'MSFT');

      await server.kill();
      await hasGot(one.told, 1);
      await hasGot(two.told, 1);
      two.server.unsubscribe(socket, 'AAPL');
      await server.start();
      await hasGot(one.told, 2);
      await two.listensTo('MSFT');
      one.server.publish('AAPL', '1');
      one.server.publish('MSFT', '2');

      expect(await hasGot(got, 1)).to.deep.equal(['2']);
    });
  });

  it('is left in order', async () => {
    const one = await start();

    await one.broker.close();
    await one.broker.close();
    one.server.publish('AAPL', '1', RETAINED);

    expect(one.told).to.deep.equal(['disconnected']);
    expect(one.broker.isConnected()).to.equal(false);
  });

  if (kind === NATS) {
    it('says what it is missing when it has no JetStream', async () => {
      const plain = await BrokerServer.start({
        ...NATS,
        options: (port) => ['-a', '127.0.0.1', '-p', String(port)],
      });

      const error = (await rejectionOf(connectTopicBroker(plain.url))) as Error;

      expect(error.message).to.match(/cannot be used: It has no JetStream, .* with -js\.$/);
    });
  }
}
