import { expect } from 'chai';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkProxyFactoryBase } from '../../lib/network/qnetworkproxyfactory.ts';
import { QNetworkProxyQuery } from '../../lib/network/qnetworkproxyquery.ts';

const query = QNetworkProxyQuery.forPeer('a.example', 80, 'http');
const proxy = new QNetworkProxy(ProxyType.HttpProxy, 'proxy.example', 3128);

class Factory extends QNetworkProxyFactoryBase {
  readonly asked: QNetworkProxyQuery[] = [];
  readonly #answer: QNetworkProxy[];

  constructor(...answer: QNetworkProxy[]) {
    super();
    this.#answer = answer;
  }

  override queryProxy(about: QNetworkProxyQuery): QNetworkProxy[] {
    this.asked.push(about);
    return this.#answer;
  }
}

/** A platform with settings. */
class SystemFactory extends Factory {
  static override systemProxyForQuery(about: QNetworkProxyQuery): QNetworkProxy[] {
    return [new QNetworkProxy(ProxyType.Socks5Proxy, `for-${about.peerHostName()}`, 1080)];
  }
}

function chosen(about = query): string[] {
  return QNetworkProxyFactoryBase.proxyForQuery(about).map(
    (each) => `${each.type()} ${each.hostName()}`,
  );
}

describe('QNetworkProxyFactoryBase', () => {
  afterEach(() => {
    QNetworkProxyFactoryBase.setApplicationProxyFactory(null);
  });

  it('connects directly unless it is told otherwise', () => {
    expect(chosen()).to.deep.equal(['2 ']);
  });

  it('goes by the application’s proxy', () => {
    QNetworkProxy.setApplicationProxy(proxy);

    expect(chosen()).to.deep.equal(['3 proxy.example']);
  });

  it('goes by the application’s factory, and tells it what for', () => {
    const other = new QNetworkProxy(ProxyType.NoProxy);
    const factory = new Factory(proxy, other);
    QNetworkProxyFactoryBase.setApplicationProxyFactory(factory);

    expect(chosen()).to.deep.equal(['3 proxy.example', '2 ']);
    expect(factory.asked).to.deep.equal([query]);
  });

  it('connects directly when the factory has nothing to say', () => {
    QNetworkProxyFactoryBase.setApplicationProxyFactory(new Factory());

    expect(chosen()).to.deep.equal(['2 ']);
  });

  it('goes by the later of a proxy and a factory', () => {
    QNetworkProxy.setApplicationProxy(proxy);
    QNetworkProxyFactoryBase.setApplicationProxyFactory(new Factory());
    expect(chosen()).to.deep.equal(['2 ']);

    QNetworkProxy.setApplicationProxy(proxy);
    expect(chosen()).to.deep.equal(['3 proxy.example']);

    QNetworkProxyFactoryBase.setApplicationProxyFactory(null);
    expect(chosen()).to.deep.equal(['2 ']);
  });

  for (const host of [
    'localhost',
    'localhost.',
    'localhost.localdomain',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
  ]) {
    it(`connects to ${host} directly`, () => {
      const factory = new Factory(proxy);
      QNetworkProxyFactoryBase.setApplicationProxyFactory(factory);

      expect(chosen(QNetworkProxyQuery.forPeer(host, 80, 'http'))).to.deep.equal(['2 ']);
      expect(factory.asked).to.deep.equal([]);
    });
  }

  for (const host of ['localhost.example', '10.0.0.1', '::2']) {
    it(`does not take ${host} for this host`, () => {
      QNetworkProxy.setApplicationProxy(proxy);

      expect(chosen(QNetworkProxyQuery.forPeer(host, 80, 'http'))).to.deep.equal([
        '3 proxy.example',
      ]);
    });
  }

  describe('setUseSystemConfiguration()', () => {
    it('knows no settings of its own', () => {
      QNetworkProxyFactoryBase.setUseSystemConfiguration(true);

      expect(QNetworkProxyFactoryBase.usesSystemConfiguration()).to.equal(true);
      expect(chosen()).to.deep.equal(['2 ']);
    });

    it('goes by the settings of the platform', () => {
      SystemFactory.setUseSystemConfiguration(true);

      expect(SystemFactory.usesSystemConfiguration()).to.equal(true);
      expect(chosen()).to.deep.equal(['1 for-a.example']);
    });

    it('can be taken back', () => {
      SystemFactory.setUseSystemConfiguration(true);

      SystemFactory.setUseSystemConfiguration(false);

      expect(SystemFactory.usesSystemConfiguration()).to.equal(false);
      expect(chosen()).to.deep.equal(['2 ']);
    });

    it('replaces what was chosen before', () => {
      QNetworkProxy.setApplicationProxy(proxy);

      SystemFactory.setUseSystemConfiguration(true);

      expect(chosen()).to.deep.equal(['1 for-a.example']);
    });

    const later: Record<string, () => void> = {
      'setApplicationProxy()': () => QNetworkProxy.setApplicationProxy(proxy),
      'setApplicationProxyFactory()': () =>
        QNetworkProxyFactoryBase.setApplicationProxyFactory(new Factory(proxy)),
    };
    for (const [what, choose] of Object.entries(later)) {
      it(`ends with ${what}`, () => {
        SystemFactory.setUseSystemConfiguration(true);

        choose();

        expect(SystemFactory.usesSystemConfiguration()).to.equal(false);
        expect(chosen()).to.deep.equal(['3 proxy.example']);
      });
    }
  });
});
