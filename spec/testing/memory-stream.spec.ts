import { expect } from 'chai';
import fc from 'fast-check';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { MemoryStream } from '../../lib/testing/memory-stream.ts';
import { settled } from '../../lib/testing/settled.ts';

describe('MemoryStream', () => {
  it('lets out at the other end what was written, on a later turn', async () => {
    const [client, server] = MemoryStream.pair();
    const heard: string[] = [];
    server.on('data', (chunk: Buffer) => heard.push(chunk.toString()));

    client.write('one');
    client.write('two');
    expect(heard).to.deep.equal([]);
    await settled();

    expect(heard.join('')).to.equal('onetwo');
  });

  it('carries both ways at once', async () => {
    const [client, server] = MemoryStream.pair();
    client.end('request');
    server.end('answer');

    const [atServer, atClient] = await Promise.all([buffer(server), buffer(client)]);

    expect([atServer.toString(), atClient.toString()]).to.deep.equal(['request', 'answer']);
  });

  it('carries any bytes, in any pieces, as they were when they were written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200_000 })), async (pieces) => {
        const [client, server] = MemoryStream.pair();
        const whole = Buffer.concat(pieces);
        const arrived = buffer(server);
        for (const piece of pieces) {
          client.write(piece);
          await settled();
          piece.fill(0);
        }
        client.end();

        expect((await arrived).equals(whole)).to.equal(true);
      }),
      { numRuns: 30 },
    );
  });

  it('has the writer wait while nobody reads', async () => {
    const [client, server] = MemoryStream.pair();
    client.write(Buffer.alloc(100_000));
    client.write(Buffer.alloc(1000));
    await settled();

    expect(client.writableLength).to.equal(101_000);
    server.resume();
    await settled();
    expect(client.writableLength).to.equal(0);
  });

  it('ends the one side, and leaves the other one open', async () => {
    const [client, server] = MemoryStream.pair();
    client.end();
    server.resume();
    await once(server, 'end');
    server.write('still there');

    const [chunk] = (await once(client, 'data')) as [Buffer];

    expect(chunk.toString()).to.equal('still there');
  });

  it('delivers what was on its way when the writer gave up, and then the end', async () => {
    const [client, server] = MemoryStream.pair();
    client.write('last words');
    client.destroy();

    expect((await buffer(server)).toString()).to.equal('last words');
  });

  it('fails a write to somebody who has gone, as a socket does', async () => {
    const [client, server] = MemoryStream.pair();
    server.destroy();
    client.resume();
    await once(client, 'end');
    client.write('hello?');

    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];

    expect(error.code).to.equal('EPIPE');
  });

  it('tells the other end of a reset by an error, as a socket does', async () => {
    const [client, server] = MemoryStream.pair();
    client.reset();

    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];

    expect(error.code).to.equal('ECONNRESET');
    expect(client.destroyed).to.equal(true);
  });

  it('resets in spite of what waits', async () => {
    const [client, server] = MemoryStream.pair();
    client.stall();
    client.write('never seen');
    client.reset();

    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];

    expect(error.code).to.equal('ECONNRESET');
  });

  it('lets nothing through while it is stalled, and everything afterwards', async () => {
    const [client, server] = MemoryStream.pair();
    const heard: string[] = [];
    server.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    client.stall();
    client.write('one');
    client.write('two');
    await settled();
    expect(heard).to.deep.equal([]);

    client.proceed();
    await settled();

    expect(heard.join('')).to.equal('onetwo');
  });

  it('tells who is at the other end', () => {
    const [client, server] = MemoryStream.pair();

    expect(server.remotePort).to.equal(client.localPort);
    expect(client.remotePort).to.equal(80);
    expect(server.remoteAddress).to.equal('127.0.0.1');
  });

  it('has another port for each client, within the ephemeral ones', () => {
    const ports = Array.from({ length: 20_000 }, () => MemoryStream.pair()[0].localPort);

    expect(Math.min(...ports)).to.be.at.least(49_152);
    expect(Math.max(...ports)).to.be.at.most(65_535);
    expect(new Set(ports).size).to.be.above(16_000);
  });
});
