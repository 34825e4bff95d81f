import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { SocketError } from '../network/qabstractsocket.ts';
import { SslOption } from '../ssl/qssl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { QSslError } from '../ssl/qsslerror.ts';
import { QSslPreSharedKeyAuthenticator } from '../ssl/qsslpresharedkeyauthenticator.ts';
import { PeerVerifyMode } from '../ssl/qsslsocket.ts';
import { clientTlsOptions, MAX_PRE_SHARED_KEY, wantsPreSharedKey } from '../ssl/tls-options.ts';
import { certificateCause } from './certificate-failure.ts';
import { peerChainOf, sessionOf, verificationErrors } from './peer-verification.ts';
import {
  invalidTlsSettings,
  isOfTls,
  remoteClosed,
  tlsReason,
  toSocketFailure,
  type SocketFailure,
} from './socket-errors.ts';
import { TlsVerdict, type Alert } from '../websockets/socket-backend.ts';
import { alertOf } from './tls-alerts.ts';
import { tlsCause } from './tls-cause.ts';

// In bytes: OpenSSL's PSK_MAX_IDENTITY_LEN, which Qt passes on.
const MAX_IDENTITY = 128;

/** Where a {@link TlsHandshake} tells how it went. */
export interface TlsEvents {
  /**
   * TLS is up, and nothing of ours sent yet.
   *
   * `configuration` knows the peer and the session now. It is the receiver's; when sessions are to
   * be kept, each one that the server gives is put into it, also later.
   */
  encrypted(configuration: QSslConfiguration): void;
  /** The peer could not be verified; the answer says what becomes of it. */
  verificationFailed(errors: readonly QSslError[]): TlsVerdict;
  /** The server wants a key that both sides know. */
  preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator): void;
  /** The peer has given TLS up; may come after the handshake as well. */
  alertReceived(alert: Alert): void;
  /** The stream can be used: it is paused and has no listeners. Ends the handshake. */
  secured(stream: tls.TLSSocket): void;
  /** There will be no TLS; all is closed. Ends the handshake. */
  tlsFailed(failure: SocketFailure): void;
}

/**
 * The client's side of a TLS handshake, over any stream.
 *
 * Node is told to accept every peer, and the peer is verified here, before anything is sent: so the
 * application can see all that is wrong, and decide.
 */
export class TlsHandshake {
  readonly #stream: Duplex;
  readonly #host: string;
  readonly #configuration: QSslConfiguration;
  readonly #events: TlsEvents;
  #socket: tls.TLSSocket | undefined;
  #isWaiting = false;
  #isOver = false;
  #errors: readonly QSslError[] = [];

  /** @param host the name or address that the peer's certificate has to bear. */
  constructor(stream: Duplex, host: string, configuration: QSslConfiguration, events: TlsEvents) {
    this.#stream = stream;
    this.#host = certifiedName(host);
    this.#configuration = configuration.clone();
    this.#events = events;
  }

