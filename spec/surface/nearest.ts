import { qtSurface, type Member } from './support/qt-surface.ts';

/** What the doors of the package export. */
export type Door = Readonly<Record<string, unknown>>;

/** Something of Qt that JavaScript cannot have, and what stands in its place. */
export interface Nearest {
  readonly qt: string;
  readonly here: string;
  readonly reason: string;
  /** Whether it stands for `member` of `type`. */
  covers(type: string, member: Member): boolean;
  /** Whether what stands in its place is there. */
  holds(type: string, door: Door): boolean;
}

/** A type of Qt that has a counterpart of another name. */
export interface Counterpart {
  readonly qt: string;
  readonly here: string;
  readonly note: string;
}

export const nearest: readonly Nearest[] = [
  {
    qt: 'the destructor of a `QObject`',
    here: '`[Symbol.dispose]()`, so that `using` works, and `deleteLater()`',
    reason: 'nothing is destroyed by itself; an object that nobody destroys lives on',
    covers: (_, { kind, signatures }) => kind === 'destructor' && isOverride(signatures),
    holds: (type, door) => Symbol.dispose in prototypeOf(door, type),
  },
  {
    qt: 'the destructor of a value',
    here: 'nothing',
    reason: 'values hold no resources; the garbage collector takes them',
    covers: (_, { kind, signatures }) => kind === 'destructor' && !isOverride(signatures),
    holds: (type, door) => !(Symbol.dispose in prototypeOf(door, type)),
  },
  {
    qt: '`a == b`',
    here: '`a.equals(b)`',
    reason: '`==` compares references, and cannot be defined',
    covers: (_, { name }) => name === 'operator==',
    holds: (type, door) => hasMethod(door, type, 'equals'),
  },
  {
    qt: '`a != b`',
    here: '`!a.equals(b)`',
    reason: 'as above',
    covers: (_, { name }) => name === 'operator!=',
    holds: (type, door) => hasMethod(door, type, 'equals'),
  },
  {
    qt: '`a = b` for values, by copy or by move',
    here: '`a = b.clone()`',
    reason: '`=` copies the reference; what goes into and comes out of our classes is copied',
    covers: (_, { name }) => name === 'operator=',
    holds: (type, door) => hasMethod(door, type, 'clone'),
  },
  {
    qt: 'the signal `QWebSocket::error(error)`',
    here: "`socket.on('error', slot)`, or `errorOccurred` as in newer versions of Qt",
    reason: 'the getter `error()` has the name',
    covers: (type, { kind, name }) =>
      type === 'QWebSocket' && kind === 'signal' && name === 'error',
    holds: (type, door) => hasMethod(door, type, 'on') && hasMethod(door, type, 'error'),
  },
  {
    qt: '`QObject::connect(sender, &Sender::signal, …)`',
    here: "`connect(sender, 'signal', …)` or `sender.signal.connect(…)`",
    reason: 'there are no pointers to members; a function serves all senders',
    covers: (type, { name }) => type === 'QObject' && name === 'connect',
    holds: (_, door) => typeof door['connect'] === 'function',
  },
  {
    qt: '`QHostAddress::LocalHost` and its like, which are numbers',
    here: '`QHostAddress.LocalHost`, an address; the number is `SpecialAddress.LocalHost`',
    reason: 'nothing is converted by itself; either is taken wherever an address is',
    covers: (type, { kind, name }) =>
      type === 'QHostAddress' && kind === 'enum' && name === 'SpecialAddress',
    holds: (type, door) =>
      Object.entries(qtSurface.companions[type]?.enums?.['SpecialAddress'] ?? {}).every(
        ([name, value]) => isAddress(Reflect.get(Object(door[type]), name), value),
      ),
  },
];

/** Enums that are left out. */
export const omittedEnums: Readonly<Record<string, string>> = {
  'QAbstractSocket::SocketOption':
    'QWebSocket has no setSocketOption(); it sets what Qt sets, by itself',
};

export const counterparts: readonly Counterpart[] = [
  { qt: '`QString`', here: '`string`', note: 'UTF-16 on both sides' },
  {
    qt: '`QByteArray`',
    here: '`Uint8Array`',
    note: '`ArrayBuffer` and other views are taken as well; header fields are Latin-1 strings',
  },
  { qt: '`QList<T>`, `QStringList`', here: '`T[]`, `string[]`', note: 'copies' },
  { qt: '`qint64`, `quint64`', here: '`number`', note: 'none comes near 2⁵³' },
  { qt: '`std::chrono::milliseconds`', here: '`number`', note: 'in milliseconds' },
  { qt: '`QDateTime`', here: '`Date`', note: '' },
  { qt: '`QIODevice`', here: 'anything with `readAll()`', note: 'such as bytes read from a file' },
  {
    qt: '`QUrl`',
    here: '`QUrl`',
    note: 'a `URL` or a text is taken wherever a `QUrl` is; `toURL()` leads back',
  },
  {
    qt: '`QUrlQuery`',
    here: '`URLSearchParams`',
    note: '`append()`, `get()`, `has()`, `toString()`; `QUrl.setQuery()` takes it',
  },
  {
    qt: '`QTcpSocket`, `QSslSocket`',
    here: '`net.Socket`, `tls.TLSSocket`',
    note: '`handleConnection()` takes any `stream.Duplex`; `QSslSocket` has the enum and the questions about the TLS library',
  },
  {
    qt: '`QTcpServer`',
    here: '`net.Server`',
    note: "`listen()`, `address().port`, `on('connection', …)`",
  },
  {
    qt: '`QHttpServerResponder::StatusCode`',
    here: '`number`',
    note: 'such as `404`; `STATUS_CODES` of `node:http` has the words',
  },
  {
    qt: '`QHttpServer` with `QWebSocketServer::handleConnection()`',
    here: '`http.Server`',
    note: '`attach()` and `handleUpgrade()`; `addWebSocketUpgradeVerifier()` is a method of `QWebSocketServer`',
  },
];

/** Whether `address` is equal to the special address of this number. */
function isAddress(address: unknown, special: number): boolean {
  const equals: unknown = Reflect.get(Object(address), 'equals');
  return typeof equals === 'function' && Reflect.apply(equals, address, [special]) === true;
}

function isOverride(signatures: readonly string[]): boolean {
  return signatures.some((signature) => signature.endsWith('override'));
}

/** The prototype of the class `type`; an empty object when there is none. */
export function prototypeOf(door: Door, type: string): object {
  const found = door[type];
  return typeof found === 'function' ? (found.prototype as object) : {};
}

/** Whether objects of `type` have a method of their own or inherited from another class of ours. */
export function hasMethod(door: Door, type: string, name: string): boolean {
  const method: unknown = Reflect.get(prototypeOf(door, type), name);
  return typeof method === 'function' && method !== Reflect.get(Object.prototype, name);
}
