import { expect } from 'chai';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { upgradeRequest } from '../support/raw-client.ts';
import { scaled } from './support/scale.ts';
import { withstand } from './support/withstand.ts';

describe('A server under a flood of connections, for a while', function () {
  this.timeout(300_000);

  for (const isSecure of [false, true]) {
    it(`serves others while silent clients come and stay${isSecure ? ', with TLS' : ''}`, async () => {
      await withstand(
        async (target) => {
          for (let i = 0; i < scaled(4000); i++) {
            await target.connect();
            if (i % 20 === 0) await setTimeout(5);
          }
        },
        { isSecure },
      );
    });
  }

  it('serves others while clients connect and reset at once', async () => {
    await withstand(async (target) => {
      for (let i = 0; i < scaled(5000); i++) {
        const client = await target.connect();
        if (i % 2 === 0) client.write(upgradeRequest());
        client.socket.resetAndDestroy();
        if (i % 20 === 0) await setImmediate();
      }
    });
  });

  it('serves others while clients are turned away', async () => {
    await withstand(
      async (target) => {
        for (let i = 0; i < scaled(3000); i++) {
          const client = await target.connect();
          client.write(upgradeRequest());
          if (i % 50 === 49) await client.ended();
        }

        expect(target.complaints.length).to.be.above(scaled(3000) / 2);
      },
      { prepare: (server) => server.setMaxConnectionsPerAddress(10) },
    );
  });
});
