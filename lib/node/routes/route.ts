import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { QAuthenticator } from '../../network/qauthenticator.ts';
import type { QNetworkProxy } from '../../network/qnetworkproxy.ts';
import type { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import type { AttemptRecord } from '../diagnostics/attempt-record.ts';
import type { SocketFailure } from '../socket-errors.ts';

/** How a {@link Route} goes about it. */
export interface RouteOptions {
  /** In bytes: how much is read ahead of the program; 0 for Node's default. */
  readonly readBufferSize: number;
  /** The socket's; an encrypted proxy is verified with its authorities, or else the system's. */
  readonly sslConfiguration?: QSslConfiguration;
  /** Whether TLS or HTTP/2 is to go over the socket to the next hop: they read for themselves. */
  readonly carriesTls?: boolean;
}

/** Where a {@link Route} tells how it went. Nothing comes inside {@link Route.start}. */
export interface RouteEvents {
  /** Learns of the steps on the way, for those who watch. */
  readonly record?: AttemptRecord | undefined;
  /**
   * The peer is reached. The stream is the receiver's now: it is paused and has no listeners.
   *
   * @param early the peer's first bytes, which have been read already. Before TLS there must be
   *   none: they would come from somebody else.
   */
  routed(stream: Duplex, early: Buffer): void;
  /** There is no way to the peer; all is closed. Ends the attempt, as {@link routed} does. */
  routeFailed(failure: SocketFailure): void;
  /**
   * A proxy wants to know who asks. User and password of `authenticator` are looked at when this
   * returns; left as they are, the attempt fails.
   *
   * @param proxy a copy, without effect.
   */
  proxyAuthenticationRequired(proxy: QNetworkProxy, authenticator: QAuthenticator): void;
}

/** One attempt to reach a peer over TCP. It has no timeout of its own. */
export interface Route {
  /** Begins; to be called once. */
  start(): void;
  /** Closes what is open, and tells nothing more. Without effect after the end of the attempt. */
  cancel(): void;
  /** The socket to the next hop: the peer, or a proxy. */
  readonly socket: Socket | undefined;
  /** What is waited for, such as `looking up chat.example`. */
  readonly waitsFor: string;
}
