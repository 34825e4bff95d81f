import { expect } from 'chai';
import fc from 'fast-check';
import { isIPv4, isIPv6 } from 'node:net';
import { NetworkLayerProtocol } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';

const nearlyAddress = fc
  .array(
    fc.constantFrom('::', ':', '.', '0', '1', '255', '256', '01', 'ffff', 'g', '%', 'lo', '0db8'),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(''));

describe('QHostAddress, for any text', () => {
  it('reads back what it writes', () => {
    const groups = fc.array(fc.constantFrom('0', '0', '1', 'ffff', 'AB'), {
      minLength: 8,
      maxLength: 8,
    });
    const texts = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      groups.map((parts) => parts.join(':')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const address = new QHostAddress(text);
        const again = new QHostAddress(address.toString());

        expect(address.isNull()).to.equal(false);
        expect(again.equals(address)).to.equal(true);
        expect(again.toString()).to.equal(address.toString());
        expect([...again.toIPv6Address()]).to.deep.equal([...address.toIPv6Address()]);
      }),
    );
  });

  it('agrees with node:net on what is an address', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyAddress, fc.ipV4Extended(), fc.string()), (text) => {
        const protocol = new QHostAddress(text).protocol();

        expect(protocol === NetworkLayerProtocol.IPv4Protocol).to.equal(isIPv4(text));
        if (!text.includes('%')) {
          expect(protocol === NetworkLayerProtocol.IPv6Protocol).to.equal(isIPv6(text));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("writes IPv6 as the platform's URL does", () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const address = new QHostAddress(text);
        fc.pre(address.toIPv4Address() === undefined);

        expect(`[${address.toString()}]`).to.equal(new URL(`ws://[${text}]/`).hostname);
      }),
    );
  });
});
