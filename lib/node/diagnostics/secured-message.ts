import type { TLSSocket } from 'node:tls';
import type { SecuredMessage } from './messages.ts';

/** What was agreed on with TLS on `socket`. */
export function securedMessage(socket: TLSSocket): SecuredMessage {
  return {
    protocol: socket.getProtocol() ?? '',
    // Node says undefined on a socket that is gone.
    cipher: (socket.getCipher() as { name: string } | undefined)?.name ?? '',
    applicationProtocol: socket.alpnProtocol || '',
    isResumed: socket.isSessionReused(),
  };
}
