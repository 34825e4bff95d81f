import { expect } from 'chai';
import { applicationProxy } from '../../lib/network/application-proxy.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';

describe('ProxyType', () => {
  it("has Qt's numbers", () => {
    expect(ProxyType).to.deep.equal({
      DefaultProxy: 0,
      Socks5Proxy: 1,
      NoProxy: 2,
      HttpProxy: 3,
      HttpCachingProxy: 4,
      FtpCachingProxy: 5,
    });
  });

  it('is found on the class, as in Qt', () => {
    expect(QNetworkProxy.ProxyType).to.equal(ProxyType);
    for (const [name, type] of Object.entries(ProxyType)) {
      expect(QNetworkProxy[name as keyof typeof ProxyType]).to.equal(type);
    }
  });
});

describe('QNetworkProxy', () => {
  it('is the default proxy unless it is told otherwise', () => {
    const proxy = new QNetworkProxy();

    expect(proxy.type()).to.equal(ProxyType.DefaultProxy);
    expect([proxy.hostName(), proxy.port(), proxy.user(), proxy.password()]).to.deep.equal([
      '',
      0,
      '',
      '',
    ]);
  });

  it('takes everything in the constructor', () => {
    const proxy = new QNetworkProxy(ProxyType.HttpProxy, 'proxy.example', 3128, 'me', 'secret');

    expect(proxy.type()).to.equal(ProxyType.HttpProxy);
    expect([proxy.hostName(), proxy.port(), proxy.user(), proxy.password()]).to.deep.equal([
      'proxy.example',
      3128,
      'me',
      'secret',
    ]);
  });

  it('gives back what was set', () => {
    const proxy = new QNetworkProxy();

    proxy.setType(ProxyType.Socks5Proxy);
    proxy.setHostName('proxy.example');
    proxy.setPort(1080);
    proxy.setUser('me');
    proxy.setPassword('secret');
    proxy.setEncrypted(true);

    expect(proxy.isEncrypted()).to.equal(true);
    proxy.setEncrypted(false);
    const expected = new QNetworkProxy(
      ProxyType.Socks5Proxy,
      'proxy.example',
      1080,
      'me',
      'secret',
    );
    expect(proxy.equals(expected)).to.equal(true);
  });

  const changes: Record<string, (proxy: QNetworkProxy) => void> = {
    type: (proxy) => proxy.setType(ProxyType.NoProxy),
    hostName: (proxy) => proxy.setHostName('other.example'),
    port: (proxy) => proxy.setPort(1),
    user: (proxy) => proxy.setUser('you'),
    password: (proxy) => proxy.setPassword('other'),
    isEncrypted: (proxy) => proxy.setEncrypted(true),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`equals another one only with the same ${what}`, () => {
      const proxy = new QNetworkProxy(ProxyType.HttpProxy, 'proxy.example', 3128, 'me', 'secret');
      const other = proxy.clone();
      expect(proxy.equals(other)).to.equal(true);

      change(other);

      expect(proxy.equals(other)).to.equal(false);
      expect(other.equals(proxy)).to.equal(false);
    });
  }

  it('has copies that change on their own', () => {
    const proxy = new QNetworkProxy(ProxyType.HttpProxy, 'proxy.example', 3128);
    proxy.setEncrypted(true);
    const copy = proxy.clone();
    expect(copy.equals(proxy)).to.equal(true);

    copy.setPort(1);
    copy.setEncrypted(false);

    expect([proxy.port(), proxy.isEncrypted()]).to.deep.equal([3128, true]);
  });

  describe('applicationProxy()', () => {
    const proxy = new QNetworkProxy(ProxyType.HttpProxy, 'proxy.example', 3128);

    afterEach(() => {
      QNetworkProxy.setApplicationProxy(new QNetworkProxy());
      applicationProxy.factory = undefined;
    });

    it('is none at first', () => {
      expect(QNetworkProxy.applicationProxy().type()).to.equal(ProxyType.NoProxy);
    });

    it('is what was set, which may change afterwards', () => {
      const given = proxy.clone();
      QNetworkProxy.setApplicationProxy(given);

      given.setPort(1);
      QNetworkProxy.applicationProxy().setPort(2);

      expect(QNetworkProxy.applicationProxy().equals(proxy)).to.equal(true);
    });

    for (const type of [ProxyType.DefaultProxy, ProxyType.NoProxy]) {
      it(`is none after type ${type} was set`, () => {
        QNetworkProxy.setApplicationProxy(proxy);

        QNetworkProxy.setApplicationProxy(new QNetworkProxy(type));

        expect(QNetworkProxy.applicationProxy().type()).to.equal(ProxyType.NoProxy);
      });
    }

    it('is none after a type was set in the place of a proxy', () => {
      QNetworkProxy.setApplicationProxy(proxy);

      QNetworkProxy.setApplicationProxy(ProxyType.NoProxy);

      expect(QNetworkProxy.applicationProxy().type()).to.equal(ProxyType.NoProxy);
    });

    it('is what the factory of the application says first', () => {
      applicationProxy.factory = { queryProxy: () => [proxy, new QNetworkProxy()] };

      expect(QNetworkProxy.applicationProxy().equals(proxy)).to.equal(true);
    });

    it('is none when that says nothing', () => {
      applicationProxy.factory = { queryProxy: () => [] };

      expect(QNetworkProxy.applicationProxy().type()).to.equal(ProxyType.NoProxy);
    });
  });
});
