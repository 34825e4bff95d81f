import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { TcpUpstream } from '../../../examples/bridge/tcp-upstream.ts';
import type { Timers } from '../../../examples/bridge/upstream.ts';
import { BackOff } from '../../../examples/support/back-off.ts';
import { listenOnLoopback, NOBODY } from '../../support/ports.ts';
import { RecordedEvents } from './recorded-events.ts';

describe('TcpUpstream', () => {
  let server: Server;
  let port: number;
  let accepted: Socket[];
  let events: RecordedEvents;
  let upstream: TcpUpstream;
  /** Ends the wait before the next attempt; undefined while there is none. */
  let retry: (() => void) | undefined;

  beforeEach(async () => {
    accepted = [];
    server = createServer((socket) => {
      accepted.push(socket);
      socket.on('error', () => {});
    });
    port = await listenOnLoopback(server);
    events = new RecordedEvents();
    retry = undefined;
    const timers = {
      setTimeout: (work: () => void) => (retry = work),
      clearTimeout: () => (retry = undefined),
    } as unknown as Timers;
    upstream = new TcpUpstream('127.0.0.1', port, new BackOff(() => 1), timers);
  });

  afterEach(() => {
    upstream.stop();
    server.close();
    for (const socket of accepted) socket.destroy();
  });

  /** The service's end of the next connection. */
  async function connection(): Promise<Socket> {
    const count = accepted.length;
    while (accepted.length === count) await setImmediate();
    return accepted[count]!;
  }

  it('is called by its place', () => {
    expect(upstream.name).to.equal(`tcp 127.0.0.1:${port}`);
    expect(new TcpUpstream('::1', 7000).name).to.equal('tcp [::1]:7000');
  });

  it('tells each line', async () => {
    upstream.start(events);
    const service = await connection();

    service.write('one\ntw');
    await events.count(2);
    service.write('o\r\nthree\n');

    expect(await events.count(4)).to.deep.equal(['connected', 'one', 'two', 'three']);
  });

  it('connects again after the service has gone, and loses nothing that it has said', async () => {
    upstream.start(events);
    (await connection()).end('last words');
    expect(await events.count(3)).to.deep.equal([
      'connected',
      'last words',
      'lost: The service has closed the connection. 500',
    ]);

    retry?.();
    (await connection()).write('again\n');

    expect((await events.count(5)).slice(3)).to.deep.equal(['connected', 'again']);
  });

  it('waits no longer than before for a service that has spoken', async () => {
    upstream.start(events);
    for (let count = 1; count <= 2; count += 1) {
      (await connection()).end('word\n');
      await events.count(3 * count);
      retry?.();
    }

    const reason = 'lost: The service has closed the connection.';
    expect([events.all[2], events.all[5]]).to.deep.equal([`${reason} 500`, `${reason} 500`]);
  });

  it('waits longer each time for a service that says nothing', async () => {
    upstream.start(events);
    for (let count = 1; count <= 3; count += 1) {
      (await connection()).end();
      await events.count(2 * count);
      retry?.();
    }

    const reason = 'lost: The service has closed the connection.';
    expect(events.all).to.deep.equal([
      'connected',
      `${reason} 500`,
      'connected',
      `${reason} 1000`,
      'connected',
      `${reason} 2000`,
    ]);
  });

  it('tells why there is no connection', async () => {
    upstream = new TcpUpstream('127.0.0.1', NOBODY, new BackOff(() => 1));
    upstream.start(events);

    expect(await events.count(1)).to.deep.equal(['lost: connect ECONNREFUSED 127.0.0.1:1. 500']);
  });

  it('skips lines that are too long', async () => {
    upstream.start(events);
    const service = await connection();

    service.write(`${'x'.repeat(70_000)}\nnext\n`);

    expect(await events.count(3)).to.deep.equal([
      'connected',
      'skipped: A line is longer than 65536 bytes.',
      'next',
    ]);
  });

  it('sends lines', async () => {
    upstream.start(events);
    const service = await connection();
    await events.count(1);

    expect(upstream.send('set 21')).to.equal(true);

    const [bytes] = (await once(service, 'data')) as [Buffer];
    expect(bytes.toString()).to.equal('set 21\n');
  });

  it('sends none while there is no connection', async () => {
    expect(upstream.send('early')).to.equal(false);
    upstream.start(events);
    expect(upstream.send('early')).to.equal(false);
    (await connection()).end();
    await events.count(2);

    expect(upstream.send('late')).to.equal(false);
  });

  it('sends no more to a service that does not read than the system takes, and a little', async () => {
    upstream.start(events);
    (await connection()).pause();
    await events.count(1);

    let sent = 0;
    while (sent < 100_000 && upstream.send('x'.repeat(1000))) sent += 1;

    expect(sent).to.be.greaterThan(0).and.lessThan(100_000);
  });

  it('tells nothing after it was stopped, and does not come back', async () => {
    upstream.start(events);
    const service = await connection();
    await events.count(1);

    upstream.stop();
    await once(service, 'close');

    expect(events.all).to.deep.equal(['connected']);
    expect(retry).to.equal(undefined);
  });

  it('stops while it waits', async () => {
    upstream.start(events);
    (await connection()).end();
    await events.count(2);

    upstream.stop();

    expect(retry).to.equal(undefined);
  });
});
