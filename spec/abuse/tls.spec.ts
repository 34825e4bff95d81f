import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { type ConnectionOptions, type TLSSocket } from 'node:tls';
import { clientHello } from '../support/client-hello.ts';
import { frame } from '../support/frames.ts';
import { upgradeRequest, type RawClient } from '../support/raw-client.ts';
import { connectSecurely } from '../support/secure-client.ts';
import { withstand, type Conditions, type Target } from './support/withstand.ts';

const key = 0x37fa213d;

const secure: Conditions = {
  isSecure: true,
  prepare: (server) => server.setHandshakeTimeout(1000),
};

/** What each of `count` clients hears that says `words` and nothing more. */
async function heard(target: Target, count: number, words: Buffer | string): Promise<string[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => target.connect()));
  for (const client of clients) client.write(words);
  return Promise.all(clients.map((client) => client.ended()));
}

/** A client that is through with TLS and the opening handshake. */
async function openSecurely(target: Target, options?: ConnectionOptions): Promise<RawClient> {
  const attacker = await connectSecurely(target.port, options);
  attacker.write(upgradeRequest());
  await attacker.hears('\r\n\r\n');
  return attacker;
}

/** What a client hears that asks for nothing once TLS is up. */
async function stopAfterTls(target: Target): Promise<string> {
  const client = await connectSecurely(target.port);
  return client.ended();
}

describe('A server of TLS under attack', function () {
  this.timeout(60_000);

  it('cuts who stops before, within or after its hello, or behind the handshake', async () => {
    const hello = await clientHello({ servername: 'localhost' });
    await withstand(async (target) => {
      const quiet = await Promise.all([
        heard(target, 20, ''),
        heard(target, 20, hello.subarray(0, hello.length / 2)),
        heard(target, 20, hello),
        Promise.all(Array.from({ length: 5 }, () => stopAfterTls(target))),
      ]);

      // Nothing, a handshake record, or the answer over TLS.
      const first = quiet.map((answers) => [...new Set(answers.map((text) => text.slice(0, 1)))]);
      expect(first).to.deep.equal([[''], [''], ['\x16'], ['H']]);
    }, secure);
  });

  const noise: Record<string, string | Buffer> = {
    'plain HTTP': upgradeRequest(),
    noise: Buffer.alloc(4096, 0xa5),
    'an endless record': Buffer.concat([Buffer.from('160301ffff', 'hex'), Buffer.alloc(70_000)]),
    'an alert': Buffer.from('15030100020228', 'hex'),
  };
  for (const [name, words] of Object.entries(noise)) {
    it(`cuts who says ${name}`, async () => {
      await withstand(async (target) => {
        const answers = await heard(target, 20, words);

        // At most an alert of TLS, and no HTTP.
        for (const answer of answers) expect(answer).to.not.contain('HTTP');
      }, secure);
    });
  }

  it('reads records of one byte', async () => {
    await withstand(async (target) => {
      const attacker = await openSecurely(target);
      for (const byte of frame(1, 'a'.repeat(200), { key })) {
        attacker.write(Buffer.of(byte));
        await setImmediate();
      }

      expect(await attacker.hears('a'.repeat(200))).to.contain('a'.repeat(200));
      attacker.socket.destroy();
    }, secure);
  });

  it('does not negotiate anew, however often a client asks for it', async () => {
    await withstand(async (target) => {
      const attacker = await openSecurely(target, { maxVersion: 'TLSv1.2' });
      const socket = attacker.socket as TLSSocket;
      let renewed = 0;
      // Each attempt listens; how many there are before the server cuts them off is not ours to say.
      socket.setMaxListeners(0).on('secure', () => renewed++);
      for (let i = 0; i < 50 && !socket.destroyed; i++) {
        socket.renegotiate({}, () => {});
        await setImmediate();
      }

      expect(renewed).to.equal(0);
      socket.destroy();
    }, secure);
  });

  it('forgets who resets the connection within TLS, or right behind it', async () => {
    const hello = await clientHello({ servername: 'localhost' });
    await withstand(async (target) => {
      for (const words of [hello.subarray(0, 20), hello]) {
        for (let i = 0; i < 20; i++) {
          const client = await target.connect();
          client.write(words);
          if (i % 2 === 0) await setImmediate();
          client.socket.resetAndDestroy();
        }
      }
      for (let i = 0; i < 10; i++) {
        const client = await connectSecurely(target.port);
        client.write(upgradeRequest());
        client.socket.destroy();
      }
    }, secure);
  });
});
