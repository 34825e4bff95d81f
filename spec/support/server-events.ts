import type { SocketError } from '../../lib/network/qabstractsocket.ts';
import type { QSslError, SslError } from '../../lib/ssl/qsslerror.ts';
import type { QSslPreSharedKeyAuthenticator } from '../../lib/ssl/qsslpresharedkeyauthenticator.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import type { CloseCode } from '../../lib/websockets/qwebsocketprotocol.ts';
import type { ServerBackendEvents, UnverifiedClient } from '../../lib/websockets/server-backend.ts';
import type { Alert } from '../../lib/websockets/socket-backend.ts';

/** Lets everybody in and remembers what it was told. */
export class RecordingServerEvents implements ServerBackendEvents {
  readonly sockets: QWebSocketBase[] = [];
  readonly refusals: [code: CloseCode, description: string][] = [];
  readonly failures: SocketError[] = [];
  readonly interruptions: SslError[] = [];
  readonly problems: SslError[][] = [];
  readonly alertsSent: Alert[] = [];
  readonly alertsReceived: Alert[] = [];
  /** Whom all this was about. */
  readonly addresses: string[] = [];
  /** What a slot of sslErrorsOccurred does. */
  judge: (client: UnverifiedClient, errors: readonly QSslError[]) => void = () => {};
  /** What a slot of preSharedKeyAuthenticationRequired does. */
  answer: (authenticator: QSslPreSharedKeyAuthenticator) => void = () => {};
  readonly #waiting: ((socket: QWebSocketBase) => void)[] = [];

  hasRoom(): boolean {
    return true;
  }

  isOriginAllowed(): boolean {
    return true;
  }

  connected(socket: QWebSocketBase): void {
    this.sockets.push(socket);
    for (const resolve of this.#waiting.splice(0)) resolve(socket);
  }

  refused(code: CloseCode, description: string): void {
    this.refusals.push([code, description]);
  }

  acceptFailed(error: SocketError): void {
    this.failures.push(error);
  }

  handshakeInterrupted(error: QSslError, address: string): void {
    this.interruptions.push(error.error());
    this.addresses.push(address);
  }

  verificationFailed(client: UnverifiedClient, errors: readonly QSslError[]): void {
    this.problems.push(errors.map((error) => error.error()));
    this.addresses.push(client.peerAddress().toString());
    this.judge(client, errors);
  }

  preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator, address: string): void {
    this.addresses.push(address);
    this.answer(authenticator);
  }

  alertSent(alert: Alert, address: string): void {
    this.alertsSent.push(alert);
    this.addresses.push(address);
  }

  alertReceived(alert: Alert, address: string): void {
    this.alertsReceived.push(alert);
    this.addresses.push(address);
  }

  /** The socket of the next connection. */
  nextSocket(): Promise<QWebSocketBase> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
