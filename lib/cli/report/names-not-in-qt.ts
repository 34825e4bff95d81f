/** What to take instead of names that look like Qt's; docs/names-not-in-qt.md has them, too. */
const INSTEAD: Readonly<Record<string, string>> = {
  broadcast: 'broadcastTextMessage(), broadcastBinaryMessage(); not in Qt',
  bytesAvailable: 'the signals: messages are delivered, not read',
  clients: 'broadcastTextMessage(), or a Set of your own',
  connectToHost: 'open()',
  disconnectFromHost: 'close()',
  isConnected: 'isValid()',
  messageReceived: 'textMessageReceived, binaryMessageReceived',
  onMessage: 'textMessageReceived, binaryMessageReceived',
  pongReceived: 'pong',
  readAll: 'textMessageReceived, binaryMessageReceived',
  readyRead: 'textMessageReceived, binaryMessageReceived',
  send: 'sendTextMessage(), sendBinaryMessage()',
  sendMessage: 'sendTextMessage(), sendBinaryMessage()',
  setAutoReconnect: 'Reconnector; not in Qt',
  setMaxIncomingFrameSize: 'setMaxAllowedIncomingFrameSize()',
  setMaxIncomingMessageSize: 'setMaxAllowedIncomingMessageSize()',
  setPingInterval: 'KeepAlive; not in Qt',
  SecureModeForNonSecureServer: 'SecureMode or NonSecureMode',
  UnsecuredMode: 'NonSecureMode',
  waitForBytesWritten: 'await drained(socket); not in Qt',
  waitForConnected: 'await opened(socket, url); not in Qt',
  waitForDisconnected: 'await emitted(socket.disconnected); not in Qt',
  waitForNewConnection: 'await emitted(server.newConnection); not in Qt',
  waitForReadyRead: 'await emitted(socket.textMessageReceived); not in Qt',
  write: 'sendTextMessage(), sendBinaryMessage()',
};

/** The names of which somebody knows what to take instead. */
export const NAMES_NOT_IN_QT: readonly string[] = Object.keys(INSTEAD);

/** The page about such names. */
export const NAMES_PAGE = 'docs/names-not-in-qt.md';

/** What to take instead of `member`, a name that Qt does not have; undefined when nobody knows. */
export function insteadOf(member: string): string | undefined {
  return Object.hasOwn(INSTEAD, member) ? INSTEAD[member] : undefined;
}
