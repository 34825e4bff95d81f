import { expect } from 'chai';
import { once } from 'node:events';
import type { ClientHttp2Stream, ServerHttp2Stream } from 'node:http2';
import { Http2Error } from '../../lib/node/http2-error.ts';
import { headersOf, Http2Socket, resetStream } from '../../lib/node/http2-socket.ts';
import { Http2Client } from '../support/http2-client.ts';
import { Http2Peer } from '../support/http2-peer.ts';

describe('Http2Socket', () => {
  let peer: Http2Peer;
  let client: Http2Client;
  let sockets: Http2Socket[];

  beforeEach(async () => {
    peer = await Http2Peer.listenInTheClear();
    client = await Http2Client.connectInTheClear(peer.port);
    sockets = [];
  });

  afterEach(() => {
    for (const socket of sockets) socket.on('error', () => {}).destroy();
    client.close();
    peer.close();
  });

  /** A socket at the server's end of a stream, and the client's end as it is. */
  async function open(): Promise<[socket: Http2Socket, far: ClientHttp2Stream]> {
    const far = client.request();
    const near: ServerHttp2Stream = await peer.accept();
    await once(far, 'response');
    const socket = new Http2Socket(near);
    sockets.push(socket);
    return [socket, far];
  }

  it('carries bytes in both directions', async () => {
    const [socket, far] = await open();

    socket.write('to the client');
    far.write('to the server');
    const [[sent], [received]] = (await Promise.all([once(far, 'data'), once(socket, 'data')])) as [
      [Buffer],
      [Buffer],
    ];

    expect([String(sent), String(received)]).to.deep.equal(['to the client', 'to the server']);
  });

  it('takes the end of a stream for that of a side', async () => {
    const [socket, far] = await open();
    far.end('last words');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'end');

    socket.end('so be it');
    const closed = Promise.all([once(socket, 'close'), once(far, 'close')]);
    const [answer] = (await once(far, 'data')) as [Buffer];
    await closed;

    expect([String(Buffer.concat(chunks)), String(answer)]).to.deep.equal([
      'last words',
      'so be it',
    ]);
    expect(far.rstCode).to.equal(Http2Error.NoError);
  });

  it('ends its side, and still reads', async () => {
    const [socket, far] = await open();
    far.resume();
    socket.end();
    await once(far, 'end');

    far.write('still here');

    expect(String((await once(socket, 'data')) as unknown)).to.equal('still here');
  });

  it('resets the stream when it is destroyed', async () => {
    const [socket, far] = await open();
    const closed = once(far, 'close');

    socket.destroy();
    await closed;

    expect(far.rstCode).to.equal(Http2Error.Cancel);
  });

  // RFC 8441 §5 names CANCEL; whatever the code is, the peer has not ended in order.
  const resets: Record<string, (stream: ClientHttp2Stream) => void> = {
    CANCEL: resetStream,
    NO_ERROR: (stream) => stream.destroy(),
    INTERNAL_ERROR: (stream) => stream.destroy(new Error('Broken')),
  };
  for (const [code, reset] of Object.entries(resets)) {
    it(`takes a stream that was reset with ${code} for a connection that was`, async () => {
      const [socket, far] = await open();
      const ends: string[] = [];
      socket.on('end', () => ends.push('end')).resume();

      reset(far);
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];

      expect(error.code).to.be.oneOf(['ECONNRESET', 'ERR_HTTP2_STREAM_ERROR']);
      expect(ends).to.deep.equal([]);
    });
  }

  it('takes the end of the whole connection for that of its own', async () => {
    const [socket] = await open();
    const broken = once(socket, 'error');

    peer.sessions[0]!.destroy();

    const [error] = (await broken) as [NodeJS.ErrnoException];
    expect(error.code).to.equal('ECONNRESET');
  });

  it('takes that for a reset also where it has ended its own side, and reads', async () => {
    const [socket, far] = await open();
    socket.on('data', () => {});
    socket.end();
    far.resume();
    await once(far, 'end');
    const failed = once(socket, 'error');

    client.close();

    const [error] = (await failed) as [NodeJS.ErrnoException];
    expect(error.code).to.equal('ECONNRESET');
  });

  it('still gives what came before a reset and was not read', async () => {
    const [socket, far] = await open();
    far.write('before');
    await once(socket, 'readable');
    socket.pause();

    resetStream(far);
    await once(socket, 'error');

    expect(String(socket.read())).to.equal('before');
  });

  it('lets its peer wait while nobody reads, and nobody else', async () => {
    const [slow, far] = await open();
    const [quick, other] = await open();
    const megabyte = Buffer.alloc(1024 * 1024);
    let isTaken = false;
    far.write(megabyte, () => (isTaken = true));
    other.write('not held up');

    expect(String((await once(quick, 'data')) as unknown)).to.equal('not held up');
    expect(isTaken).to.equal(false);
    let length = 0;
    slow.on('data', (chunk: Buffer) => (length += chunk.length));
    far.end();
    await once(slow, 'end');
    expect(length).to.equal(megabyte.length);
  });

  it('lets its peer wait when nobody reads on', async () => {
    const [socket, far] = await open();
    far.write('first');
    await once(socket, 'data');
    socket.pause();
    let taken = 0;
    for (let i = 0; i < 16; i++) far.write(Buffer.alloc(64 * 1024), () => taken++);
    for (let i = 0; i < 50; i++) {
      await new Promise<void>((resolve) => client.session.ping(() => resolve()));
    }

    expect(taken).to.be.lessThan(4);
    expect(socket.readableLength).to.be.lessThan(256 * 1024);
  });

  it('waits itself while its peer does not read, and others do not', async () => {
    const [slow, far] = await open();
    const [quick, other] = await open();
    far.pause();
    slow.write(Buffer.alloc(1024 * 1024));
    quick.write('not held up');

    expect(String((await once(other, 'data')) as unknown)).to.equal('not held up');
    expect(slow.writableLength).to.be.greaterThan(0);
  });

  it('says so on a later turn when the stream has gone before', async () => {
    const far = client.request();
    const near = await peer.accept();
    resetStream(far);
    await once(near, 'close');

    const socket = new Http2Socket(near);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];

    expect(error.code).to.equal('ECONNRESET');
  });
});

describe('headersOf()', () => {
  it('keeps the values of a repeated name in their order', () => {
    expect({ ...headersOf(['a', '1', 'b', '2', 'a', '3', 'a', '4']) }).to.deep.equal({
      a: ['1', '3', '4'],
      b: '2',
    });
  });
});
