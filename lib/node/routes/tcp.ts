import { connect, type Socket } from 'node:net';
import type { RouteOptions } from './route.ts';

/** Connects to `host` over TCP; the socket tells how that went. */
export function connectTcp(host: string, port: number, options: RouteOptions): Socket {
  return connect({
    ...socketOptions(options),
    host,
    port,
    // As Qt's clients: latency matters more than packets, and a dead peer is noticed some day.
    noDelay: true,
    keepAlive: true,
  });
}

/** Connects to the Unix-domain socket `path`; the socket tells how that went. */
export function connectLocal(path: string, options: RouteOptions): Socket {
  return connect({ ...socketOptions(options), path });
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
