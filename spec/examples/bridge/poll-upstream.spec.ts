import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { MAX_BODY, PollUpstream } from '../../../examples/bridge/poll-upstream.ts';
import type { Timers } from '../../../examples/bridge/upstream.ts';
import { BackOff } from '../../../examples/support/back-off.ts';
import { freePort, listenOnLoopback } from '../../support/ports.ts';
import { RecordedEvents } from './recorded-events.ts';

describe('PollUpstream', () => {
  let server: Server;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let events: RecordedEvents;
  let upstream: PollUpstream;
  /** The wait before the next request. */
  let waits: { delay: number; end: () => void }[];

  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response));
    url = `http://127.0.0.1:${await listenOnLoopback(server)}/state`;
    answer = (_, response) => response.end('one');
    events = new RecordedEvents();
    waits = [];
    const timers = {
      setTimeout: (end: () => void, delay: number) => waits.push({ end, delay }),
      clearTimeout: () => (waits = []),
    } as unknown as Timers;
    upstream = new PollUpstream(url, 700, new BackOff(() => 1), timers);
  });

  afterEach(() => {
    upstream.stop();
    server.close();
    server.closeAllConnections();
  });

  /** Waits until the answer was taken, then for the answer to the next request. */
  async function poll(): Promise<void> {
    while (waits.length === 0) await setImmediate();
    waits.shift()!.end();
    while (waits.length === 0) await setImmediate();
  }

  it('tells the first body', async () => {
    upstream.start(events);

    expect(await events.count(2)).to.deep.equal(['connected', 'one']);
    expect(upstream.name).to.equal(`poll ${url}`);
  });

  it('keeps what the query says out of its name', () => {
    upstream = new PollUpstream('http://service.example/state?key=secret#part', 700);

    expect(upstream.name).to.equal('poll http://service.example/state');
  });

  it('asks again after the interval', async () => {
    upstream.start(events);
    await poll();

    expect(waits[0]!.delay).to.equal(700);
  });

  it('tells a body only when it is another one', async () => {
    const bodies = ['one', 'one', 'two', 'two', 'one'];
    answer = (_, response) => response.end(bodies.shift());
    upstream.start(events);

    for (let count = 0; count < 4; count += 1) await poll();

    expect(events.all).to.deep.equal(['connected', 'one', 'two', 'one']);
  });

  it('tells a body that is empty', async () => {
    answer = (_, response) => response.end();
    upstream.start(events);

    expect(await events.count(2)).to.deep.equal(['connected', '']);
  });

  it('asks for what has changed only, where the server knows', async () => {
    const asked: (string | undefined)[] = [];
    answer = (request, response) => {
      asked.push(request.headers['if-none-match']);
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else response.setHeader('etag', '"1"').end('one');
    };
    upstream.start(events);

    await poll();
    await poll();

    expect(asked).to.deep.equal([undefined, '"1"', '"1"']);
    expect(events.all).to.deep.equal(['connected', 'one']);
  });

  it('goes by the date where there is no tag', async () => {
    const date = 'Fri, 20 Nov 2026 14:30:00 GMT';
    const asked: (string | undefined)[] = [];
    answer = (request, response) => {
      asked.push(request.headers['if-modified-since']);
      response.setHeader('last-modified', date).end('one');
    };
    upstream.start(events);

    await poll();

    expect(asked).to.deep.equal([undefined, date]);
  });

  it('tells of errors, waits longer each time, and is back with the next answer', async () => {
    let status = 503;
    answer = (_, response) => response.writeHead(status).end('one');
    upstream.start(events);
    await poll();
    await poll();
    expect(events.all).to.deep.equal([
      'lost: The server answers 503. 700',
      'lost: The server answers 503. 1000',
      'lost: The server answers 503. 2000',
    ]);

    status = 200;
    await poll();

    expect(events.all.slice(3)).to.deep.equal(['connected', 'one']);
    expect(waits[0]!.delay).to.equal(700);
  });

  it('does not repeat a body that is the same after an error', async () => {
    const statuses = [200, 500, 200];
    answer = (_, response) => response.writeHead(statuses.shift()!).end('one');
    upstream.start(events);

    await poll();
    await poll();

    expect(events.all).to.deep.equal([
      'connected',
      'one',
      'lost: The server answers 500. 700',
      'connected',
    ]);
  });

  it('tells why there is no answer', async () => {
    // Port 1, where nobody listens, is one that fetch() does not go to.
    const port = await freePort();
    upstream = new PollUpstream(`http://127.0.0.1:${port}/`, 700, new BackOff(() => 1));

    upstream.start(events);

    const reason = `connect ECONNREFUSED 127.0.0.1:${port}.`;
    expect(await events.count(1)).to.deep.equal([`lost: ${reason} 700`]);
  });

  it('reads a body of the greatest length, and none that is longer', async () => {
    let length = MAX_BODY;
    answer = (_, response) => response.end('x'.repeat(length));
    upstream.start(events);
    await events.count(2);
    expect(events.all[1]).to.have.lengthOf(MAX_BODY);

    length += 1;
    await poll();

    expect(events.all[2]).to.equal('lost: The body is longer than 1048576 bytes. 700');
  });

  it('reads no more of a body that does not end', async () => {
    let closed: Promise<unknown> | undefined;
    answer = (_, response) => {
      closed = once(response, 'close');
      const fill = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', fill);
      };
      fill();
    };
    upstream.start(events);

    await events.count(1);

    expect(events.all[0]).to.match(/^lost: The body is longer/);
    await closed;
  });

  it('tells nothing after it was stopped, and lets go of a request under way', async () => {
    const asked = new Promise<ServerResponse>((resolve) => {
      answer = (_, response) => resolve(response);
    });
    upstream.start(events);
    const response = await asked;

    upstream.stop();
    await once(response, 'close');

    expect(events.all).to.deep.equal([]);
    expect(waits).to.deep.equal([]);
  });
});
