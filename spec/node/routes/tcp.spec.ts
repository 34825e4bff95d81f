import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connectLocal, connectTcp } from '../../../lib/node/routes/tcp.ts';
import { hasLocalSockets, LocalPath } from '../../support/local-path.ts';
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
