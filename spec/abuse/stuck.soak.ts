import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { scaled } from './support/scale.ts';
import { withstand } from './support/withstand.ts';

const MiB = 1024 * 1024;

describe('A server that sends the same to all', function () {
  this.timeout(300_000);

  it('holds little for those who do not read, and cuts them off', async () => {
    await withstand(
      async (target) => {
        const count = scaled(50);
        const deaf = [];
        for (let i = 0; i < count; i++) {
          const [attacker, socket] = await target.open();
          attacker.socket.removeAllListeners('data').pause();
          deaf.push(socket);
        }
        const news = new Uint8Array(64 * 1024);
        let most = 0;
        while (deaf.some((socket) => socket.isValid())) {
          for (const socket of deaf) socket.sendBinaryMessage(news);
          await setImmediate();
          const waiting = deaf.map((socket) => socket.bytesToWrite());
          most = Math.max(most, ...waiting);
        }

        // The message with which the limit is passed still waits.
        expect(most).to.be.within(MiB, MiB + 2 * news.length);
      },
      { prepare: (server) => server.setBacklogLimit(MiB, BacklogPolicy.Disconnect) },
    );
  });
});
