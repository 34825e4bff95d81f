import type { Connection } from '../core/connection.ts';
import type { Sender } from '../core/connect.ts';
import type { AllSignals, SignalArgs } from '../core/qobject.ts';
import { Signal } from '../core/signal.ts';
import { SocketError, SocketState } from '../network/qabstractsocket.ts';
import { ConnectionError } from './connection-error.ts';
import { checkTimeout, QWebSocketBase, type QWebSocketSignals } from './qwebsocket-base.ts';

/** When to wait no longer. */
export interface WaitOptions {
  /** Ends the wait: the promise is rejected with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Ends the wait after so many milliseconds: the promise is rejected with an Error whose name is
   * `TimeoutError`. Negative, as by default: no limit.
   */
  readonly timeout?: number | undefined;
}

type NameOf<Signals extends object> = keyof AllSignals<Signals>;

/** What a socket only emits on the way to a connection, or on one. */
const OF_CONNECTIONS: ReadonlySet<unknown> = new Set<keyof QWebSocketSignals>([
  'authenticationRequired',
  'binaryFrameReceived',
  'binaryMessageReceived',
  'bytesWritten',
  'connected',
  'handshakeInterruptedOnError',
  'peerVerifyError',
  'pong',
  'preSharedKeyAuthenticationRequired',
  'proxyAuthenticationRequired',
  'sslErrors',
  'textFrameReceived',
  'textMessageReceived',
]);

/**
 * Waits until a signal is emitted next, as `QSignalSpy::wait` does without blocking (not in Qt).
 *
 * It is rejected when the sender is destroyed before that. For what a QWebSocket emits on its way to a
 * connection, or on one, it is rejected with a {@link ConnectionError} when the attempt fails or the
 * connection ends, and when there is none and, for `connected`, the last attempt has failed. An
 * `open()` in the same turn of the event loop comes in time, before or after.
 *
 * Whatever comes of it, nothing stays connected. Signals that come while nobody waits are not kept.
 *
 * @returns the arguments of the signal.
 */
export function emitted<Args extends unknown[]>(
  signal: Signal<Args>,
  options?: WaitOptions,
): Promise<Args>;
export function emitted<Signals extends object, Name extends NameOf<Signals>>(
  sender: Sender<Signals>,
  name: Name,
  options?: WaitOptions,
): Promise<SignalArgs<AllSignals<Signals>, Name>>;
export function emitted(
  first: Signal<unknown[]> | Sender<object>,
  ...rest: unknown[]
): Promise<unknown[]> {
  const awaited =
    first instanceof Signal ? first : new Signal<unknown[]>(first, rest.shift() as string);
  const { signal, timeout = -1 } = (rest[0] ?? {}) as WaitOptions;
  return new Promise((resolve, reject) => {
    const patience = checkTimeout(timeout);
    const connections: Connection[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      for (const connection of connections) connection.disconnect();
    };
    const fail = (error: unknown): void => {
      stop();
      // oxlint-disable-next-line prefer-promise-reject-errors -- the reason of an AbortSignal can be anything
      reject(error);
    };
    const onAbort = (): void => fail(signal!.reason);
    if (signal?.aborted === true) {
      onAbort();
      return;
    }

    connections.push(
      awaited.connect((...args) => {
        stop();
        resolve(args);
      }),
    );
    connections.push(...failures(awaited, fail));
    signal?.addEventListener('abort', onAbort);
    if (patience >= 0) timer = setTimeout(() => fail(timedOut(awaited, patience)), patience);
  });
}

/** Connects `fail` to whatever means that `awaited` will not be emitted any more. */
function failures(awaited: Signal<unknown[]>, fail: (error: Error) => void): Connection[] {
  const { sender, name } = awaited;
  const destroyed = new Signal(sender, 'destroyed').connect(() =>
    fail(new Error(`The object was destroyed before ${String(name)} was emitted.`)),
  );
  // What has been destroyed already connects nothing any more.
  if (!destroyed.isConnected()) {
    fail(new Error(`The object has been destroyed: ${String(name)} is not emitted any more.`));
    return [];
  }
  if (!(sender instanceof QWebSocketBase) || !OF_CONNECTIONS.has(name)) return [destroyed];

  const onEnd = (): void => fail(new ConnectionError(sender));
  const over = [sender.errorOccurred.connect(onEnd), sender.disconnected.connect(onEnd)];
  queueMicrotask(() => {
    if (!over[0]!.isConnected() || sender.state() !== SocketState.UnconnectedState) return;
    if (name !== 'connected' || sender.error() !== SocketError.UnknownSocketError) onEnd();
  });
  return [destroyed, ...over];
}

function timedOut({ name }: Signal<unknown[]>, timeout: number): Error {
  const error = new Error(`${String(name)} was not emitted within ${timeout} ms.`);
  error.name = 'TimeoutError';
  return error;
}
