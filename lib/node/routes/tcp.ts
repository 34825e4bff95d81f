import { connect, type Socket } from 'node:net';
import type { RouteOptions } from './route.ts';

/** Connects to `host` over TCP; the socket tells how that went. */
export function connectTcp(host: string, port: number, options: RouteOptions): Socket {
  const { readBufferSize } = options;
  return connect({
    host,
    port,
    // A peer that has ended its side is still sent what was queued before.
    allowHalfOpen: true,
    // As Qt's clients: latency matters more than packets, and a dead peer is noticed some day.
    noDelay: true,
    keepAlive: true,
    ...(readBufferSize > 0 ? { readableHighWaterMark: readBufferSize } : {}),
  });
}
