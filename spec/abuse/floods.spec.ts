import { expect } from 'chai';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { upgradeRequest, type RawClient } from '../support/raw-client.ts';
import { ATTACKER, withstand, type Target } from './support/withstand.ts';
import { wordsOf } from '../support/words-of.ts';

/** Connects `count` clients, all at once. */
function rush(target: Target, count: number, from?: string): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => target.connect(from)));
}

/** What all of `clients` hear, each once. */
async function heard(clients: readonly RawClient[]): Promise<string[]> {
  const answers = await Promise.all(clients.map((client) => client.ended()));
  return [...new Set(answers.map((text) => text.split('\r\n', 1)[0]!))].toSorted();
}

function isOpen({ socket }: RawClient): boolean {
  return !socket.readableEnded && !socket.destroyed;
}

describe('A server under a flood of connections', function () {
  this.timeout(60_000);

  it('has no more than it may have, and keeps those that it has', async () => {
    await withstand(
      async (target) => {
        // One is the well-behaved client.
        const first = await rush(target, 9);
        const late = await rush(target, 300);

        expect(await heard(late)).to.include('HTTP/1.1 503 Service Unavailable');
        expect(first.filter(isOpen)).to.have.lengthOf(9);
        expect(new Set(target.complaints.map(([, text]) => wordsOf(text)))).to.deep.equal(
          new Set(['Too many connections.']),
        );
      },
      { isOpen: false, prepare: (server) => server.setMaxConnections(10) },
    );
  });

  it('has no more from one address than it may have, and lets others in', async () => {
    await withstand(
      async (target) => {
        const open = await Promise.all(Array.from({ length: 5 }, () => target.open()));
        const late = await rush(target, 300);

        expect(await heard(late)).to.include('HTTP/1.1 503 Service Unavailable');
        expect(open.map(([attacker]) => attacker).filter(isOpen)).to.have.lengthOf(5);
        const [neighbour] = await target.open('127.0.0.3');
        expect(neighbour.socket.readableEnded).to.equal(false);
      },
      { prepare: (server) => server.setMaxConnectionsPerAddress(5) },
    );
  });

  it('gives back what it has counted, however connections end', async () => {
    await withstand(
      async (target) => {
        for (let round = 0; round < 5; round++) {
          const clients = await rush(target, 8);
          for (const [at, client] of clients.entries()) {
            if (at % 2 === 0) client.write(upgradeRequest());
            if (at % 4 === 0) await client.hears('\r\n\r\n');
          }
          for (const [at, { socket }] of clients.entries()) {
            if (at < 4) socket.resetAndDestroy();
            else socket.destroy();
          }
          while (target.sockets.size > 1) await setImmediate();
          // Those that had not asked for anything have left as well.
          const [again] = await target.open();
          again.socket.destroy();
        }

        expect(target.complaints).to.deep.equal([]);
      },
      { isOpen: false, prepare: (server) => server.setMaxConnectionsPerAddress(9) },
    );
  });

  for (const isSecure of [false, true]) {
    it(`lets others in over silent clients${isSecure ? ' of TLS' : ''} without number`, async () => {
      await withstand(
        async (target) => {
          const silent = await rush(target, 10);
          let last: RawClient | undefined;
          // Each that comes takes the place of one that has had its second.
          for (let tries = 0; silent.some(isOpen) && tries < 200; tries++) {
            [last] = await rush(target, 1);
            await setTimeout(20);
          }

          expect(silent.filter(isOpen)).to.deep.equal([]);
          expect(isOpen(last!)).to.equal(true);
        },
        { isSecure, isOpen: false, prepare: (server) => server.setMaxPendingHandshakes(10) },
      );
    });
  }

  it('spends nothing on TLS for those who are too many', async () => {
    await withstand(
      async (target) => {
        const clients = await rush(target, 300, ATTACKER);

        expect(await heard(clients)).to.deep.equal(['']);
        expect(target.complaints).to.have.lengthOf(300);
      },
      { isSecure: true, isOpen: false, prepare: (server) => server.setMaxConnections(1) },
    );
  });
});
