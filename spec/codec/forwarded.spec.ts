import { expect } from 'chai';
import { readForwarded, type ForwardedRequest } from '../../lib/codec/forwarded.ts';
import { ForwardedHeader } from '../../lib/network/forwarded-header.ts';
import { TrustedProxies } from '../../lib/network/trusted-proxies.ts';

const proxies = new TrustedProxies(['192.0.2.1', '10.0.0.0/8', '2001:db8:1::/48']);
const gateway = { address: '192.0.2.1', port: 4711 };

function read(
  header: ForwardedHeader,
  fields: readonly string[],
  peer = gateway,
): ForwardedRequest {
  return readForwarded(fields, header, peer, (address) => proxies.trusts(address));
}

/** Whom the lists of one header name, through our gateway: address and port. */
function clientOf(header: ForwardedHeader, ...lists: string[]): string {
  const name = header === ForwardedHeader.Forwarded ? 'forwarded' : 'X-Forwarded-For';
  const { peer } = read(
    header,
    lists.flatMap((list) => [name, list]),
  );
  return `${peer.address} ${peer.port}`;
}

const itself = '192.0.2.1 4711';

describe('readForwarded()', () => {
  it('does not believe who is not trusted', () => {
    const stranger = { address: '203.0.113.9', port: 1 };
    const fields = ['X-Forwarded-For', '198.51.100.1', 'X-Forwarded-Proto', 'https'];

    expect(read(ForwardedHeader.XForwardedFor, fields, stranger)).to.deep.equal({
      peer: stranger,
      isSecure: undefined,
      authority: undefined,
    });
  });

  it('believes no header when it is told of none', () => {
    const fields = ['X-Forwarded-For', '198.51.100.1', 'Forwarded', 'for=198.51.100.1'];

    expect(read(ForwardedHeader.None, fields).peer).to.equal(gateway);
  });

  it('believes the one header that it is told of', () => {
    const fields = ['X-Forwarded-For', '198.51.100.1', 'Forwarded', 'for=198.51.100.2'];

    expect(read(ForwardedHeader.XForwardedFor, fields).peer.address).to.equal('198.51.100.1');
    expect(read(ForwardedHeader.Forwarded, fields).peer.address).to.equal('198.51.100.2');
  });

  describe('with X-Forwarded-For', () => {
    const rows: Record<string, [lists: string[], client: string]> = {
      'the gateway without it': [[], itself],
      'the gateway when it is empty': [['', ' , ,'], itself],
      'the only entry': [['198.51.100.1'], '198.51.100.1 0'],
      'the last entry, whatever stands before it': [
        ['127.0.0.1, 10.0.0.1, 198.51.100.1'],
        '198.51.100.1 0',
      ],
      'the entry before a trusted one': [['6.6.6.6, 198.51.100.1, 10.0.0.1'], '198.51.100.1 0'],
      'the entry before several trusted ones': [
        ['6.6.6.6,198.51.100.1', '10.0.0.1 ,\t10.0.0.2,2001:db8:1::5'],
        '198.51.100.1 0',
      ],
      'the first entry when all are trusted': [['10.0.0.3, 10.0.0.1'], '10.0.0.3 0'],
      'the last one in several lines': [['6.6.6.6', '198.51.100.1'], '198.51.100.1 0'],
      'an address of IPv6': [['2001:DB8:0::1'], '2001:db8::1 0'],
      'an address of IPv6 in brackets': [['[2001:db8::1]'], '2001:db8::1 0'],
      'an address of IPv6 with a port': [['[2001:db8::1]:8080'], '2001:db8::1 8080'],
      'an address of IPv4 with a port': [['198.51.100.1:65535'], '198.51.100.1 65535'],
      'a mapped address': [['::ffff:198.51.100.1'], '::ffff:198.51.100.1 0'],
      'the entry before a trusted one that is mapped': [
        ['198.51.100.1, ::ffff:10.0.0.1'],
        '198.51.100.1 0',
      ],
      'the gateway that hides its client': [['6.6.6.6, unknown'], itself],
      'the last proxy that is known': [['6.6.6.6, unknown, 10.0.0.1:80'], '10.0.0.1 80'],
      'the gateway behind what is no address': [['198.51.100.1, localhost'], itself],
      'the gateway behind a port that is too high': [['198.51.100.1:65536'], itself],
      'the gateway behind a port that is none': [['198.51.100.1:http'], itself],
      'the gateway behind brackets around IPv4': [['[198.51.100.1]'], itself],
      'the gateway behind a half-open bracket': [['[2001:db8::1'], itself],
      'the gateway behind five numbers': [['198.51.100.1.1'], itself],
      'the gateway behind an interface': [['fe80::1%eth0'], itself],
      'the last entry behind a quote that is never closed': [
        ['"6.6.6.6, 198.51.100.1'],
        '198.51.100.1 0',
      ],
    };
    for (const [what, [lists, client]] of Object.entries(rows)) {
      it(`takes ${what}`, () => {
        expect(clientOf(ForwardedHeader.XForwardedFor, ...lists)).to.equal(client);
      });
    }

    it('ends after 32 proxies', () => {
      const proxiesOf = (count: number): string =>
        Array.from({ length: count }, (_, i) => `10.0.0.${i + 1}`).join(', ');

      expect(clientOf(ForwardedHeader.XForwardedFor, `198.51.100.1, ${proxiesOf(31)}`)).to.equal(
        '198.51.100.1 0',
      );
      expect(clientOf(ForwardedHeader.XForwardedFor, `198.51.100.1, ${proxiesOf(32)}`)).to.equal(
        '10.0.0.1 0',
      );
    });

    function asked(...fields: string[]): [isSecure: boolean | undefined, authority?: string] {
      const { isSecure, authority } = read(ForwardedHeader.XForwardedFor, fields);
      return authority === undefined ? [isSecure] : [isSecure, authority];
    }

    it('says how the first trusted proxy was asked', () => {
      expect(
        asked(
          'X-Forwarded-For',
          '198.51.100.1',
          'X-FORWARDED-PROTO',
          'HTTPS',
          'X-Forwarded-Host',
          'a.example:8443',
        ),
      ).to.deep.equal([true, 'a.example:8443']);
      expect(asked('X-Forwarded-For', '198.51.100.1', 'X-Forwarded-Proto', 'http')).to.deep.equal([
        false,
      ]);
      expect(asked('X-Forwarded-Proto', 'wss')).to.deep.equal([true]);
      expect(asked('X-Forwarded-Proto', 'ws')).to.deep.equal([false]);
    });

    it('takes the entry in the same place, from the right', () => {
      const hops = ['X-Forwarded-For', '6.6.6.6, 198.51.100.1, 10.0.0.1'];

      expect(asked(...hops, 'X-Forwarded-Proto', 'http, https, http')).to.deep.equal([true]);
      expect(
        asked(
          ...hops,
          'X-Forwarded-Host',
          'evil.example',
          'X-Forwarded-Host',
          'a.example, b.example',
        ),
      ).to.deep.equal([undefined, 'a.example']);
    });

    it('takes what the first proxy has said when the others say nothing of their own', () => {
      const hops = ['X-Forwarded-For', '198.51.100.1, 10.0.0.1'];

      expect(asked(...hops, 'X-Forwarded-Proto', 'https')).to.deep.equal([true]);
    });

    it('takes nothing from other protocols, and from what is no host', () => {
      for (const host of ['a b', 'user@a.example', 'a.example/path', 'a.example:99999', '', ',']) {
        expect(asked('X-Forwarded-Proto', 'ftp', 'X-Forwarded-Host', host), host).to.deep.equal([
          undefined,
        ]);
      }
    });
  });

  describe('with Forwarded (RFC 7239)', () => {
    const rows: Record<string, [lists: string[], client: string]> = {
      'the gateway without it': [[], itself],
      'the example of section 4': [['for=192.0.2.60;proto=http;by=203.0.113.43'], '192.0.2.60 0'],
      'an address of IPv6 with a port': [
        ['For="[2001:db8:cafe::17]:4711"'],
        '2001:db8:cafe::17 4711',
      ],
      'an address of IPv4 with a port': [['for="198.51.100.1:4711"'], '198.51.100.1 4711'],
      'the entry before a trusted one': [
        ['for=6.6.6.6, for=198.51.100.1', 'for="10.0.0.1:1";by=_me'],
        '198.51.100.1 0',
      ],
      'a port that has a name': [['for="198.51.100.1:_web.1"'], '198.51.100.1 0'],
      'the gateway that does not know': [['for=6.6.6.6, for=unknown'], itself],
      'the gateway that hides its client': [['for=6.6.6.6, for=_SEVKISEK'], itself],
      'the gateway that says something else': [['for=6.6.6.6, proto=https'], itself],
      'the gateway behind a name that comes twice': [['for=198.51.100.1;for=6.6.6.6'], itself],
      'the gateway behind what is malformed': [['for=198.51.100.1;proto'], itself],
      'the gateway behind brackets without quotes': [['for=[2001:db8::1]'], itself],
      'a semicolon too many': [[';for=198.51.100.1; ;'], '198.51.100.1 0'],
      'the last entry behind a quote that is never closed': [
        ['for="6.6.6.6, for=198.51.100.1'],
        '198.51.100.1 0',
      ],
      'the last entry in quotes behind such a quote': [
        ['for="6.6.6.6, for="[2001:db8::1]"'],
        '2001:db8::1 0',
      ],
      'commas in quotes as they are': [
        ['for=6.6.6.6, for=198.51.100.1;host="a\\", for=6.6.6.7;x=\\"b"'],
        '198.51.100.1 0',
      ],
      'a backslash at the end of quotes as it is': [
        ['for=6.6.6.6;x="a\\\\", for=198.51.100.1'],
        '198.51.100.1 0',
      ],
      'the gateway behind a quote that it has never opened': [['for=198.51.100.1"'], itself],
    };
    for (const [what, [lists, client]] of Object.entries(rows)) {
      it(`takes ${what}`, () => {
        expect(clientOf(ForwardedHeader.Forwarded, ...lists)).to.equal(client);
      });
    }

    it('says how the first trusted proxy was asked, in the entry of its client', () => {
      const list =
        'for=6.6.6.6;proto=http;host=evil.example, ' +
        'for=198.51.100.1;proto=https;host="a.example:8443", ' +
        'for=10.0.0.1;proto=http;host=inside';

      const { isSecure, authority } = read(ForwardedHeader.Forwarded, ['Forwarded', list]);

      expect([isSecure, authority]).to.deep.equal([true, 'a.example:8443']);
    });

    it('believes a trusted proxy that hides its client about the rest', () => {
      const { peer, isSecure, authority } = read(ForwardedHeader.Forwarded, [
        'Forwarded',
        'for=_hidden;proto=https;host=a.example',
      ]);

      expect([peer, isSecure, authority]).to.deep.equal([gateway, true, 'a.example']);
    });
  });
});
