import { expect } from 'chai';
import * as qml from '../lib/browser-qml.ts';
import * as door from '../lib/browser.ts';
import * as nodeQml from '../lib/qml.ts';
import * as nodeDoor from '../lib/index.ts';

describe('the door for browsers', () => {
  it('exports what Node has, but for TLS, the choice of proxies, the verifiers of servers and counters', () => {
    const missing = Object.keys(nodeDoor).filter((name) => !(name in door));

    expect(missing.toSorted()).to.deep.equal([
      'AlertLevel',
      'AlertType',
      'AlternativeNameEntryType',
      'EncodingFormat',
      'KeyAlgorithm',
      'KeyType',
      'Method',
      'NextProtocolNegotiationStatus',
      'PatternSyntax',
      'PeerVerifyMode',
      'QCryptographicHash',
      'QHttpServerRequest',
      'QHttpServerWebSocketUpgradeResponse',
      'QNetworkProxyFactory',
      'QNetworkProxyQuery',
      'QSsl',
      'QSslCertificate',
      'QSslCipher',
      'QSslConfiguration',
      'QSslError',
      'QSslKey',
      'QSslPreSharedKeyAuthenticator',
      'QSslSocket',
      'QueryType',
      'ResponseType',
      'SslError',
      'SslOption',
      'SslProtocol',
      'SubjectInfo',
      'UpgradeData',
      'proxyFromUrl',
      'statisticsOf',
    ]);
    expect(Object.keys(door).filter((name) => !(name in nodeDoor))).to.deep.equal([]);
  });

  it('has the QML-style classes under the same names', () => {
    expect(Object.keys(qml).toSorted()).to.deep.equal(Object.keys(nodeQml).toSorted());
  });
});
