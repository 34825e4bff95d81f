import { expect } from 'chai';
import fc from 'fast-check';
import { parseProxies } from '../../lib/electron/proxy-answer.ts';
import { ProxyType, type QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';

const DIRECT = '2://:0';
const UNUSABLE = '4://:0';

/** `type://host:port`, and the type is `3s` for an encrypted proxy. */
function text(proxy: QNetworkProxy): string {
  return `${proxy.type()}${proxy.isEncrypted() ? 's' : ''}://${proxy.hostName()}:${proxy.port()}`;
}

describe('parseProxies()', () => {
  const answers: [answer: string, expected: string[]][] = [
    ['', [DIRECT]],
    [' ; ', [DIRECT]],
    ['DIRECT', [DIRECT]],
    ['direct', [DIRECT]],
    ['PROXY p.example:3128', ['3://p.example:3128']],
    ['HTTP p.example:3128', ['3://p.example:3128']],
    ['HTTPS p.example:8443', ['3s://p.example:8443']],
    ['SOCKS5 p.example:1081', ['1://p.example:1081']],
    ['PROXY p.example', ['3://p.example:80']],
    ['HTTPS p.example', ['3s://p.example:443']],
    ['SOCKS5 p.example', ['1://p.example:1080']],
    ['PROXY 127.0.0.1:1', ['3://127.0.0.1:1']],
    ['SOCKS5 [::1]:1080', ['1://::1:1080']],
    ['PROXY a:1; SOCKS5 b:2; DIRECT', ['3://a:1', '1://b:2', DIRECT]],
    ['PROXY a:1;PROXY b:2;', ['3://a:1', '3://b:2']],
    ['  proxy\ta:1  ', ['3://a:1']],
    // What cannot be used is passed over, as long as there is something else.
    ['SOCKS a:1; PROXY b:2', ['3://b:2']],
    ['SOCKS4 a:1; DIRECT', [DIRECT]],
    ['QUIC a:1; HTTPS a:1', ['3s://a:1']],
    // Not to go through a proxy because it is not understood would be worse than to fail.
    ['SOCKS a:1', [UNUSABLE]],
    ['SOCKS4 a:1; QUIC b:2', [UNUSABLE]],
    ['PROXY', [UNUSABLE]],
    ['PROXY :3128', [UNUSABLE]],
    ['PROXY a:0', [UNUSABLE]],
    ['PROXY a:65536', [UNUSABLE]],
    ['PROXY a:b', [UNUSABLE]],
    ['PROXY a b', [UNUSABLE]],
    ['PROXY user:secret@a:1', [UNUSABLE]],
    ['PROXY http://a:1', [UNUSABLE]],
    ['toString a:1', [UNUSABLE]],
  ];
  for (const [answer, expected] of answers) {
    it(`reads ${JSON.stringify(answer)}`, () => {
      expect(parseProxies(answer).map(text)).to.deep.equal(expected);
    });
  }

  it('reads what it can write', () => {
    const names = new Map([
      ['PROXY', '3'],
      ['HTTPS', '3s'],
      ['SOCKS5', '1'],
    ]);
    const entry = fc.record({
      kind: fc.constantFrom(...names.keys()),
      host: fc.oneof(fc.domain(), fc.ipV4()),
      port: fc.integer({ min: 1, max: 65_535 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), (entries) => {
        const answer = entries.map(({ kind, host, port }) => `${kind} ${host}:${port}`).join('; ');

        expect(parseProxies(answer).map(text)).to.deep.equal(
          entries.map(({ kind, host, port }) => `${names.get(kind)}://${host}:${port}`),
        );
      }),
    );
  });

  it('never throws, never goes direct unasked, and never gives an endless list', () => {
    const noise = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('PROXY', 'SOCKS', ' ', ':', ';', '[', ']', '@', 'a', '1', '\0'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(noise, (answer) => {
        const proxies = parseProxies(answer);

        expect(proxies.length).to.be.within(1, 64);
        const isAsked = /direct/i.test(answer) || /^[\s;]*$/.test(answer);
        const isDirect = proxies.some((proxy) => proxy.type() === ProxyType.NoProxy);
        expect(isDirect && !isAsked).to.equal(false);
      }),
    );
  });
});
