import { expect } from 'chai';
import { restore, stub } from 'sinon';
import { DigestSession } from '../../lib/codec/digest.ts';
import { parseChallenges } from '../../lib/codec/challenge.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QDefaultMaskGenerator } from '../../lib/websockets/qdefaultmaskgenerator.ts';
import { emitted } from '../support/emitted.ts';
import { RawPeer } from '../support/raw-peer.ts';

const KEYS = 20_000;
const BITS = 32;

// CVE-2025-10148 (curl): one key for the whole connection. GHSA-w67g-5rqw-f597 (gorilla/websocket):
// keys of a weak generator. CVE-2017-16031 (socket.io): identifiers from Math.random().
describe('What a peer must not foresee', () => {
  let peer: RawPeer | undefined;

  afterEach(() => {
    restore();
    peer?.close();
    peer = undefined;
  });

  it('is each masking key: as good as never twice, each bit in half of them and like no other', () => {
    const generator = new QDefaultMaskGenerator();
    const keys = Array.from({ length: KEYS }, () => generator.nextMask());

    // By chance two of them are the same once in 21 runs, and five in none.
    expect(new Set(keys).size).to.be.above(KEYS - 5);
    for (let bit = 0; bit < BITS; bit++) {
      const isSet = keys.map((key) => (key >>> bit) & 1);
      expect(share(isSet), `bit ${bit}`).to.be.closeTo(0.5, 0.03);
      const next = isSet.map((value, i) => value ^ (isSet[i + 1] ?? 0));
      expect(share(next), `bit ${bit} and that of the next key`).to.be.closeTo(0.5, 0.03);
      const other = keys.map((key, i) => isSet[i]! ^ ((key >>> ((bit + 1) % BITS)) & 1));
      expect(share(other), `bit ${bit} and the next bit`).to.be.closeTo(0.5, 0.03);
    }
  });

  it('is the key of each frame of a connection', async () => {
    stub(Math, 'random').returns(0.5);
    peer = await RawPeer.listen();
    const socket = new QWebSocket();
    socket.open(peer.url);
    const connection = await peer.accept();
    await emitted(socket.connected);
    socket.setOutgoingFrameSize(1);

    socket.sendTextMessage('a'.repeat(1000));
    socket.sendBinaryMessage(new Uint8Array(1000));
    for (let i = 0; i < 1000; i++) socket.ping();
    socket.close();

    const keys = new Set<number | undefined>();
    for (let i = 0; i < 3001; i++) keys.add((await connection.frame()).key);
    // Two alike among 3,001 come once in a thousand runs.
    expect(keys.size).to.be.above(2998);
    expect(keys.has(undefined)).to.equal(false);
    socket.abort();
  });

  it('is the key of each handshake', async () => {
    stub(Math, 'random').returns(0.5);
    peer = await RawPeer.listen();
    const keys = new Set<string>();
    const socket = new QWebSocket();
    for (let i = 0; i < 50; i++) {
      socket.open(peer.url);
      const head = await (await peer.next()).head();
      keys.add(/^Sec-WebSocket-Key: (.*)$/m.exec(head)![1]!);
    }
    socket.abort();

    expect(keys.size).to.equal(50);
  });

  it('is what a client adds to a digest', () => {
    stub(Math, 'random').returns(0.5);
    const [challenge] = parseChallenges(['Digest realm="r", nonce="n", qop="auth"']);
    const answers = Array.from({ length: 50 }, () =>
      DigestSession.of(challenge!)!.authorization(
        { method: 'GET', uri: '/' },
        { user: 'u', password: 'p' },
      ),
    );

    expect(new Set(answers.map((text) => /cnonce="(.{32})"/.exec(text)![1]!)).size).to.equal(50);
  });
});

function share(bits: readonly number[]): number {
  return bits.reduce((sum, bit) => sum + bit, 0) / bits.length;
}
