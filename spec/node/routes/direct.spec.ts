import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { SocketError } from '../../../lib/network/qabstractsocket.ts';
import { directRoute, localRoute } from '../../../lib/node/routes/direct.ts';
import type { Route, RouteEvents } from '../../../lib/node/routes/route.ts';
import type { SocketFailure } from '../../../lib/node/socket-errors.ts';
import { hasLocalSockets, LocalPath } from '../../support/local-path.ts';
import { NOBODY } from '../../support/ports.ts';
import { RawPeer } from '../../support/raw-peer.ts';
import { uncaughtErrors } from '../../support/uncaught.ts';

/** Remembers how it went. */
class RecordingRouteEvents implements RouteEvents {
  readonly failures: SocketFailure[] = [];
  readonly streams: Duplex[] = [];
  /** Resolves when the attempt has come to an end. */
  readonly over: Promise<void>;
  #end = (): void => {};

  constructor() {
    this.over = new Promise((resolve) => (this.#end = resolve));
  }

  routed(stream: Duplex, early: Buffer): void {
    expect(early).to.have.lengthOf(0);
    this.streams.push(stream);
    this.#end();
  }

  routeFailed(failure: SocketFailure): void {
    this.failures.push(failure);
    this.#end();
  }

  proxyAuthenticationRequired(): void {}
}

describe('directRoute()', () => {
  let peer: RawPeer;
  let events: RecordingRouteEvents;

  beforeEach(async () => {
    peer = await RawPeer.listen();
    events = new RecordingRouteEvents();
  });

  afterEach(() => {
    for (const stream of events.streams) stream.destroy();
    peer.close();
  });

  function start(host = '127.0.0.1', readBufferSize = 0, port = peer.port): Route {
    const route = directRoute(host, port, { readBufferSize }, events);
    route.start();
    return route;
  }

  it('hands over a stream to the peer, paused and without listeners', async () => {
    start();
    expect(events.streams).to.deep.equal([]);
    await events.over;
    const [stream] = events.streams;
    const connection = await peer.next();
    stream!.write('hello');

    expect((await connection.read(5)).toString()).to.equal('hello');
    expect(stream!.isPaused()).to.equal(true);
    for (const event of ['connect', 'data', 'error', 'close']) {
      expect(stream!.listenerCount(event), event).to.equal(0);
    }
  });

  it('looks names up', async () => {
    const route = start('localhost');
    await events.over;

    expect(route.socket?.remotePort).to.equal(peer.port);
  });

  it('can still write when the peer has ended its side', async () => {
    start();
    const connection = await peer.next();
    connection.socket.end();
    await events.over;
    const [stream] = events.streams;
    stream!.resume();
    await once(stream!, 'end');
    stream!.end('last');

    expect((await connection.read(4)).toString()).to.equal('last');
    await connection.ended;
  });

  it('finds nobody at a port that nobody listens to', async () => {
    start('127.0.0.1', 0, NOBODY);
    await events.over;

    expect(events.failures).to.have.lengthOf(1);
    expect(events.failures[0]).to.deep.include({
      error: SocketError.ConnectionRefusedError,
      description: 'Connection refused',
    });
  });

  it('finds no host without a name', async () => {
    start('');
    expect(events.failures).to.deep.equal([]);
    await events.over;

    expect(events.failures).to.have.lengthOf(1);
    expect(events.failures[0]).to.deep.include({
      error: SocketError.HostNotFoundError,
      description: 'Host not found',
    });
  });

  for (const host of ['127.0.0.1', '']) {
    it(`tells nothing when it is given up at once, with the host "${host}"`, async () => {
      const errors = await uncaughtErrors(async () => {
        const route = start(host);
        route.cancel();
        route.cancel();
        await setImmediate();
      });

      expect(errors).to.deep.equal([]);
      expect([events.failures, events.streams]).to.deep.equal([[], []]);
    });
  }

  it('leaves a stream alone that was handed over', async () => {
    const route = start();
    await events.over;
    route.cancel();

    expect(events.streams[0]!.destroyed).to.equal(false);
  });
});

(hasLocalSockets ? describe : describe.skip)('localRoute()', () => {
  let place: LocalPath;
  let events: RecordingRouteEvents;

  beforeEach(() => {
    place = new LocalPath();
    events = new RecordingRouteEvents();
  });

  afterEach(() => {
    for (const stream of events.streams) stream.destroy();
    place.remove();
  });

  function start(path = place.path): Route {
    const route = localRoute(path, { readBufferSize: 0 }, events);
    route.start();
    return route;
  }

  it('hands over a stream to the server', async () => {
    const server = createServer().listen(place.path);
    await once(server, 'listening');
    const arrival = once(server, 'connection') as Promise<[Socket]>;
    start();
    await events.over;
    const [other] = await arrival;
    events.streams[0]!.write('hello');
    const [chunk] = (await once(other, 'data')) as [Buffer];
    other.destroy();
    server.close();

    expect(chunk.toString()).to.equal('hello');
    expect(events.streams[0]!.isPaused()).to.equal(true);
  });

  it('finds nobody where there is no such socket', async () => {
    start();
    await events.over;

    expect(events.failures).to.have.lengthOf(1);
    expect(events.failures[0]).to.deep.include({
      error: SocketError.HostNotFoundError,
      description: 'Host not found',
    });
  });

  it('finds nobody at a socket that was left behind', async () => {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(place.path, '');
    start();
    await events.over;

    expect(events.failures).to.have.lengthOf(1);
  });

  for (const path of ['', '/', `/${'x'.repeat(500)}`, 'a\0b']) {
    it(`fails with the name ${JSON.stringify(path.slice(0, 10))}, and does not throw`, async () => {
      const errors = await uncaughtErrors(async () => {
        start(path);
        expect(events.failures).to.deep.equal([]);
        await events.over;
      });

      expect(errors).to.deep.equal([]);
      expect(events.failures).to.have.lengthOf(1);
    });
  }
});
