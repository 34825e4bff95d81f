/** How TLS names HTTP/2 (RFC 9113 §3.2). */
export const ALPN_HTTP2 = 'h2';

// In bytes. What a peer may send on one stream before it was read: what Node has by itself, 64 KiB, makes
// a socket wait for one round trip each.
export const STREAM_WINDOW: number = 256 * 1024;

// What a client may open on one connection; for more, it makes another one.
export const MAX_STREAMS = 1000;

// In megabytes, of which Node counts what waits to be sent: a connection that holds more gets no new
// streams. Each socket has a backlog limit of its own.
export const SESSION_MEMORY_MB = 64;

// The pseudo-header fields of a request for a WebSocket (RFC 8441 §4), beside its headers.
export const PSEUDO_FIELDS = 5;

// Fields that are one header in the end: as many cookies as Chromium keeps for a site (RFC 6265 §6.1 asks for 50).
export const MOST_COOKIES = 180;
