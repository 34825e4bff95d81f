import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { upgradeRequest } from '../support/raw-client.ts';
import { withstand } from './support/withstand.ts';

describe('A server under attack by heads', function () {
  this.timeout(20_000);

  it('answers 408 to heads that drip, whatever still comes', async () => {
    await withstand(
      async (target) => {
        const clients = await Promise.all(Array.from({ length: 50 }, () => target.connect()));
        const head = upgradeRequest({ 'X-Long': 'a'.repeat(8000) });
        for (let at = 0; !clients[0]!.socket.readableEnded; at++) {
          for (const client of clients) client.write(head[at]!);
          await setTimeout(5);
        }
        for (const client of clients) expect(await client.ended()).to.match(/^HTTP\/1.1 408 /);
      },
      { prepare: (server) => server.setHandshakeTimeout(300) },
    );
  });
});
