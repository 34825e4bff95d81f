import type { OpenRequest } from '../websockets/socket-backend.ts';

// RFC 9110 §5.6.2. Browsers throw for anything else, and for a name that comes twice.
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The subprotocols to ask for, as Qt puts them together: those of the options, then those of a raw
 * `Sec-WebSocket-Protocol` header. What is no name is left out.
 */
export function subprotocolsOf({ subprotocols, headers }: OpenRequest): string[] {
  const raw = headers.values('sec-websocket-protocol').flatMap((list) => list.split(','));
  const names = new Set([...subprotocols, ...raw.map((name) => name.trim())]);
  return [...names].filter((name) => TOKEN.test(name));
}
