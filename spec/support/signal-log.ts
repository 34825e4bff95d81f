import type { QWebSocketBase, QWebSocketSignals } from '../../lib/websockets/qwebsocket-base.ts';
import { SocketState } from '../../lib/network/qabstractsocket.ts';

const names: Record<keyof QWebSocketSignals, true> = {
  aboutToClose: true,
  alertReceived: true,
  alertSent: true,
  authenticationRequired: true,
  binaryFrameReceived: true,
  binaryMessageReceived: true,
  bytesWritten: true,
  connected: true,
  disconnected: true,
  error: true,
  errorOccurred: true,
  handshakeInterruptedOnError: true,
  peerVerifyError: true,
  pong: true,
  preSharedKeyAuthenticationRequired: true,
  proxyAuthenticationRequired: true,
  readChannelFinished: true,
  sslErrors: true,
  stateChanged: true,
  textFrameReceived: true,
  textMessageReceived: true,
};

/** The names of all signals of a QWebSocket. */
export const signalNames = Object.keys(names) as (keyof QWebSocketSignals)[];

/** The name of a state without its ending. */
export function stateName(state: SocketState): string {
  const [name] = Object.entries(SocketState).find(([, value]) => value === state)!;
  return name.replace('State', '');
}

/**
 * Notes every signal of `socket` from now on: its name and what it carries, as `pong 3 0a` or
 * `stateChanged Closing`.
 *
 * @param without signals that are left out.
 */
export function logSignals(
  socket: QWebSocketBase,
  without: readonly (keyof QWebSocketSignals)[] = [],
): string[] {
  const log: string[] = [];
  for (const name of signalNames) {
    if (without.includes(name)) continue;
    socket.on(name, (...args: unknown[]) => {
      const words =
        name === 'stateChanged' ? [stateName(args[0] as SocketState)] : args.map(toWord);
      log.push([name, ...words].join(' '));
    });
  }
  return log;
}

function toWord(arg: unknown): string {
  // Browsers know no Buffer.
  if (!(arg instanceof Uint8Array)) return String(arg);
  return Array.from(arg, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
