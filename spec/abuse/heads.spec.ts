import { expect } from 'chai';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { memoryInUse } from '../support/memory.ts';
import { upgradeRequest, type RawClient } from '../support/raw-client.ts';
import { closeCode } from './support/close-code.ts';
import { withstand, type Target } from './support/withstand.ts';

const REQUEST_LINE = 'GET / HTTP/1.1\r\n';
const MiB = 1024 * 1024;

/** The first line of the answer that each of `clients` hears before the end. */
async function answers(clients: readonly RawClient[]): Promise<string[]> {
  const heard = await Promise.all(clients.map((client) => client.ended()));
  return [...new Set(heard.map((text) => text.split('\r\n', 1)[0]!))];
}

/** `count` clients that have said `words`. */
async function crowd(target: Target, count: number, words: string): Promise<RawClient[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => target.connect()));
  for (const client of clients) client.write(words);
  return clients;
}

describe('A server that hears hostile heads', function () {
  this.timeout(60_000);

  it('cuts the time of those that drip, whatever still comes', async () => {
    await withstand(
      async (target) => {
        const clients = await crowd(target, 50, '');
        const head = upgradeRequest({ 'X-Long': 'a'.repeat(8000) });
        for (let at = 0; !clients[0]!.socket.readableEnded; at++) {
          for (const client of clients) client.write(head[at]!);
          await setTimeout(5);
        }

        expect(await answers(clients)).to.deep.equal(['HTTP/1.1 408 Request Timeout']);
      },
      { prepare: (server) => server.setHandshakeTimeout(300) },
    );
  });

  it('lets nobody wait longer who says nothing at all', async () => {
    await withstand(
      async (target) => {
        const clients = await crowd(target, 100, '');

        expect(await answers(clients)).to.deep.equal(['HTTP/1.1 408 Request Timeout']);
      },
      { prepare: (server) => server.setHandshakeTimeout(300) },
    );
  });

  const giant: Record<string, string> = {
    'a request line without an end': `GET /${'a'.repeat(2 * MiB)}`,
    'a header without an end': `${REQUEST_LINE}X: ${'a'.repeat(2 * MiB)}`,
    'a name without an end': `${REQUEST_LINE}${'X'.repeat(2 * MiB)}`,
    'a folded line without an end': `${REQUEST_LINE}X: a${'\r\n a'.repeat(MiB / 4)}`,
    'ten thousand headers': `${REQUEST_LINE}${`X: ${'a'.repeat(50)}\r\n`.repeat(10_000)}\r\n`,
    'empty lines without an end': '\r\n'.repeat(MiB),
  };
  for (const [name, words] of Object.entries(giant)) {
    it(`refuses ${name} before much of it has come`, async () => {
      await withstand(async (target) => {
        const clients = await crowd(target, 10, '');
        let sent = 0;
        for (; clients.some(({ text }) => text === '') && sent < words.length; sent += 1024) {
          for (const client of clients) client.write(words.slice(sent, sent + 1024));
          await setImmediate();
        }

        expect((await answers(clients)).join()).to.match(/^HTTP\/1.1 4(?:00|14|31) [\w ]+$/);
        expect(sent).to.be.below(64 * 1024);
      });
    });
  }

  it('refuses heads that are too much together, and none that is short', async () => {
    await withstand(async (target) => {
      const before = memoryInUse();
      const line = `X: ${'a'.repeat(8000)}\r\n`;
      const clients = await crowd(target, 60, REQUEST_LINE);
      for (let i = 0; i < 90; i++) {
        for (const client of clients) if (client.text === '') client.write(line);
        await setImmediate();
      }
      const isServed = ({ text }: RawClient): boolean => text === '';

      // 60 times 720 KB would be 43 MB.
      expect(clients.filter(isServed).length).to.be.within(15, 30);
      expect(memoryInUse() - before).to.be.below(40 * MiB);
      const refused = clients.filter((client) => !isServed(client));
      expect(await answers(refused)).to.deep.equal(['HTTP/1.1 503 Service Unavailable']);
      expect(target.complaints[0]?.[1]).to.match(/^Pending requests are too large together\./);
    });
  });

  const garbage: Record<string, string> = {
    NUL: `GET /\0 HTTP/1.1\r\n\r\n`,
    'NUL in a name': `${REQUEST_LINE}X\0: a\r\n\r\n`,
    'NUL in a value': `${REQUEST_LINE}X: \0\r\n\r\n`,
    'a bare LF': `${REQUEST_LINE}X: a\nUpgrade: websocket\r\n\r\n`,
    'bare LFs all over': upgradeRequest().replaceAll('\r\n', '\n'),
    'a bare CR': `${REQUEST_LINE}X: a\rb\r\n\r\n`,
    noise: Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) & 0xff)).toString(
      'latin1',
    ),
    'a hello of TLS': '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  };
  it('refuses what is no head at all', async () => {
    await withstand(
      async (target) => {
        for (const [name, words] of Object.entries(garbage)) {
          const clients = await crowd(target, 5, '');
          for (const client of clients) client.write(Buffer.from(words, 'latin1'));

          const answer = (await answers(clients)).join();
          expect(answer, name).to.match(/^HTTP\/1.1 (?:400|405|408|505) /);
        }
      },
      { prepare: (server) => server.setHandshakeTimeout(300) },
    );
  });

  it('fails garbage behind a good request as frames, with 1002', async () => {
    await withstand(async (target) => {
      const clients = await crowd(target, 20, `${upgradeRequest()}${upgradeRequest()}`);

      for (const client of clients) {
        // G and E: reserved bits are set, and nothing is masked.
        expect(closeCode(await client.ended())).to.equal(1002);
      }
    });
  });

  it('leaves what is pipelined behind a request in the system until it is fetched', async () => {
    await withstand(
      async (target) => {
        target.server.blockSignals(true);
        const [client] = await crowd(target, 1, upgradeRequest());
        await client!.hears('\r\n\r\n');
        target.server.blockSignals(false);
        const piece = Buffer.alloc(MiB);
        const before = memoryInUse();

        for (let i = 0; i < 32; i++) client!.write(piece);
        await standstill(client!);

        expect(client!.socket.writableLength).to.be.above(8 * MiB);
        expect(memoryInUse() - before).to.be.below(MiB);
        target.server.nextPendingConnection()?.abort();
      },
      // Whoever comes meanwhile waits behind it.
      { isOpen: false },
    );
  });
});

/** Waits until the system takes nothing more of what `client` says. */
async function standstill({ socket }: RawClient): Promise<void> {
  for (let left = Infinity; socket.writableLength < left;) {
    left = socket.writableLength;
    await setTimeout(50);
  }
}
