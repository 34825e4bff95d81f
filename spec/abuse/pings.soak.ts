import { once } from 'node:events';
import { frame } from '../support/frames.ts';
import { scaled } from './support/scale.ts';
import { withstand } from './support/withstand.ts';

describe('A server under a flood of pings', function () {
  this.timeout(120_000);

  it('serves others while it answers', async () => {
    await withstand(async (target) => {
      const [attacker] = await target.open();
      attacker.socket.removeAllListeners('data').resume();
      const pings = Buffer.concat(Array.from({ length: 10_000 }, () => frame(9, 'x', { key: 1 })));
      for (let i = 0; i < scaled(500); i++) {
        if (!attacker.socket.write(pings)) await once(attacker.socket, 'drain');
      }
    });
  });
});
