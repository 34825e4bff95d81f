/** What to take instead of names that look like Qt's; docs/names-not-in-qt.md has them, too. */
const INSTEAD: Readonly<Record<string, string>> = {
  broadcast: 'broadcastTextMessage(), broadcastBinaryMessage(); not in Qt',
  clients: 'broadcastTextMessage(), or a Set of your own',
  isConnected: 'isValid()',
  messageReceived: 'textMessageReceived, binaryMessageReceived',
  onMessage: 'textMessageReceived, binaryMessageReceived',
  pongReceived: 'pong',
  send: 'sendTextMessage(), sendBinaryMessage()',
  sendMessage: 'sendTextMessage(), sendBinaryMessage()',
  setAutoReconnect: 'Reconnector; not in Qt',
  setMaxIncomingFrameSize: 'setMaxAllowedIncomingFrameSize()',
  setMaxIncomingMessageSize: 'setMaxAllowedIncomingMessageSize()',
  setPingInterval: 'KeepAlive; not in Qt',
  SecureModeForNonSecureServer: 'SecureMode or NonSecureMode',
  UnsecuredMode: 'NonSecureMode',
  waitForConnected: 'the signal connected',
  waitForDisconnected: 'the signal disconnected',
};

/** The page about such names. */
export const NAMES_PAGE = 'docs/names-not-in-qt.md';

/** What to take instead of `member`, a name that Qt does not have; undefined when nobody knows. */
export function insteadOf(member: string): string | undefined {
  return Object.hasOwn(INSTEAD, member) ? INSTEAD[member] : undefined;
}
