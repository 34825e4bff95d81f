import { expect } from 'chai';
import { connectTcp } from '../../../lib/node/routes/tcp.ts';
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
