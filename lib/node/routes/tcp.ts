import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { lentSocket } from '../read-buffer.ts';
import type { RouteOptions } from './route.ts';

const isFound: unique symbol = Symbol('found');

type DialledSocket = Socket & { [isFound]?: boolean };

/** Connects to `host` over TCP; the socket tells how that went. */
export function connectTcp(host: string, port: number, options: RouteOptions): Socket {
  const dial = (onread?: OnReadOpts): DialledSocket =>
    connect({
      ...socketOptions(options),
      host,
      port,
      // As Qt's clients: latency matters more than packets, and a dead peer is noticed some day.
      noDelay: true,
      keepAlive: true,
      ...(onread === undefined ? {} : { onread }),
    });
  // TLS reads for itself, and in Deno not at all when its socket was told where to read to.
  const socket: DialledSocket = options.carriesTls === true ? dial() : lentSocket(dial);
  if (isIP(host) !== 0) socket[isFound] = true;
  else socket.once('lookup', onFound);
  return socket;
}

/** Connects to the Unix-domain socket `path`; the socket tells how that went. */
export function connectLocal(path: string, options: RouteOptions): Socket {
  return connect({ ...socketOptions(options), path });
}

/** What a socket that is to lead to `place` waits for. */
export function dialling(socket: DialledSocket | undefined, place: string): string {
  return socket?.[isFound] === true ? `connecting to ${place}` : `looking up ${place}`;
}

function onFound(this: DialledSocket): void {
  this[isFound] = true;
}

function socketOptions({ readBufferSize }: RouteOptions): {
  allowHalfOpen: boolean;
  readableHighWaterMark?: number;
} {
  return {
    // A peer that has ended its side is still sent what was queued before.
    allowHalfOpen: true,
    ...(readBufferSize > 0 ? { readableHighWaterMark: readBufferSize } : {}),
  };
}
