import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { NetworkLayerProtocol } from '../network/qabstractsocket.ts';
import { SpecialAddress, type QHostAddress } from '../network/qhostaddress.ts';

// Connections that the system completes before they are accepted; as net.Server.
const BACKLOG = 511;

// uv.h: UV_TCP_IPV6ONLY.
const IPV6_ONLY = 1;

// What binding to :: comes to where IPv6 is turned off.
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'];

/** A bound and listening socket of the system; `net.Server.listen()` takes it. */
export interface ListeningHandle {
  /** The descriptor; negative on Windows. */
  readonly fd: number;
  /** Returns 0 or a negative error number. */
  listen(backlog: number): number;
  /** TCP sockets have it; returns 0 or a negative error number. */
  getsockname?(name: object): number;
  close(): void;
}

type CreateHandle = (
  address: string | null,
  port: number,
  addressType: number,
  descriptor?: number,
  flags?: number,
) => ListeningHandle | number;

/**
 * Listens on `address` and `port` before it returns, as Qt does; returns what went wrong otherwise.
 *
 * Of Node's public functions only `server.listen(port)` binds at once, and that to all interfaces;
 * with an address it asks the resolver first. They all end in `net._createServerHandle`, which is
 * taken here. Where it is missing, listening fails with `ENOTSUP`, and {@link listenPublicly} is left.
 *
 * In a worker of node:cluster the socket is the worker's own: the primary shares nothing, and a
 * second worker finds the port taken.
 */
export function openListeningHandle(address: QHostAddress, port: number): ListeningHandle | Error {
  if (address.equals(SpecialAddress.Any)) {
    const dualStack = open('::', port, 6);
    const hasIPv6 = !(dualStack instanceof Error && NO_IPV6.includes(codeOf(dualStack)));
    return hasIPv6 ? dualStack : open('0.0.0.0', port, 4);
  }
  if (address.isNull()) return open('0.0.0.0', port, 4);
  if (address.protocol() === NetworkLayerProtocol.IPv6Protocol) {
    return open(address.toString(), port, 6, IPV6_ONLY);
  }
  return open(address.toString(), port, 4);
}

/**
 * Has `server` listen on a Unix-domain socket, before it returns, and gives back what went wrong
 * otherwise. `path` must not exist; it is removed when the server closes.
 */
export function listenLocally(server: net.Server, path: string): Error | undefined {
  if (path === '' || path.includes('\0')) return failure('EINVAL');
  server.listen({ path, backlog: BACKLOG, exclusive: true });
  if (server.listening) return undefined;
  // The reason comes as an event, on a later turn. Trying once more tells it now.
  server.on('error', () => undefined);
  if (!hasListeningHandles()) return failure('EADDRINUSE or ENOENT');
  const handle = create(path, -1, -1);
  if (handle instanceof Error) return handle;
  handle.close();
  return failure('EAGAIN');
}

/** Listens on a socket of this process that is bound; returns what went wrong otherwise. */
export function adoptListeningHandle(descriptor: number): ListeningHandle | Error {
  if (!Number.isInteger(descriptor) || descriptor < 0) return failure('EBADF');
  const handle = create(null, 0, -1, descriptor);
  // What cannot be used is not closed: the descriptor is still its owner's.
  if (handle instanceof Error) return handle;
  if (handle.getsockname?.({}) !== 0) return failure('ENOTSOCK');
  return listen(handle);
}

/**
 * Has `server` listen by Node's public API, before it returns; gives back what went wrong otherwise.
 *
 * Bun does so at once, and Node does not when it is given an address: then it is left alone. Where
 * it fails, the reason would come as an event, on a later turn.
 */
export function listenPublicly(
  server: net.Server,
  address: QHostAddress,
  port: number,
): Error | undefined {
  const isAny = address.equals(SpecialAddress.Any);
  const host = address.isNull() ? '0.0.0.0' : isAny ? '::' : address.toString();
  server.on('error', () => undefined);
  server.listen({ host, port, backlog: BACKLOG, ipv6Only: !isAny, exclusive: true });
  if (server.listening) return undefined;
  server.close();
  return failure('EADDRNOTAVAIL or EADDRINUSE');
}

/** Whether {@link openListeningHandle} and its like can do anything: not in Bun. */
export function hasListeningHandles(): boolean {
  return Reflect.get(net, '_createServerHandle') !== undefined;
}

function open(
  address: string,
  port: number,
  addressType: 4 | 6,
  flags = 0,
): ListeningHandle | Error {
  const handle = create(address, port, addressType, undefined, flags);
  if (handle instanceof Error) return handle;
  const outcome = listen(handle);
  if (outcome instanceof Error) handle.close();
  return outcome;
}

function create(...args: Parameters<CreateHandle>): ListeningHandle | Error {
  const createHandle = Reflect.get(net, '_createServerHandle') as CreateHandle | undefined;
  if (createHandle === undefined) return failure('ENOTSUP');
  const handle = createHandle(...args);
  return typeof handle === 'number' ? failure(getSystemErrorName(handle)) : handle;
}

// That a port is taken shows only here: many sockets may be bound to it until one of them listens.
function listen(handle: ListeningHandle): ListeningHandle | Error {
  const outcome = handle.listen(BACKLOG);
  return outcome === 0 ? handle : failure(getSystemErrorName(outcome));
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`Listening failed (${code}).`), { code });
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? '';
}
