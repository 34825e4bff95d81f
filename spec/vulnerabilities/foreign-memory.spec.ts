import { expect } from 'chai';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import type { WireFrame } from '../support/frames.ts';
import { emitted } from '../support/emitted.ts';
import { RawPeer, type RawConnection } from '../support/raw-peer.ts';

const SECRET = 0x5e;

// CVE-2016-10518, CVE-2026-45736 (ws): a number or a typed array in the place of bytes or text sent
// that many bytes of memory that had been something else.
describe('Memory that nobody meant to send', () => {
  let peer: RawPeer;
  let socket: QWebSocket;
  let connection: RawConnection;

  beforeEach(async () => {
    peer = await RawPeer.listen();
    socket = new QWebSocket();
    socket.open(peer.url);
    connection = await peer.accept();
    await emitted(socket.connected);
  });

  afterEach(() => {
    socket.abort();
    peer.close();
  });

  const numbers: Record<string, (to: QWebSocket) => void> = {
    'ping()': (to) => to.ping(125 as never),
    'sendBinaryMessage()': (to) => to.sendBinaryMessage(1000 as never),
    'sendTextMessage()': (to) => to.sendTextMessage(1000 as never),
    'close()': (to) => to.close(1000, 123 as never),
  };
  for (const [method, call] of Object.entries(numbers)) {
    it(`does not go out when ${method} is given a number`, async () => {
      expect(() => call(socket)).to.throw(TypeError);

      socket.ping();
      expect(await connection.frame()).to.include({ opcode: 9 });
    });
  }

  const reasons: Record<string, unknown> = {
    'a Float32Array': new Float32Array(20),
    'a Uint8Array': new Uint8Array(100).fill(0x61),
    'an ArrayBuffer': new ArrayBuffer(100),
    'an array': [1, 2, 3],
    'an object with a length': { length: 100 },
    null: null,
  };
  for (const [what, reason] of Object.entries(reasons)) {
    it(`does not go out when close() is given ${what} for a reason`, async () => {
      expect(() => socket.close(1000, reason as string)).to.throw(TypeError, 'Expected a string.');

      socket.close(1001, 'really');
      const { payload } = await connection.frame();
      expect([payload.readUInt16BE(0), payload.toString('utf8', 2)]).to.deep.equal([
        1001,
        'really',
      ]);
    });
  }

  it('does not go out when close() is given nothing', async () => {
    socket.close(1000, undefined);

    expect((await connection.frame()).payload.toString('hex')).to.equal('03e8');
  });

  const shared = new SharedArrayBuffer(64);
  const views: Record<string, (memory: ArrayBuffer) => ArrayBufferView> = {
    'a Uint8Array': (memory) => new Uint8Array(memory, 16, 8),
    'wider elements': (memory) => new Float64Array(memory, 16, 1),
    'a DataView': (memory) => new DataView(memory, 16, 8),
    'a Buffer': (memory) => Buffer.from(memory, 16, 8),
    'shared memory': () => new Uint8Array(shared, 16, 8),
  };
  for (const [what, view] of Object.entries(views)) {
    it(`around ${what} does not go out`, async () => {
      const memory = new ArrayBuffer(64);
      for (const whole of [memory, shared]) {
        new Uint8Array(whole).fill(SECRET);
        new Uint8Array(whole, 16, 8).set([1, 2, 3, 4, 5, 6, 7, 8]);
      }

      socket.sendBinaryMessage(view(memory));
      socket.ping(view(memory));

      const sent = [await connection.frame(), await connection.frame()];
      expect(sent.map(({ payload }) => payload.toString('hex'))).to.deep.equal([
        '0102030405060708',
        '0102030405060708',
      ]);
    });
  }

  it('does not go out when bytes are gone that were to be sent', async () => {
    const bytes = new Uint8Array(1000);
    structuredClone(bytes, { transfer: [bytes.buffer] });

    expect(() => socket.sendBinaryMessage(bytes)).to.throw(TypeError);

    socket.sendTextMessage('next');
    expect((await connection.frame()).payload.toString()).to.equal('next');
  });

  it('does not go out in the frames of any length', async () => {
    // What the memory for outgoing frames holds before: all of it is used again.
    const dirt = Buffer.alloc(8000, SECRET);
    for (let i = 0; i < 32; i++) socket.sendBinaryMessage(dirt);
    for (let i = 0; i < 32; i++) await connection.frame();
    const texts = ['', 'é', 'a€'.repeat(50), '😀'.repeat(3000), 'ü'.repeat(70_000)];
    const lengths = [0, 1, 125, 126, 8191, 8192, 8193, 65_535, 65_536, 600_000];

    for (const text of texts) socket.sendTextMessage(text);
    for (const length of lengths) socket.sendBinaryMessage(Buffer.alloc(length, 1));

    const sent: string[] = [];
    for (const _ of texts) sent.push((await connection.frame()).payload.toString());
    expect(sent).to.deep.equal(texts);
    for (const length of lengths) {
      const bytes = Buffer.concat((await message(connection)).map(({ payload }) => payload));
      expect(bytes.equals(Buffer.alloc(length, 1)), `${length} bytes`).to.equal(true);
    }
  });
});

/** The frames of the next message. */
async function message(connection: RawConnection): Promise<WireFrame[]> {
  const frames: WireFrame[] = [];
  do frames.push(await connection.frame());
  while (!frames.at(-1)!.isFinal);
  return frames;
}
