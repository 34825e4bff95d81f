import type http2 from 'node:http2';
import type { Http2Session } from 'node:http2';

// In bytes, for all streams together: Node reads on whatever they do, so this only has to fill the line.
const CONNECTION_WINDOW = 4 * 1024 * 1024;

/**
 * node:http2, which is loaded when it is first needed: it takes 5 ms and half a megabyte, and most programs
 * never do.
 */
export function http2Module(): typeof http2 {
  return process.getBuiltinModule('node:http2');
}

/** Lets the peer of `session` send more than 64 KiB before we answer, once our settings have gone out. */
export function widenWindow(session: Http2Session): void {
  // Bun gives nothing back to a window that was set, and the peer would stop for good.
  if (process.versions['bun'] === undefined) session.setLocalWindowSize(CONNECTION_WINDOW);
}
