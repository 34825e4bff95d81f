import { expect } from 'chai';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { pemText } from '../../ssl/support/certs.ts';
import { RawClient, upgradeRequest } from '../../support/raw-client.ts';

/** A client with an address that is no proxy's, which has opened a WebSocket. */
export async function strangerAt(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawClient> {
  const options = { localAddress: '127.0.0.2', host: '127.0.0.1', port } as const;
  const tcp = connectTcp(options);
  const client = new RawClient(
    connectTls({ socket: tcp, ca: pemText('ca.crt'), servername: 'localhost' }),
  );
  client.write(upgradeRequest({ Host: `localhost:${port}`, ...headers }));
  await client.hears('\r\n\r\n');
  expect(client.text).to.match(/^HTTP\/1\.1 101 /);
  return client;
}
