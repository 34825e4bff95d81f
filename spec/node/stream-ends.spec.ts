import { expect } from 'chai';
import { PassThrough, type Duplex } from 'node:stream';
import {
  carrierOf,
  carry,
  hasLostPeer,
  localEndOf,
  noteEnds,
  notePeer,
  peerOf,
} from '../../lib/node/stream-ends.ts';

describe('The ends of a stream', () => {
  const said = { address: '198.51.100.1', port: 5 };
  const gone = { address: '203.0.113.1', port: 443 };

  function socket(): Duplex {
    return Object.assign(new PassThrough(), {
      remoteAddress: '192.0.2.1',
      remotePort: 1,
      localAddress: '192.0.2.2',
      localPort: 2,
    });
  }

  it('are what it knows of them', () => {
    expect(peerOf(socket())).to.deep.equal({ address: '192.0.2.1', port: 1 });
    expect(localEndOf(socket())).to.deep.equal({ address: '192.0.2.2', port: 2 });
  });

  it('have no address where it knows of none', () => {
    expect(peerOf(new PassThrough())).to.deep.equal({ address: '', port: 0 });
    expect(localEndOf(new PassThrough())).to.deep.equal({ address: '', port: 0 });
  });

  it('are what was noted, whatever it knows itself', () => {
    const [first, second] = [socket(), new PassThrough()];
    notePeer(first, said.address, said.port);
    notePeer(second, gone.address, 0);

    expect(peerOf(first)).to.deep.equal(said);
    expect(localEndOf(first)).to.deep.equal({ address: '192.0.2.2', port: 2 });
    expect(peerOf(second)).to.deep.equal({ address: gone.address, port: 0 });
  });

  it('are what was said of them', () => {
    const stream = socket();
    notePeer(stream, '192.0.2.3', 3);
    noteEnds(stream, { peer: said, local: gone });

    expect([peerOf(stream), localEndOf(stream)]).to.deep.equal([said, gone]);
  });

  it('keep the local one when only another peer is said', () => {
    const [first, second] = [socket(), socket()];
    noteEnds(first, { peer: gone, local: gone });
    noteEnds(first, { peer: said });
    noteEnds(second, { peer: said });

    expect([peerOf(first), localEndOf(first)]).to.deep.equal([said, gone]);
    expect(localEndOf(second)).to.deep.equal({ address: '192.0.2.2', port: 2 });
  });

  it('are lost, and not without an address, when it was reset before anybody asked', () => {
    const reset = Object.assign(new PassThrough(), { localAddress: '192.0.2.2', localPort: 2 });

    expect(hasLostPeer(reset)).to.equal(true);
    expect(hasLostPeer(socket())).to.equal(false);
    expect(hasLostPeer(new PassThrough())).to.equal(false);
  });

  it('are those of the stream that it goes over, until more is said', () => {
    const [base, over] = [socket(), new PassThrough()];
    carry(over, base);
    noteEnds(base, { peer: gone, local: gone });

    expect(carrierOf(over)).to.equal(base);
    expect(carrierOf(base)).to.equal(base);
    expect([peerOf(over), localEndOf(over)]).to.deep.equal([gone, gone]);

    noteEnds(over, { peer: said });
    expect([peerOf(over), localEndOf(over)]).to.deep.equal([said, gone]);
    expect(peerOf(base)).to.deep.equal(gone);
  });
});
