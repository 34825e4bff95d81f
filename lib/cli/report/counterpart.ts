import type { UseKind } from './findings.ts';
import { TOPIC_MEMBERS, TOPICS } from './topics.ts';
import { NEIGHBOUR_TYPES } from './neighbour-names.ts';
import { MODULE_TYPES, QML_TYPES, QOBJECT } from './qt-names.ts';

/** What becomes of a member, and where more of it stands. */
export interface Counterpart {
  readonly here: string;
  readonly page: string;
}

/** Where everything is listed. */
export const SURFACE = 'docs/qt-surface.md';

const ONE_PORT = 'docs/porting-by-example.md#9-one-port-for-http-and-websockets';
const VERIFIERS = 'docs/how-to/routes-and-verifiers.md#verifiers';

/** Where members of neighbours stand. */
const NEIGHBOUR_PAGES: Readonly<Record<string, string>> = {
  QAbstractHttpServer: ONE_PORT,
  QHttpServerRequest: 'docs/how-to/routes-and-verifiers.md#what-a-request-says',
  QHttpServerWebSocketUpgradeResponse: 'docs/how-to/routes-and-verifiers.md#what-an-answer-may-say',
  QWebChannel: 'docs/webchannel.md#show-objects-to-pages-qml-and-node',
  QWebChannelAbstractTransport: 'docs/webchannel.md#other-transports',
};

/** Members that do not just keep their name. */
const SPECIAL: Readonly<Record<string, Counterpart>> = {
  'QWebSocket.constructor': {
    here: 'new QWebSocket(origin, version, parent)',
    page: 'docs/porting-from-qt.md#object-life',
  },
  'QWebSocketServer.constructor': {
    here: 'new QWebSocketServer(name, mode, parent)',
    page: 'docs/porting-from-qt.md#object-life',
  },
  'QWebSocket.open': {
    here: 'socket.open(url or request, options)',
    page: 'docs/states-and-signals.md#opening',
  },
  'QWebSocket.errorString': { here: 'socket.errorString()', page: 'docs/errors.md' },
  'QWebSocket.error.signal': {
    here: 'socket.errorOccurred.connect(slot)',
    page: 'docs/qt-surface.md#what-javascript-cannot-have',
  },
  'QWebSocketServer.nextPendingConnection': {
    here: 'server.nextPendingConnection(), null for none',
    page: 'docs/porting-from-qt.md#the-members-that-programs-use',
  },
  'QWebSocketServer.handleConnection': {
    here: 'server.handleConnection(stream), of any Duplex',
    page: 'docs/how-to/sharing-a-port.md',
  },
  'QWebSocketCorsAuthenticator.swap': {
    here: 'nothing: assign the references',
    page: 'docs/qt-surface.md#what-javascript-cannot-have',
  },
  'QWebSocketHandshakeOptions.swap': {
    here: 'nothing: assign the references',
    page: 'docs/qt-surface.md#what-javascript-cannot-have',
  },
  'QAbstractHttpServer.constructor': {
    here: 'http.createServer(), and attach() a QWebSocketServer',
    page: ONE_PORT,
  },
  'QAbstractHttpServer.addWebSocketUpgradeVerifier': {
    here: 'server.addWebSocketUpgradeVerifier(context, verifier) of a QWebSocketServer',
    page: VERIFIERS,
  },
  'QAbstractHttpServer.hasPendingWebSocketConnections': {
    here: 'server.hasPendingConnections() of a QWebSocketServer',
    page: ONE_PORT,
  },
  'QAbstractHttpServer.nextPendingWebSocketConnection': {
    here: 'server.nextPendingConnection() of a QWebSocketServer, null for none',
    page: ONE_PORT,
  },
  'QAbstractHttpServer.newWebSocketConnection': {
    here: 'server.newConnection.connect(slot) of a QWebSocketServer',
    page: ONE_PORT,
  },
  'QHttpServerRequest.body': {
    here: 'nothing: a request for a WebSocket has none',
    page: 'docs/how-to/routes-and-verifiers.md#what-a-request-says',
  },
  'QHttpServerRequest.query': {
    here: 'request.query(), a URLSearchParams',
    page: 'docs/how-to/routes-and-verifiers.md#what-a-request-says',
  },
  'QHttpServerWebSocketUpgradeResponse.swap': {
    here: 'nothing: assign the references',
    page: 'docs/qt-surface.md#what-javascript-cannot-have',
  },
  'QWebChannel.registerObject': {
    here: 'channel.registerObject(id, object, description)',
    page: 'docs/webchannel.md#what-clients-see',
  },
  'QWebChannel.registerObjects': {
    here: 'channel.registerObjects(objects), of types that are registered',
    page: 'docs/webchannel.md#what-clients-see',
  },
  'QWebChannelAbstractTransport.constructor': {
    here: 'new WebSocketTransport(socket), or a class of your own',
    page: 'docs/webchannel.md#other-transports',
  },
  'QObject.connect': {
    here: "connect(sender, 'signal', receiver, slot)",
    page: 'docs/porting-from-qt.md#connect',
  },
};

