import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connectLocal, connectTcp, dialling } from '../../../lib/node/routes/tcp.ts';
import { listenTo, readFrom } from '../../../lib/node/stream-listener.ts';
import { hasLocalSockets, LocalPath } from '../../support/local-path.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { RawPeer } from '../../support/raw-peer.ts';

describe('connectTcp()', () => {
  it('reads ahead as much as it is told, and leaves writing alone', async () => {
    const peer = await RawPeer.listen();
    const socket = connectTcp('127.0.0.1', peer.port, { readBufferSize: 0 });
    const bounded = connectTcp('127.0.0.1', peer.port, { readBufferSize: 1234 });

    expect(bounded.readableHighWaterMark).to.equal(1234);
    expect(bounded.writableHighWaterMark).to.equal(socket.writableHighWaterMark);
    expect(socket.readableHighWaterMark).to.be.above(1234);
    expect(socket.allowHalfOpen).to.equal(true);
    socket.destroy();
    bounded.destroy();
    peer.close();
  });

  const readers: [carriesTls: boolean, title: string, ways: string[]][] = [
    [false, 'reads into the one buffer of all', ['lent']],
    [true, 'leaves reading to TLS', ['own']],
  ];
  for (const [carriesTls, title, ways] of readers) {
    it(title, async () => {
      const server = createServer((other) => other.end('hello'));
      const port = await listenOnLoopback(server);
      const socket = connectTcp('127.0.0.1', port, { readBufferSize: 0, carriesTls });
      const used: string[] = [];
      listenTo(socket, {
        takesLent: true,
        receivedLent: () => void used.push('lent'),
        received: () => void used.push('own'),
        ended() {},
        failed() {},
        closed() {},
      });
      readFrom(socket);

      await once(socket, 'end');

      expect(used).to.deep.equal(ways);
      socket.destroy();
      server.close();
    });
  }
});

(hasLocalSockets ? describe : describe.skip)('connectLocal()', () => {
  it('reaches a Unix-domain socket, and reads ahead as much as it is told', async () => {
    const place = new LocalPath();
    const server = createServer((other) => other.end('hello')).listen(place.path);
    await once(server, 'listening');
    const socket = connectLocal(place.path, { readBufferSize: 1234 });
    const [chunk] = (await once(socket, 'data')) as [Buffer];

    expect(chunk.toString()).to.equal('hello');
    expect(socket.readableHighWaterMark).to.equal(1234);
    expect(socket.allowHalfOpen).to.equal(true);
    socket.destroy();
    server.close();
    place.remove();
  });
});

describe('dialling()', () => {
  it('waits for the resolver first, and then for the peer', async () => {
    const peer = await RawPeer.listen();
    const socket = connectTcp('localhost', peer.port, { readBufferSize: 0 });
    // Nobody may listen to the other address of the name.
    socket.on('error', () => {});

    expect(dialling(socket, 'localhost:1')).to.equal('looking up localhost:1');
    await once(socket, 'lookup');
    expect(dialling(socket, 'localhost:1')).to.equal('connecting to localhost:1');
    socket.destroy();
    peer.close();
  });

  it('looks up no address', async () => {
    const peer = await RawPeer.listen();
    const socket = connectTcp('127.0.0.1', peer.port, { readBufferSize: 0 });

    expect(dialling(socket, '127.0.0.1:1')).to.equal('connecting to 127.0.0.1:1');
    socket.destroy();
    peer.close();
  });
});