  start(): void {
    // What the TLS socket makes of an error of its stream is enough.
    this.#stream.on('error', ignore);
    let socket: tls.TLSSocket;
    try {
      socket = tls.connect(this.#options());
    } catch (error) {
      // Certificates, keys or ciphers that OpenSSL does not take.
      process.nextTick(() => this.#failed(invalidTlsSettings(error as Error)));
      return;
    }
    this.#socket = socket;
    socket.on('secureConnect', this.#established);
    socket.on('session', this.#resumable);
    socket.on('error', this.#broken);
    socket.on('close', this.#closed);
    socket.on('end', this.#closed);
  }

  /** Gives the handshake up; it tells nothing more. */
  cancel(): void {
    if (this.#isOver) return;
    this.#letGo();
    this.#socket?.destroy();
    this.#stream.destroy();
  }

  /** Goes on after {@link TlsVerdict.Wait}; whether in spite of the errors is for the caller to say. */
  resume(isIgnored: boolean): void {
    if (!this.#isWaiting || this.#isOver) return;
    if (isIgnored) this.#secured();
    else this.#refused();
  }

  #options(): tls.ConnectionOptions {
    const isNamed = isIP(this.#host) === 0;
    const hidesName = this.#configuration.testSslOption(
      SslOption.SslOptionDisableServerNameIndication,
    );
    return {
      ...clientTlsOptions(this.#configuration),
      socket: this.#stream,
      // Newer versions of Node keep sessions to the host that they were made with.
      host: this.#host,
      // An address is no server name (RFC 6066 §3).
      servername: isNamed && !hidesName ? this.#host : '',
      checkServerIdentity: () => undefined,
      ...(wantsPreSharedKey(this.#configuration)
        ? { pskCallback: (hint: string | null) => this.#preSharedKey(hint) }
        : {}),
    };
  }

  readonly #established = (): void => {
    const socket = this.#socket!;
    const configuration = this.#configuration;
    const mode = configuration.peerVerifyMode();
    const depth = configuration.peerVerifyDepth();
    const chain = peerChainOf(socket);
    configuration.setSession(sessionOf(socket, chain));
    this.#events.encrypted(configuration);
    if (this.#isOver) return;

    const isAsked = mode !== PeerVerifyMode.VerifyNone;
    this.#errors = isAsked ? verificationErrors(socket, chain, this.#host, depth) : [];
    if (this.#errors.length === 0) {
      this.#secured();
      return;
    }
    const verdict = this.#events.verificationFailed(this.#errors);
    // A slot may have given the attempt up.
    if (this.#isOver) return;
    if (verdict === TlsVerdict.Proceed || mode === PeerVerifyMode.QueryPeer) this.#secured();
    else if (verdict === TlsVerdict.Refuse) this.#refused();
    else this.#isWaiting = true;
  };

  /** With TLS 1.3, sessions come after the handshake, and more than one (RFC 8446 §4.6.1). */
  readonly #resumable = (session: Buffer): void => {
    const isKept = !this.#configuration.testSslOption(SslOption.SslOptionDisableSessionPersistence);
    if (isKept) this.#configuration.setSessionTicket(session);
  };

  #secured(): void {
    const socket = this.#socket!;
    this.#letGo();
    socket.pause();
    this.#events.secured(socket);
  }

  #refused(): void {
    const description = this.#errors[0]?.errorString() ?? '';
    this.#letGo();
    // The peer is told in order, and has until then to go by itself.
    this.#socket?.end();
    this.#socket?.destroySoon();
    const cause = certificateCause(this.#host, this.#errors);
    this.#events.tlsFailed({ error: SocketError.SslHandshakeFailedError, description, cause });
  }

  readonly #broken = (error: NodeJS.ErrnoException): void => {
    this.#alerted(error);
    this.#failed(
      isOfTls(error) ? tlsFailure(error, this.#host) : toSocketFailure(error, this.#host),
    );
  };

  readonly #alerted = (error: NodeJS.ErrnoException): void => {
    const alert = alertOf(error);
    if (alert !== undefined) this.#events.alertReceived(alert);
  };

  readonly #closed = (): void => {
    this.#failed(remoteClosed(this.#host, 'TLS', ' during the handshake'));
  };

  #failed(failure: SocketFailure): void {
    if (this.#isOver) return;
    this.cancel();
    this.#events.tlsFailed(failure);
  }

  #preSharedKey(hint: string | null): tls.PSKCallbackNegotation | null {
    const authenticator = new QSslPreSharedKeyAuthenticator(
      hint ?? '',
      MAX_IDENTITY,
      MAX_PRE_SHARED_KEY,
    );
    this.#events.preSharedKeyRequired(authenticator);
    const psk = authenticator.preSharedKey().subarray(0, MAX_PRE_SHARED_KEY);
    if (psk.length === 0) return null;
    return { psk, identity: firstBytes(authenticator.identity(), MAX_IDENTITY) };
  }

  /** Leaves the TLS socket to others. */
  #letGo(): void {
    this.#isOver = true;
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.off('secureConnect', this.#established);
    socket.off('error', this.#broken);
    socket.off('close', this.#closed);
    socket.off('end', this.#closed);
    // In TLS 1.3 a server looks at the client's certificate when the client is through already.
    socket.on('error', this.#alerted);
  }
}

function ignore(): void {}

/** The name as certificates and SNI have it: without the root's dot or a zone (RFC 6066 §3). */
function certifiedName(host: string): string {
  if (isIP(host) !== 0) return host.split('%', 1)[0]!;
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

/** As much of `text` as has room in `count` bytes of UTF-8. */
function firstBytes(text: string, count: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(count));
  return text.slice(0, read);
}

/** What Qt says when OpenSSL gives up. */
function tlsFailure(error: NodeJS.ErrnoException, host: string): SocketFailure {
  return {
    error: SocketError.SslHandshakeFailedError,
    description: `Error during SSL handshake: ${tlsReason(error)}`,
    cause: tlsCause(error, host),
  };
}
