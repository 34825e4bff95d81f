import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/**
 * A port that nobody listens on. One that was free a moment ago is no such port: the system gives it
 * to the next who asks, be it another spec or a program beside this one.
 */
export const NOBODY = 1;

/**
 * A port that nobody listens on, for programs that cannot choose one by themselves. It lies below
 * those that the system gives away.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port);
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Has `server` listen on 127.0.0.1, at a port of the system's choice; returns that. */
export async function listenOnLoopback(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
