import { expect } from 'chai';
import { proxiesFromEnvironment, type Environment } from '../../lib/network/environment-proxies.ts';
import { ProxyType, type QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkProxyQuery } from '../../lib/network/qnetworkproxyquery.ts';

const DIRECT = '2://:0';

/** `type://user:password@host:port`, and the type is `3s` for an encrypted proxy. */
function text(proxy: QNetworkProxy): string {
  const type = `${proxy.type()}${proxy.isEncrypted() ? 's' : ''}`;
  const login = `${proxy.user()}:${proxy.password()}@`;
  return `${type}://${login === ':@' ? '' : login}${proxy.hostName()}:${proxy.port()}`;
}

function ask(url: string, env: Environment): string {
  const proxies = proxiesFromEnvironment(new QNetworkProxyQuery(url), env);
  expect(proxies).to.have.lengthOf(1);
  return text(proxies[0]!);
}

describe('proxiesFromEnvironment()', () => {
  const choices: [url: string, env: Environment, expected: string][] = [
    ['ws://a.example', {}, DIRECT],
    ['ws://a.example', { http_proxy: '' }, DIRECT],
    ['http://a.example', { http_proxy: 'http://p:1' }, '3://p:1'],
    ['ws://a.example', { http_proxy: 'http://p:1' }, '3://p:1'],
    ['ws://a.example', { HTTP_PROXY: 'http://p:1' }, '3://p:1'],
    ['ws://a.example', { https_proxy: 'http://p:1' }, DIRECT],
    ['ws://a.example', { all_proxy: 'http://p:1' }, '3://p:1'],
    ['ws://a.example', { ALL_PROXY: 'http://p:1', http_proxy: 'http://q:2' }, '3://q:2'],
    ['ws://a.example', { ws_proxy: 'http://p:1', http_proxy: 'http://q:2' }, '3://p:1'],
    ['http://a.example', { WS_PROXY: 'http://p:1' }, '3://p:1'],
    ['ws://a.example', { http_proxy: 'http://p:1', HTTP_PROXY: 'http://q:2' }, '3://p:1'],
    ['ws://a.example', { http_proxy: '', HTTP_PROXY: 'http://q:2' }, '3://q:2'],
    ['wss://a.example', { https_proxy: 'http://p:1' }, '3://p:1'],
    ['https://a.example', { HTTPS_PROXY: 'http://p:1' }, '3://p:1'],
    ['wss://a.example', { http_proxy: 'http://p:1' }, DIRECT],
    ['wss://a.example', { ALL_PROXY: 'http://p:1' }, '3://p:1'],
    ['wss://a.example', { WSS_PROXY: 'http://p:1', https_proxy: 'http://q:2' }, '3://p:1'],
    ['ftp://a.example', { http_proxy: 'http://p:1' }, DIRECT],
    ['ftp://a.example', { all_proxy: 'http://p:1' }, '3://p:1'],
    // CGI
    ['ws://a.example', { HTTP_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, DIRECT],
    ['ws://a.example', { http_proxy: 'http://p:1', REQUEST_METHOD: 'GET' }, '3://p:1'],
    ['wss://a.example', { HTTPS_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, '3://p:1'],
    // NO_PROXY
    ['ws://a.example', { http_proxy: 'http://p:1', no_proxy: 'a.example' }, DIRECT],
    ['ws://a.example', { http_proxy: 'http://p:1', NO_PROXY: 'a.example' }, DIRECT],
    ['ws://b.example', { http_proxy: 'http://p:1', NO_PROXY: 'a.example' }, '3://p:1'],
    ['ws://a.example', { all_proxy: 'http://p:1', NO_PROXY: 'a.example:80' }, DIRECT],
    ['wss://a.example', { all_proxy: 'http://p:1', NO_PROXY: 'a.example:443' }, DIRECT],
    ['ws://a.example:81', { all_proxy: 'http://p:1', NO_PROXY: 'a.example:81' }, DIRECT],
    ['ws://a.example:81', { all_proxy: 'http://p:1', NO_PROXY: 'a.example:80' }, '3://p:1'],
    ['ws://[fd00::1]', { all_proxy: 'http://p:1', NO_PROXY: 'fd00::/8' }, DIRECT],
  ];
  for (const [url, env, expected] of choices) {
    it(`is ${expected} for ${url} with ${JSON.stringify(env)}`, () => {
      expect(ask(url, env)).to.equal(expected);
    });
  }

  it('takes a value with blanks around it', () => {
    expect(ask('ws://a.example', { http_proxy: ' http://p.example:3128 ' })).to.equal(
      '3://p.example:3128',
    );
  });

  it('passes over what it does not understand', () => {
    const env = { ws_proxy: 'socks4://p:1', all_proxy: 'socks5://q:2' };

    expect(ask('ws://a.example', env)).to.equal('1://q:2');
  });

  it('says that a direct connection is one', () => {
    const [proxy] = proxiesFromEnvironment(new QNetworkProxyQuery(), {});

    expect(proxy?.type()).to.equal(ProxyType.NoProxy);
  });
});
