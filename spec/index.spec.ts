import { expect } from 'chai';
import * as door from '../lib/index.ts';

describe('the door for Node', () => {
  it('exports the public names, and no others', () => {
    expect(Object.keys(door).toSorted()).to.deep.equal([
      'CloseCode',
      'ComponentFormattingOption',
      'ConnectionType',
      'KnownHeaders',
      'NetworkLayerProtocol',
      'PauseMode',
      'ProxyType',
      'QAbstractSocket',
      'QDefaultMaskGenerator',
      'QHostAddress',
      'QHttpHeaders',
      'QMaskGenerator',
      'QNetworkProxy',
      'QNetworkRequest',
      'QObject',
      'QUrl',
      'QWebSocket',
      'QWebSocketCorsAuthenticator',
      'QWebSocketHandshakeOptions',
      'QWebSocketProtocol',
      'QWebSocketServer',
      'Signal',
      'SocketError',
      'SocketState',
      'SpecialAddress',
      'SslMode',
      'Version',
      'connect',
      'disconnect',
      'sender',
      'versionFromString',
    ]);
  });
});
