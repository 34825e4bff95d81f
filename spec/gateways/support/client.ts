import {
  type QAuthenticator,
  type QNetworkProxy,
  QNetworkRequest,
  QSslConfiguration,
  QUrl,
  QWebSocket,
  QWebSocketHandshakeOptions,
} from '../../../lib/index.ts';
import { certificate } from '../../ssl/support/certs.ts';
import { emitted } from '../../support/emitted.ts';

export interface ClientOptions {
  readonly proxy?: QNetworkProxy;
  readonly subprotocols?: string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly isCompressing?: boolean;
  /** Tells a proxy that asks who is there. */
  readonly logIn?: (authenticator: QAuthenticator) => void;
}

/** A client of ours that is connected; fails with `errorString()`, and `error` for its cause. */
export function open(url: string, options: ClientOptions = {}): Promise<QWebSocket> {
  const { proxy, subprotocols = [], headers = {}, isCompressing = false, logIn } = options;
  const socket = new QWebSocket();
  const configuration = new QSslConfiguration();
  configuration.setCaCertificates([certificate('ca')]);
  socket.setSslConfiguration(configuration);
  socket.setCompressionEnabled(isCompressing);
  if (proxy !== undefined) socket.setProxy(proxy);
  if (logIn !== undefined) {
    socket.proxyAuthenticationRequired.connect((_, authenticator) => logIn(authenticator));
  }
  const request = new QNetworkRequest(new QUrl(url));
  for (const [name, value] of Object.entries(headers)) request.setRawHeader(name, value);
  const handshake = new QWebSocketHandshakeOptions();
  handshake.setSubprotocols(subprotocols);
  return new Promise((resolve, reject) => {
    const refused = socket.errorOccurred.connect((error) => {
      reject(new Error(socket.errorString(), { cause: error }));
    });
    socket.connected.connect(() => {
      refused.disconnect();
      resolve(socket);
    });
    socket.open(request, handshake);
  });
}

/** Why there was no connection. */
export async function failureOf(attempt: Promise<QWebSocket>): Promise<Error> {
  const outcome = await attempt.catch((error: Error) => error);
  if (outcome instanceof Error) return outcome;
  outcome.abort();
  throw new Error('There is a connection.');
}

/** What `socket` is sent back for `message`. */
export async function echo(socket: QWebSocket, message: string): Promise<string> {
  const answer = emitted(socket.textMessageReceived);
  socket.sendTextMessage(message);
  return (await answer)[0];
}

export async function close(socket: QWebSocket): Promise<void> {
  const gone = emitted(socket.disconnected);
  socket.close();
  await gone;
}
