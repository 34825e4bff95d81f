import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';

/** The bytes with which a client of TLS begins. */
export async function clientHello(options: ConnectionOptions = {}): Promise<Buffer> {
  const [near, far] = duplexPair();
  const client = connect({ socket: near, ...options });
  client.on('error', () => {});
  const [hello] = (await once(far, 'data')) as [Buffer];
  client.destroy();
  return hello;
}

/** A record with a fatal alert, unknown_ca, of TLS 1.2 (RFC 5246 §7.2). */
export const UNKNOWN_CA: Buffer = Buffer.from([0x15, 3, 3, 0, 2, 2, 48]);
