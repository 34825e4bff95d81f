import { expect } from 'chai';
import { ProxyType } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkProxyFactoryBase } from '../../lib/network/qnetworkproxyfactory.ts';
import { QNetworkProxyQuery } from '../../lib/network/qnetworkproxyquery.ts';
import { QNetworkProxyFactory } from '../../lib/node/qnetworkproxyfactory.ts';

const query = QNetworkProxyQuery.forPeer('a.example', 80, 'http');

describe('QNetworkProxyFactory', () => {
  let before: NodeJS.ProcessEnv;

  beforeEach(() => {
    before = process.env;
    process.env = { ws_proxy: 'http://proxy.example:3128' };
  });

  afterEach(() => {
    process.env = before;
    QNetworkProxyFactory.setApplicationProxyFactory(null);
  });

  it('knows the proxy of the environment', () => {
    const [proxy] = QNetworkProxyFactory.systemProxyForQuery(query);

    expect(proxy?.hostName()).to.equal('proxy.example');
  });

  it('does not use it unless it is told to', () => {
    const [proxy] = QNetworkProxyFactory.proxyForQuery(query);

    expect(proxy?.type()).to.equal(ProxyType.NoProxy);
  });

  it('reads the environment for each connection', () => {
    QNetworkProxyFactory.setUseSystemConfiguration(true);
    // The same choice, whichever class is asked.
    expect(QNetworkProxyFactoryBase.proxyForQuery(query)[0]?.port()).to.equal(3128);

    process.env['ws_proxy'] = 'http://proxy.example:3129';

    expect(QNetworkProxyFactory.proxyForQuery(query)[0]?.port()).to.equal(3129);
  });
});
