import { words, type QtNames } from './qt-names.ts';

/**
 * Classes of Qt HTTP Server and Qt WebChannel that stand beside the sockets. What of them has nothing to
 * do with WebSockets, such as `QHttpServer::route()`, is not here.
 */
export const NEIGHBOUR_TYPES: Readonly<Record<string, QtNames>> = {
  QAbstractHttpServer: {
    receiver: 'server',
    methods: words(
      'addWebSocketUpgradeVerifier hasPendingWebSocketConnections nextPendingWebSocketConnection',
    ),
    signals: words('newWebSocketConnection'),
  },
  QHttpServerRequest: {
    receiver: 'request',
    methods: words(
      'body headers localAddress localPort method query remoteAddress remotePort sslConfiguration url value',
    ),
    enums: {
      Method: words('Unknown Get Put Delete Post Head Options Patch Connect Trace AnyKnown'),
    },
  },
  QHttpServerWebSocketUpgradeResponse: {
    receiver: 'answer',
    methods: words('denyMessage denyStatus swap type'),
    statics: words('accept deny passToNext'),
    enums: { ResponseType: words('Accept Deny PassToNext') },
  },
  QWebChannel: {
    receiver: 'channel',
    methods: words(
      'blockUpdates connectTo deregisterObject disconnectFrom propertyUpdateInterval registerObject registerObjects registeredObjects setBlockUpdates setPropertyUpdateInterval',
    ),
    signals: words('blockUpdatesChanged'),
  },
  QWebChannelAbstractTransport: {
    receiver: 'transport',
    methods: words('sendMessage'),
    signals: words('messageReceived'),
  },
};

/** Classes of Qt that are derived from one of those, and have all that counts of it. */
export const NEIGHBOUR_SUBCLASSES: Readonly<Record<string, string>> = {
  QHttpServer: 'QAbstractHttpServer',
};
