import type { UseKind } from './findings.ts';
import { TOPIC_MEMBERS, TOPICS } from './topics.ts';
import { MODULE_TYPES, QML_TYPES, QOBJECT } from './qt-names.ts';

/** What becomes of a member, and where more of it stands. */
export interface Counterpart {
  readonly here: string;
  readonly page: string;
}

/** Where everything is listed. */
export const SURFACE = 'docs/qt-surface.md';

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
  if (kind === 'constructor') return { here: `new ${type}()`, page: SURFACE };
  if (kind === 'static') return { here: `${type}.${member}()`, page: SURFACE };
  if (kind === 'enumerator') return { here: `${type}.${member}`, page: SURFACE };
  const { receiver } = MODULE_TYPES[type] ?? QOBJECT;
  const topic = TOPIC_MEMBERS.get(key);
  const page = topic === undefined ? undefined : TOPICS[topic].page;
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
