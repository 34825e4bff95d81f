import { expect } from 'chai';
import fc from 'fast-check';
import { proxyFromUrl } from '../../lib/network/proxy-from-url.ts';

/** Type, `s` for a way that is encrypted, user, host and port. */
function shown(text: string): string | undefined {
  const proxy = proxyFromUrl(text);
  if (proxy === undefined) return undefined;
  const login = proxy.user() === '' ? '' : `${proxy.user()}:${proxy.password()}@`;
  const encrypted = proxy.isEncrypted() ? 's' : '';
  return `${proxy.type()}${encrypted}://${login}${proxy.hostName()}:${proxy.port()}`;
}

describe('proxyFromUrl()', () => {
  const proxies: Record<string, string | undefined> = {
    'http://p.example': '3://p.example:80',
    'HTTP://P.example:3128/': '3://p.example:3128',
    'https://p.example': '3s://p.example:443',
    'https://joe:pw@p.example:3128': '3s://joe:pw@p.example:3128',
    'p.example': '3://p.example:80',
    'p.example:3128': '3://p.example:3128',
    'joe:pw@p.example:3128': '3://joe:pw@p.example:3128',
    'http://joe:pw@p.example:3128': '3://joe:pw@p.example:3128',
    'http://d%5Cjoe:p%40%3A%25w@p.example': '3://d\\joe:p@:%w@p.example:80',
    'http://joe@p.example': '3://joe:@p.example:80',
    'http://[::1]:3128': '3://::1:3128',
    'socks5://p.example': '1://p.example:1080',
    'socks5h://joe:pw@p.example:9050': '1://joe:pw@p.example:9050',
    'socks4://p.example': undefined,
    'ftp://p.example': undefined,
    'constructor://p.example': undefined,
    'http://': undefined,
    'http://p.example:99999': undefined,
    'http://p q': undefined,
    '': undefined,
  };
  for (const [text, expected] of Object.entries(proxies)) {
    it(`takes ${JSON.stringify(text)} for ${expected ?? 'no proxy'}`, () => {
      expect(shown(text)).to.equal(expected);
    });
  }

  it('throws for no text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(() => proxyFromUrl(text)).not.to.throw();
      }),
    );
  });
});
