import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { QWebSocket, Reconnector } from '../../lib/index.ts';
import { Program } from '../examples/support/program.ts';
import { Gateway, type Recipe } from '../gateways/support/gateway.ts';
import { nginxOptions } from '../gateways/support/nginx-options.ts';
import { replaced } from '../gateways/support/replaced.ts';
import { ChildProgram } from '../support/child-program.ts';
import { describeWith } from '../support/describe-with.ts';
import { freePort } from '../support/ports.ts';
import { isListening } from '../support/program-in-path.ts';
import { temporaryPlaces } from '../gateways/support/temporary-places.ts';
import { BrokerServer, NATS, REDIS, type BrokerKind } from './support/broker-server.ts';

const PROCESSES = 4;
const CLIENTS = 12;

interface Price {
  readonly symbol: string;
  readonly price: number;
  readonly time: number;
}

/** A client that subscribes to all stocks, and comes back when its process has gone. */
class Watcher {
  /** The latest price of each stock. */
  readonly prices: Map<string, Price> = new Map();
  /** Prices that are older than what was there already. */
  readonly steppedBack: string[] = [];
  connections = 0;
  readonly #socket = new QWebSocket();
  readonly #reconnector: Reconnector;

  constructor(url: string) {
    this.#reconnector = new Reconnector(this.#socket, {
      firstDelay: 50,
      longestDelay: 200,
      resubscribe: () => this.#say({ type: 'list' }),
    });
    this.#socket.connected.connect(() => this.connections++);
    this.#socket.textMessageReceived.connect((text) => this.#hear(text));
    this.#socket.open(url);
  }

  get isConnected(): boolean {
    return this.#socket.isValid();
  }

  /** What it knows, in a form that can be compared. */
  known(): string {
    return [...this.prices.values()]
      .map(({ symbol, price, time }) => `${symbol} ${price} ${time}`)
      .toSorted((one, other) => one.localeCompare(other))
      .join('\n');
  }

  end(): void {
    this.#reconnector[Symbol.dispose]();
    this.#socket.abort();
  }

  #say(request: object): void {
    this.#socket.sendTextMessage(JSON.stringify(request));
  }

  #hear(text: string): void {
    const message = JSON.parse(text) as { type: string; symbols: string[] } & Price;
    if (message.type === 'symbols') this.#say({ type: 'subscribe', symbols: message.symbols });
    if (message.type !== 'price') return;
    const { symbol, time } = message;
    const before = this.prices.get(symbol);
    if (before !== undefined && time < before.time) {
      this.steppedBack.push(`${symbol} ${time}, which is ${before.time - time} ms older`);
    }
    this.prices.set(symbol, message);
  }
}

async function isTrue(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(10);
}

// The configuration that the docs show, with our places in it.
function recipe(ports: readonly string[]): Recipe {
  const places = ports.map((port, index) => [`127.0.0.1:${8081 + index}`, `127.0.0.1:${port}`]);
  return {
    program: 'nginx',
    files: (directory, port) => ({
      'nginx.conf': replaced(readFileSync('docs/how-to/stockticker-nginx.conf', 'utf8'), {
        ...(Object.fromEntries(places) as Record<string, string>),
        'http {': `http {\n${temporaryPlaces(directory)}`,
        'listen 127.0.0.1:8080': `listen 127.0.0.1:${port}`,
      }),
    }),
    options: nginxOptions,
  };
}

describeWith('nginx', 'apt-get install nginx-light', () => {
  for (const kind of [NATS, REDIS]) {
    describeWith(kind.program, `apt-get install ${kind.program}`, () => itScalesOut(kind));
  }
});

