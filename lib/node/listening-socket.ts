import net from 'node:net';
import { explained, placeOf } from '../network/failure-text.ts';
import type { SocketError } from '../network/qabstractsocket.ts';
import { QHostAddress, SpecialAddress } from '../network/qhostaddress.ts';
import type { UpgradeSource } from '../websockets/server-backend.ts';
import {
  adoptListeningHandle,
  hasListeningHandles,
  listenLocally,
  listenPublicly,
  openListeningHandle,
  type ListeningHandle,
} from './listening-handle.ts';
import { readLent } from './read-buffer.ts';
import { toSocketFailure } from './socket-errors.ts';

// Those below are the system's.
const FIRST_FREE_PORT = 1024;

/** Whose connections come by a {@link ListeningSocket}. */
export interface ListeningSocketOwner {
  /** Takes a connection. */
  accept(socket: net.Socket): void;
  /** Learns that one could not be accepted. */
  acceptFailed(error: SocketError): void;
}

/** Where something of the system is bound: an address, the path of a Unix-domain socket, or nowhere. */
export type BoundTo = net.AddressInfo | ReturnType<UpgradeSource['address']> | undefined;

/**
 * A listening socket of the system, bound when the function returns that opens it; closed, it can be opened
 * again.
 */
export class ListeningSocket {
  readonly #owner: ListeningSocketOwner;
  readonly #readsLent: boolean;
  #server: net.Server | undefined;
  #handle: ListeningHandle | undefined;
  #address: QHostAddress = QHostAddress.Null;

  /** @param readsLent whether connections read into the buffer that all sockets share; TLS reads for itself. */
  constructor(owner: ListeningSocketOwner, readsLent: boolean) {
    this.#owner = owner;
    this.#readsLent = readsLent;
  }

  /** Returns why nothing can listen there, or the empty string; so do the next two. */
  listen(address: QHostAddress, port: number): string {
    const place = placeOf(address.toString(), port);
    if (hasListeningHandles()) {
      const handle = openListeningHandle(address, port);
      if (handle instanceof Error) return problemOf(handle, place, port);
      this.#serve(handle);
    } else {
      const server = this.#newServer();
      const failure = listenPublicly(server, address, port);
      if (failure !== undefined) return problemOf(failure, place, port);
      this.#use(server);
    }
    if (!address.isNull()) this.#address = address.clone();
    return '';
  }

  listenLocal(path: string): string {
    const server = this.#newServer();
    const failure = listenLocally(server, path);
    if (failure !== undefined) return problemOf(Object.assign(failure, { address: path }), path);
    this.#use(server);
    return '';
  }

  adopt(descriptor: number): string {
    const handle = adoptListeningHandle(descriptor);
    if (handle instanceof Error) return problemOf(handle, `descriptor ${descriptor}`);
    this.#serve(handle);
    return '';
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
    this.#handle = undefined;
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  /** Where it was asked to listen; where it does when that was left open. */
  get address(): QHostAddress {
    return this.#address.clone();
  }

  bound(): BoundTo {
    return this.#server?.address();
  }

  /** The descriptor; −1 when there is none. */
  get descriptor(): number {
    return this.#handle?.fd ?? -1;
  }

  #serve(handle: ListeningHandle): void {
    const server = this.#newServer();
    server.listen(handle);
    if (this.#readsLent) readLent(server, handle);
    this.#use(server);
    this.#handle = handle;
  }

  #newServer(): net.Server {
    const server = net.createServer({ allowHalfOpen: true });
    server.on('connection', (socket) => this.#owner.accept(socket));
    return server;
  }

  #use(server: net.Server): void {
    server.on('error', (error) => this.#owner.acceptFailed(toSocketFailure(error).error));
    this.#server = server;
    this.#address = toAddress(server.address());
  }
}

/** Where something listens; null for a path of the file system or nothing. */
export function toAddress(bound: BoundTo): QHostAddress {
  if (typeof bound !== 'object' || bound === null) return new QHostAddress();
  // Node listens on :: for both protocols, unless it is told otherwise.
  return new QHostAddress(bound.address === '::' ? SpecialAddress.Any : bound.address);
}

/** Why nothing can listen at `place`. */
function problemOf(error: NodeJS.ErrnoException, place: string, port = 0): string {
  const { description, cause } = toSocketFailure(error, place);
  const isPrivileged = error.code === 'EACCES' && port > 0 && port < FIRST_FREE_PORT;
  const advice = isPrivileged
    ? 'Ports below 1024 need a privilege: choose a higher one.'
    : cause.advice;
  return explained(description, { ...cause, advice });
}
