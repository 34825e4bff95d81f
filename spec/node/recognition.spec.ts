import { expect } from 'chai';
import { PassThrough, type Duplex } from 'node:stream';
import { isTrusted, mayBeForwarded, recognize } from '../../lib/node/recognition.ts';
import { peerOf } from '../../lib/node/stream-ends.ts';
import { ForwardedHeader } from '../../lib/network/forwarded-header.ts';
import { TrustedProxies } from '../../lib/network/trusted-proxies.ts';

const FIELDS = ['X-Forwarded-For', '198.51.100.1:5', 'X-Forwarded-Host', 'a.example'];

describe('recognition', () => {
  const trust = {
    isSecure: true,
    trustedProxies: new TrustedProxies(['192.0.2.1', 'unix:']),
    forwardedHeader: ForwardedHeader.XForwardedFor,
  };

  function from(ends: object): Duplex {
    return Object.assign(new PassThrough(), ends);
  }

  const gateway = (): Duplex => from({ remoteAddress: '192.0.2.1', remotePort: 1 });
  const stranger = (): Duplex => from({ remoteAddress: '192.0.2.2', remotePort: 1 });

  it('trusts the proxies that it is told to', () => {
    expect(isTrusted(gateway(), trust)).to.equal(true);
    expect(isTrusted(stranger(), trust)).to.equal(false);
    expect(isTrusted(gateway(), { isSecure: true })).to.equal(false);
  });

  it('tells a peer that has no address from one that is gone', () => {
    expect(isTrusted(from({}), trust)).to.equal(true);
    expect(isTrusted(from({ localAddress: '192.0.2.9' }), trust)).to.equal(false);
  });

  it('waits for a header of trusted proxies alone, and if there is to be one', () => {
    expect(mayBeForwarded(gateway(), trust)).to.equal(true);
    expect(mayBeForwarded(stranger(), trust)).to.equal(false);
    expect(mayBeForwarded(gateway(), { ...trust, forwardedHeader: ForwardedHeader.None })).to.equal(
      false,
    );
  });

  it('notes whom a trusted proxy names', () => {
    const stream = gateway();

    expect(recognize(stream, FIELDS, trust)).to.deep.equal({
      isSecure: true,
      authority: 'a.example',
    });
    expect(peerOf(stream)).to.deep.equal({ address: '198.51.100.1', port: 5 });
  });

  it('believes a proxy that says how it was asked', () => {
    const fields = [...FIELDS, 'X-Forwarded-Proto', 'http'];

    expect(recognize(gateway(), fields, trust).isSecure).to.equal(false);
  });

  it('notes nothing of others', () => {
    const stream = stranger();

    expect(recognize(stream, FIELDS, trust)).to.deep.equal({
      isSecure: true,
      authority: undefined,
    });
    expect(peerOf(stream)).to.deep.equal({ address: '192.0.2.2', port: 1 });
  });
});
