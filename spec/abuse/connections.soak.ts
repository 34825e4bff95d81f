import { expect } from 'chai';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import * as v8 from 'node:v8';
import { HttpExchange } from '../../lib/node/http-exchange.ts';
import { Http1Acceptor } from '../../lib/node/acceptors/http1.ts';
import { Http1Opener } from '../../lib/node/openers/http1.ts';
import { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { StreamWire } from '../../lib/node/stream-wire.ts';
import { TlsAcceptor } from '../../lib/node/tls-acceptor.ts';
import { TlsHandshake } from '../../lib/node/tls-handshake.ts';
import { WireBackend } from '../../lib/node/wire-backend.ts';
import { Session } from '../../lib/session/session.ts';
import { memoryInUse } from '../support/memory.ts';
import { Arena } from './support/arena.ts';
import { scaled } from './support/scale.ts';
import { ways } from './support/ways.ts';

const WAVES = 20;
const AT_ONCE = 24;

/** How long one connection may take, in milliseconds. */
const DEADLINE = 20_000;

/** How long a wave may take to leave nothing behind, in milliseconds. */
const GONE_WITHIN = 8_000;

// In bytes, at first and for each connection: code that is compiled, and what V8 and OpenSSL keep
// for the next time. The sharper measure are the objects: of ours, there may not be one more.
const NOISE = 512 * 1024;
const NOISE_EACH = 20;

// Objects of others that are made when they are needed for the first time.
const OTHERS = 500;

/** What there is one of, or several, for each connection. */
const classes = {
  Socket,
  QWebSocketBase,
  WireBackend,
  Session,
  StreamWire,
  Http1Opener,
  Http1Acceptor,
  HttpExchange,
  TlsHandshake,
  TlsAcceptor,
};

// Since Node 20.13; the types are older.
const { queryObjects } = v8 as unknown as {
  queryObjects(constructor: object, options: { format: 'count' }): number;
};

describe('Connections that end in every way', function () {
  this.timeout(1_200_000);

  it('leave nothing behind', async () => {
    const arena = new Arena();
    await arena.open();
    const total = scaled(20_000);
    const waveSize = Math.ceil(total / WAVES);
    try {
      const before = resources();
      // Each way once, so that what is made once for all is there.
      await wave(arena, Object.keys(ways).length, 0);
      await settle(before);
      const objects = census();
      const all = countOf(Object);
      const listeners = arena.listeners();
      const memory: number[] = [];

      for (let number = 0; number < WAVES; number++) {
        const start = performance.now();
        await wave(arena, waveSize, number * waveSize);
        await settle(before);
        memory.push(memoryInUse());
        const rate = Math.round((1000 * waveSize) / (performance.now() - start));
        console.log(
          `      ${(number + 1) * waveSize} connections, ${rate} a second: ` +
            `${Math.round(memory.at(-1)! / 1024)} KiB in ${countOf(Object)} objects`,
        );
        expect(resources(), 'what keeps the process running').to.deep.equal(before);
      }

      expect(census(), 'objects').to.deep.equal(objects);
      expect(countOf(Object) - all, 'objects of any kind').to.be.at.most(OTHERS + total / 50);
      expect(arena.listeners(), 'listeners').to.deep.equal(listeners);
      const noise = NOISE + NOISE_EACH * total;
      expect(growthOf(memory), 'bytes that were not given back').to.be.at.most(noise);
    } finally {
      arena.close();
    }
  });
});

/** Goes `count` ways, beginning with that of the number `first`, some of them at a time. */
async function wave(arena: Arena, count: number, first: number): Promise<void> {
  const names = Object.keys(ways);
  let next = first;
  const walk = async (): Promise<void> => {
    while (next < first + count) {
      const name = names[next++ % names.length]!;
      await inTime(ways[name]!(arena), name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, walk));
}

async function inTime(way: Promise<void>, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It does not end: ${name}.`)), DEADLINE);
  });
  await Promise.race([way, late]).finally(() => clearTimeout(timer));
}

/** What keeps the process running. */
function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Immediate' && name !== 'TickObject')
    .toSorted();
}

/** Waits until all that a wave has opened is gone, for a while. */
async function settle(before: readonly string[]): Promise<void> {
  const giveUp = performance.now() + GONE_WITHIN;
  while (resources().length > before.length && performance.now() < giveUp) await setImmediate();
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}

/** How many objects of each class there are. */
function census(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(classes).map(([name, constructor]) => [name, countOf(constructor)]),
  );
}

/** How many objects there are that inherit from `constructor`, garbage left out. */
function countOf(constructor: object): number {
  return queryObjects(constructor, { format: 'count' });
}

/** By how much the memory grows, the first waves left out. */
function growthOf(memory: readonly number[]): number {
  const warm = memory.slice(Math.floor(memory.length / 4));
  // Least squares: what a single wave happens to find does not matter.
  const mean = warm.reduce((sum, value) => sum + value, 0) / warm.length;
  const middle = (warm.length - 1) / 2;
  let product = 0;
  let square = 0;
  for (const [at, value] of warm.entries()) {
    product += (at - middle) * (value - mean);
    square += (at - middle) ** 2;
  }
  return (product / square) * (warm.length - 1);
}