describeWith('nginx', 'apt-get install nginx-light', () => {
  describeWith('nats-server', 'apt-get install nats-server', () => {
    it('is started in many processes by one command, and ends as a whole', async () => {
      const free = new Set<number>();
      while (free.size < PROCESSES + 2) free.add(await freePort());
      const [port, brokerPort, ...ports] = free;
      const { BROKER_URL: _, ...env } = process.env;
      const all = new ChildProgram(
        '../examples/stockticker/many.sh',
        [],
        { ...env, PORT: `${port}`, BROKER_PORT: `${brokerPort}`, PORTS: ports.join(' ') },
        ['sh'],
      );
      let watcher: Watcher | undefined;
      try {
        await all.prints(/Behind nginx: http/);
        for (const each of ports) await all.prints(new RegExp(`Stock ticker at .*:${each}/`));
        await isTrue(() => isListening(port!));
        watcher = new Watcher(`ws://127.0.0.1:${port}/feed`);
        await isTrue(() => watcher!.prices.size === 20);
      } finally {
        watcher?.end();
        all.signal('SIGTERM');
      }

      expect((await all.ended).code).to.equal(0);
      for (const each of [port, brokerPort, ...ports]) {
        expect(await isListening(each!)).to.equal(false);
      }
    });
  });
});

function itScalesOut(kind: BrokerKind): void {
  let broker: BrokerServer;
  let feeder: Program;
  let instances: Program[];
  let gateway: Gateway;
  let watchers: Watcher[];

  beforeEach(async () => {
    broker = await BrokerServer.start(kind);
    const option = `--broker=${broker.url}`;
    instances = Array.from(
      { length: PROCESSES },
      () => new Program('stockticker/main', '--port=0', option),
    );
    feeder = new Program('stockticker/feeder', '--interval=2', option);
    await feeder.prints(/Making prices of 20 stocks\./);
    const ports: string[] = [];
    for (const instance of instances) {
      ports.push((await instance.prints(/http:\/\/localhost:(\d+)\//))[1]!);
    }
    gateway = await Gateway.start(recipe(ports));
    watchers = Array.from({ length: CLIENTS }, () => watcher());
    await isTrue(() => watchers.every(({ prices }) => prices.size === 20));
  });

  afterEach(async () => {
    for (const each of watchers) each.end();
    Program.killAll();
    await gateway.stop();
    await BrokerServer.killAll();
  });

  function watcher(): Watcher {
    return new Watcher(`ws://127.0.0.1:${gateway.port}/feed`);
  }

  /** Waits until all clients have seen new prices. */
  async function pricesMove(): Promise<void> {
    const before = watchers.map((each) => each.known());
    await isTrue(() => watchers.every((each, index) => each.known() !== before[index]));
  }

  /** Ends the prices, and waits until all clients know the last ones. */
  async function allAgree(): Promise<void> {
    feeder.signal('SIGTERM');
    expect((await feeder.ended).code).to.equal(0);
    const late = watcher();
    try {
      await isTrue(() => late.prices.size === 20);
      await isTrue(() => watchers.every((each) => each.known() === late.known()));
    } finally {
      late.end();
    }
    expect(watchers.flatMap(({ steppedBack }) => steppedBack)).to.deep.equal([]);
  }

  it('has the clients of a killed process come back on others, and miss no latest price', async () => {
    const [killed] = instances;
    killed!.signal('SIGKILL');
    await killed!.ended;
    await isTrue(() => watchers.some(({ connections }) => connections > 1));
    await isTrue(() => watchers.every(({ isConnected }) => isConnected));
    await pricesMove();

    await allAgree();

    const moved = watchers.filter(({ connections }) => connections > 1);
    expect(moved.length).to.be.within(1, CLIENTS - 1);
  });

  it('keeps all clients while the broker is killed and comes back', async () => {
    await broker.kill();
    await Promise.all(instances.map((instance) => instance.prints(/The broker is away/)));
    await broker.start();
    await Promise.all(instances.map((instance) => instance.prints(/The broker is back/)));
    await feeder.prints(/The broker is back/);
    await pricesMove();

    await allAgree();

    expect(watchers.map(({ connections }) => connections)).to.deep.equal(Array(CLIENTS).fill(1));
  });

  it('loses nobody and nothing when processes end one after the other', async () => {
    for (const instance of instances.slice(1)) {
      instance.signal('SIGTERM');
      expect((await instance.ended).code).to.equal(0);
      await isTrue(() => watchers.every(({ isConnected }) => isConnected));
      await pricesMove();
    }

    await allAgree();
  });
}
