import type { Duplex } from 'node:stream';
import { localEndOf, peerOf } from '../stream-ends.ts';
import type { EndsMessage } from './messages.ts';

/** The ends of the connection over `stream`, as far as they are known by now. */
export function endsMessage(stream: Duplex): EndsMessage {
  const local = localEndOf(stream);
  const peer = peerOf(stream);
  return {
    localAddress: local.address,
    localPort: local.port,
    peerAddress: peer.address,
    peerPort: peer.port,
  };
}
