import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { useFakeTimers } from 'sinon';
import type { Step, Timers } from '../../../examples/stockticker/feed.ts';
import { PriceMaker } from '../../../examples/stockticker/price-maker.ts';
import { StockServer } from '../../../examples/stockticker/stockserver.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { Peer } from '../support/peer.ts';

/** What the system itself holds of an unread connection is less than this, in bytes. */
const MORE_THAN_THE_SYSTEM_BUFFERS = 16 * 1024 * 1024;

describe('StockServer', function () {
  this.timeout(60_000);

  let http: Server;
  let server: StockServer;
  let feed: string;
  let price: number;
  let tick: () => void;

  beforeEach(async () => {
    price = 1000;
    const source = {
      openings: new Map([
        ['AAPL', 1000],
        ['MSFT', 400],
      ]),
      next: (): Step => ({ symbol: 'AAPL', price: (price += 1), pause: 0 }),
    };
    const timers = {
      setTimeout: (step: () => void) => (tick = step),
      clearTimeout: () => {},
    } as unknown as Timers;
    http = createServer();
    feed = `ws://127.0.0.1:${await listenOnLoopback(http)}/feed`;
    server = new StockServer(source.openings.keys());
    server.start(http);
    new PriceMaker(source, (quote) => server.publish(quote), timers).start();
  });

  afterEach(async () => {
    Peer.killAll();
    http.close();
    await server.shutDown();
  });

  it('leaves out prices for a client that does not read, and ends with the latest', async () => {
    const slow = await Peer.connect(feed);
    slow.send({ type: 'subscribe', symbols: ['AAPL', 'MSFT'] });
    await slow.next();
    const messageLength = JSON.stringify({
      type: 'price',
      symbol: 'AAPL',
      price,
      time: Date.now(),
      change: price,
    }).length;
    const steps = Math.ceil(MORE_THAN_THE_SYSTEM_BUFFERS / messageLength);

    slow.socket.pause();
    for (let step = 0; step < steps; step += 1) {
      tick();
      if (step % 1000 === 0) await setImmediate();
    }
    // The feed has drawn its next step already when it plays one.
    const latest = price - 1;
    slow.socket.resume();

    let received = 0;
    let last: unknown;
    while (last !== latest) {
      last = (await slow.nextObject())['price'];
      received += 1;
    }
    expect(received).to.be.lessThan(steps);
    slow.send({ type: 'ping', id: 1 });
    expect(await slow.nextObject()).to.deep.equal({ type: 'pong', id: 1 });
  });

  it('closes with 1008 when a client asks on and on and never reads', async () => {
    const greedy = await Peer.connect(feed);
    const request = JSON.stringify({ type: 'subscribe', symbols: ['AAPL', 'MSFT'] });

    greedy.socket.pause();
    for (let sent = 0; sent < MORE_THAN_THE_SYSTEM_BUFFERS; sent += request.length) {
      greedy.send(request);
    }
    while (greedy.socket.bufferedAmount > 0) await setImmediate();
    greedy.socket.resume();

    expect(await greedy.closed).to.deep.equal([1008, 'Too many unread replies.']);
  });

  it('shuts down without a client that never says goodbye', async () => {
    const silent = await Peer.connect(feed);
    silent.send({ type: 'list' });
    await silent.next();
    silent.socket.pause();
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });

    try {
      const isDown = server.shutDown();
      await clock.tickAsync(60_000);
      await isDown;
    } finally {
      clock.restore();
    }

    silent.socket.resume();
    expect(await silent.closed).to.deep.equal([1001, 'Server is shutting down.']);
  });
});
