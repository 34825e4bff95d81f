import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connectTopicBroker } from '../../lib/brokers.ts';
import { MOST_UNDER_WAY } from '../../lib/brokers/backlog.ts';
import { describeWith } from '../support/describe-with.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { BrokerServer, NATS, REDIS, type BrokerKind } from './support/broker-server.ts';
import { Passage } from './support/passage.ts';
import { hasGot, isTrue, Process } from './support/process.ts';

const RETAINED = { retain: true };
const MEBIBYTE = 1024 * 1024;

for (const kind of [NATS, REDIS]) {
  describeWith(kind.program, `apt-get install ${kind.program}`, () => itMayFail(kind));
}

function itMayFail(kind: BrokerKind): void {
  const isNats = kind.program === NATS.program;
  let processes: Process[];
  let passage: Passage | undefined;

  beforeEach(() => {
    processes = [];
  });

  afterEach(async () => {
    for (const process of processes) await process.end();
    passage?.end();
    await BrokerServer.killAll();
  });

  async function start(port: number): Promise<Process> {
    const url = `${kind.scheme}://127.0.0.1:${port}`;
    const process = new Process(await connectTopicBroker(url, { timeout: 30_000 }));
    processes.push(process);
    return process;
  }

  it('is not waited for when it does not answer at first', async () => {
    const server = await BrokerServer.start(kind);
    await server.stop();

    const error = await rejectionOf(connectTopicBroker(server.url, { timeout: 1000 }));
    expect((error as Error).message).to.match(/cannot be used: timeout/);
  });

  it('takes its time, and loses nothing by that', async () => {
    const server = await BrokerServer.start(kind);
    passage = await Passage.to(server.port);
    const [one, two] = [await start(server.port), await start(passage.port)];
    const [got] = await two.client('AAPL');
    await two.listensTo('AAPL');

    passage.hold();
    for (let count = 1; count <= 200; count++) {
      one.server.publish('AAPL', `${count}`, RETAINED);
      two.server.publish('MSFT', `${count}`);
    }
    await one.hasStored('AAPL', '200');
    expect(got).to.deep.equal([]);
    passage.hold(false);

    const all = Array.from({ length: 200 }, (_, index) => `${index + 1}`);
    expect(await hasGot(got, 200)).to.deep.equal(all);
    expect(two.told).to.deep.equal([]);
  });

  it('is sent a bounded amount while it hangs, and then the latest values', async () => {
    const server = await BrokerServer.start(kind);
    const [one, two] = [await start(server.port), await start(server.port)];
    const [got] = await two.client('AAPL', 'MSFT');
    await two.listensTo('AAPL', 'MSFT');

    await server.stop();
    const filling = 'x'.repeat(MEBIBYTE / 2);
    for (let count = 0; count < 40; count++) {
      one.server.publish('MSFT', filling);
      one.server.publish('AAPL', `${count} ${filling}`, RETAINED);
    }
    one.server.publish('AAPL', 'last', RETAINED);
    expect(one.complaints).to.deep.equal([
      'The broker is behind: it gets no messages but the latest values.',
    ]);
    server.goOn();

    await isTrue(() => got.at(-1) === 'last');
    await isTrue(() => one.complaints.length > 1);
    const [, dropped] = one.complaints;
    expect(dropped).to.match(/^While the broker was behind, messages were dropped: \d+\.$/);
    const sent = 40 - Number(/\d+/.exec(dropped!)![0]);
    expect(sent * filling.length).to.be.within(1, MOST_UNDER_WAY);
    await isTrue(() => got.filter((text) => text === filling).length === sent);
    expect(one.told).to.deep.equal(['errorOccurred', 'errorOccurred']);
  });

  it('is given up when it hangs for long, whatever lies unsent', async () => {
    const server = await BrokerServer.start(kind);
    const one = await start(server.port);
    const [got] = await one.client('AAPL');
    await one.listensTo('AAPL');

    await server.stop();
    const filling = 'x'.repeat(MEBIBYTE / 2);
    for (let count = 0; count < 20; count++) one.server.publish('AAPL', filling, RETAINED);
    one.server.publish('AAPL', 'last', RETAINED);
    await hasGot(one.told, 1);
    expect(one.told).to.deep.equal(['disconnected']);
    expect(one.reasons).to.deep.equal([
      isNats ? 'NATS does not answer.' : 'Redis does not answer.',
    ]);
    // Here it is delivered all the same.
    await isTrue(() => got.at(-1) === 'last');
    server.goOn();

    await hasGot(one.told, 2);
    expect(one.broker.isConnected()).to.equal(true);
    const [late] = await (await start(server.port)).client('AAPL');
    await isTrue(() => late.at(-1) === 'last');
  });

  it('is left at once, also while it hangs or is away', async () => {
    const server = await BrokerServer.start(kind);
    const [one, two] = [await start(server.port), await start(server.port)];

    await server.stop();
    one.server.publish('AAPL', '1', RETAINED);
    await one.broker.close();
    await server.kill();
    await hasGot(two.told, 1);
    await two.broker.close();
    await server.start();
    const three = await start(server.port);
    await three.listensTo();

    expect(one.told.filter((name) => name !== 'errorOccurred')).to.deep.equal(['disconnected']);
    expect(two.told).to.deep.equal(['disconnected']);
    expect(await rejectionOf(two.broker.retain('AAPL', '1'))).to.be.instanceOf(Error);
  });

  it('may be given to a server, and both destroyed, at any time', async () => {
    const server = await BrokerServer.start(kind);
    const [one, two, three] = [
      await start(server.port),
      await start(server.port),
      await start(server.port),
    ];
    const [got] = await three.client('AAPL');
    await three.listensTo('AAPL');

    one.server.publish('AAPL', '1', RETAINED);
    one.server[Symbol.dispose]();
    two.broker[Symbol.dispose]();
    two.server.publish('AAPL', '2', RETAINED);
    three.server.publish('AAPL', '3', RETAINED);

    await isTrue(() => got.includes('3'));
    expect(got).not.to.include('2');
    expect(one.server.topicBroker()).to.equal(null);
  });

  it('tells of messages that are too large for it, and goes on', async () => {
    const server = await BrokerServer.start(kind);
    const one = await start(server.port);
    const [got] = await one.client('AAPL');
    await one.listensTo('AAPL');

    const large = 'x'.repeat(isNats ? MEBIBYTE : 8 * MEBIBYTE);
    one.server.publish('AAPL', large);
    one.server.publish('AAPL', large, RETAINED);
    await isTrue(() => one.complaints.length === 2);
    one.server.publish('AAPL', large.slice(1));
    one.server.publish('AAPL', '1', RETAINED);

    expect(await hasGot(got, 2)).to.deep.equal([large.slice(1), '1']);
    expect(one.complaints[0]).to.match(/^A message on "AAPL" was not sent: .*(8 MiB|max_payload)/);
    expect(one.complaints[1]).to.match(
      /^The value of "AAPL" was not retained: .*(8 MiB|max_payload)/,
    );
    expect(one.told).to.deep.equal(['errorOccurred', 'errorOccurred']);
  });

  it('tells of values that it has no room for, and takes messages all the same', async () => {
    const server = await BrokerServer.start(narrow(kind));
    const one = await start(server.port);
    const [got] = await one.client('AAPL', 'MSFT');
    await one.listensTo('AAPL', 'MSFT');

    for (const topic of ['AAPL', 'MSFT']) {
      for (let count = 0; count < 2; count++) {
        one.server.publish(topic, 'x'.repeat(15_000), RETAINED);
      }
    }
    await isTrue(() => one.complaints.length > 0);
    one.server.publish('AAPL', '1');

    await isTrue(() => got.at(-1) === '1');
    expect(one.complaints[0]).to.match(
      /^The value of "\w+" was not retained: (OOM|insufficient resources)/,
    );
  });

  it('brings no value twice to anybody when it was killed', async () => {
    const server = await BrokerServer.start(kind);
    const [one, two] = [await start(server.port), await start(server.port)];
    const [here] = await one.client('AAPL');
    const [there] = await two.client('AAPL');
    await Promise.all([one.listensTo('AAPL'), two.listensTo('AAPL')]);

    for (let price = 1; price <= 300; price++) {
      one.server.publish('AAPL', `${price}`, RETAINED);
      if (price === 100) await server.kill();
      if (price === 200) await server.start();
      await setTimeout(0);
    }

    await isTrue(() => here.at(-1) === '300' && there.at(-1) === '300');
    for (const got of [here, there]) {
      const prices = got.map(Number);
      expect(prices).to.deep.equal([...new Set(prices)].toSorted((a, b) => a - b));
    }
  });
}

/** One that takes few values. */
function narrow(kind: BrokerKind): BrokerKind {
  if (kind.program === REDIS.program) {
    const options = ['--maxmemory', '1'];
    return { ...REDIS, options: (port, folder) => [...REDIS.options(port, folder), ...options] };
  }
  return {
    ...NATS,
    options: (port, folder) => {
      const file = join(folder, 'nats.conf');
      writeFileSync(file, `jetstream { store_dir: "${folder}", max_file: 20KB }\n`);
      return ['-a', '127.0.0.1', '-p', String(port), '-c', file];
    },
  };
}