/** Other classes of Qt that stand beside the sockets, and what they are here. */
export const COMPANIONS: Readonly<Record<string, Counterpart>> = {
  ...same('QAbstractSocket QAuthenticator QHostAddress QHttpHeaders QNetworkProxy'),
  ...same('QNetworkProxyFactory QNetworkRequest QSslCertificate QSslCipher QSslConfiguration'),
  ...same('QSslError QSslKey QSslPreSharedKeyAuthenticator QUrl'),
  QByteArray: { here: 'Uint8Array', page: 'docs/porting-from-qt.md#bytes-and-text' },
  QUrlQuery: { here: 'URLSearchParams', page: 'docs/qt-surface.md#other-types' },
  QTcpSocket: { here: 'net.Socket', page: 'docs/qt-surface.md#other-types' },
  QSslSocket: {
    here: 'tls.TLSSocket; QSslSocket for the enum',
    page: 'docs/qt-surface.md#other-types',
  },
  QTcpServer: { here: 'net.Server', page: 'docs/qt-surface.md#other-types' },
  QHttpServer: { here: 'http.Server', page: 'docs/how-to/sharing-a-port.md' },
  QSignalSpy: {
    here: 'QSignalSpy of qwebsockets/testing',
    page: 'docs/how-to/testing-your-program.md#signals',
  },
  QTimer: {
    here: 'setTimeout(), setInterval()',
    page: 'docs/porting-from-qt.md#habits-of-c-and-what-becomes-of-them',
  },
  QJsonDocument: {
    here: 'JSON.parse(), JSON.stringify()',
    page: 'docs/porting-from-qt.md#habits-of-c-and-what-becomes-of-them',
  },
};

/** What becomes of a member of a type of Qt. */
export function counterpartOf(type: string, member: string, kind: UseKind): Counterpart {
  const name = kind === 'constructor' ? 'constructor' : member;
  const key = `${type}.${name}`;
  for (const special of [`${key}.${kind}`, key]) {
    if (Object.hasOwn(SPECIAL, special)) return SPECIAL[special]!;
  }
  if (kind === 'class') return COMPANIONS[type] ?? { here: type, page: SURFACE };
  if (Object.hasOwn(QML_TYPES, type)) {
    return { here: qmlForm(type, member, kind), page: 'docs/porting-qml.md#how-things-translate' };
  }
  const home = NEIGHBOUR_PAGES[type];
  const surface = home ?? SURFACE;
  if (kind === 'constructor') return { here: `new ${type}()`, page: surface };
  if (kind === 'static') return { here: `${type}.${member}()`, page: surface };
  if (kind === 'enumerator') return { here: `${type}.${member}`, page: surface };
  const { receiver } = MODULE_TYPES[type] ?? NEIGHBOUR_TYPES[type] ?? QOBJECT;
  const topic = TOPIC_MEMBERS.get(key);
  const page = topic === undefined ? home : TOPICS[topic].page;
  if (kind !== 'signal') return { here: `${receiver}.${member}()`, page: page ?? SURFACE };
  const connecting = 'docs/porting-from-qt.md#connect';
  return { here: `${receiver}.${member}.connect(slot)`, page: page ?? connecting };
}

function qmlForm(type: string, member: string, kind: UseKind): string {
  const receiver = QML_TYPES[type]!.receiver;
  if (kind === 'constructor') return `new ${type}({ … })`;
  if (kind === 'enumerator') return `${type}.${member}`;
  if (kind === 'signal')
    return `on${member[0]!.toUpperCase()}${member.slice(1)}, ${receiver}.${member}`;
  return kind === 'property' ? `${receiver}.${member}` : `${receiver}.${member}()`;
}

function same(names: string): Record<string, Counterpart> {
  return Object.fromEntries(names.split(' ').map((name) => [name, { here: name, page: SURFACE }]));
}
