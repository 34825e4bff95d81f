import { createHash } from 'node:crypto';
import { expect } from 'chai';
import {
  QSslConfiguration,
  QWebSocket,
  QWebSocketHandshakeOptions,
  SslProtocol,
} from '../../../lib/index.ts';
import { certificate, CERTS } from '../../ssl/support/certs.ts';
import { emitted } from '../../support/emitted.ts';
import { OurServer } from './our-server.ts';
import type { PeerProgram } from './peer-program.ts';

/** Another implementation, and what can be asked of it. */
export interface Implementation {
  readonly start: () => Promise<PeerProgram>;
  /** The close code that it tells when we cut the connection (RFC 6455 §7.1.5: 1006). */
  readonly codeWhenCut: number;
  /** How many connections are made, and how many of them are open together. */
  readonly oneAfterAnother: number;
  readonly atOnce: number;
}

type Scheme = 'ws' | 'wss';
type Kind = 'text' | 'binary';

interface Message {
  readonly kind: Kind;
  readonly unit: string;
  readonly times: number;
}

const messages: Readonly<Record<string, Message>> = {
  'an empty text': { kind: 'text', unit: '', times: 1 },
  'a text of 125 bytes': { kind: 'text', unit: 'x', times: 125 },
  'a text of 126 bytes': { kind: 'text', unit: 'x', times: 126 },
  'a text of 64 KiB less one byte': { kind: 'text', unit: 'x', times: 65_535 },
  'a text of 64 KiB': { kind: 'text', unit: 'x', times: 65_536 },
  'a text of characters of one to four bytes': { kind: 'text', unit: 'aä€😀', times: 1000 },
  'a text of 16 MiB': { kind: 'text', unit: '0123456789abcdef', times: 2 ** 20 },
  'a text of 16 MiB that is not ASCII': { kind: 'text', unit: 'aä€😀', times: 1_677_721 },
  'an empty binary message': { kind: 'binary', unit: '', times: 1 },
  'a binary message of one byte': { kind: 'binary', unit: '00', times: 1 },
  'a binary message of 64 KiB': { kind: 'binary', unit: '00ff', times: 32_768 },
  'a binary message of 1 MiB': { kind: 'binary', unit: '00017f80feff', times: 174_763 },
  'a binary message of 16 MiB': { kind: 'binary', unit: '0001027f8081feff', times: 2 ** 21 },
};

const SUBPROTOCOLS = ['chat', 'soap'];
const REASON = 'Grüße, 再见';

interface OpenOptions {
  readonly subprotocols?: string[];
  readonly protocol?: SslProtocol;
}

let lastId = 0;

/** What our client and server do together with those of `implementation`. */
export function itWorksTogetherWith(implementation: Implementation): void {
  let peer: PeerProgram;

  before(async () => {
    peer = await implementation.start();
  });

  after(async () => {
    // Missing when it did not start.
    await (peer as PeerProgram | undefined)?.stop();
  });

  for (const scheme of ['ws', 'wss'] as const) {
    describe(`our client and its server over ${scheme}:`, () => {
      itServesOurClient(() => peer, scheme, implementation);
    });
    describe(`its client and our server over ${scheme}:`, () => {
      itIsServedByUs(() => peer, scheme, implementation);
    });
  }
}

function itServesOurClient(
  getPeer: () => PeerProgram,
  scheme: Scheme,
  implementation: Implementation,
): void {
  let peer: PeerProgram;
  let url: string;
  let socket: QWebSocket;

  before(async () => {
    peer = getPeer();
    const files = { cert: `${CERTS}/server.crt`, key: `${CERTS}/server.key` };
    const tls = scheme === 'wss' ? { tls: files } : {};
    peer.tell({ do: 'listen', subprotocols: SUBPROTOCOLS, ...tls });
    const { port } = await peer.next('listening');
    url = `${scheme}://127.0.0.1:${port}/`;
  });

  beforeEach(async () => {
    socket = await open(url);
    await peer.next('open', idOf(socket));
  });

  afterEach(() => {
    socket.abort();
  });

  for (const [name, message] of Object.entries(messages)) {
    it(`gets ${name} back`, async () => {
      expect(await isEchoed(socket, message)).to.equal(true);
    });
  }

  it('sends fragments, and takes them', async () => {
    socket.setOutgoingFrameSize(1000);
    peer.tell({ do: 'fragment', id: idOf(socket), size: 777 });
    await peer.next('fragmenting', idOf(socket));
    const frames: boolean[] = [];
    socket.textFrameReceived.connect((_, isLastFrame) => void frames.push(isLastFrame));
    const unit = 'aä€😀';

    const echoed = await isEchoed(socket, { kind: 'text', unit, times: 1000 });

    expect(echoed).to.equal(true);
    expect(frames.filter((isLastFrame) => isLastFrame)).to.have.lengthOf(1);
    expect(frames.length).to.be.greaterThan(5);
  });

  it('agrees on a subprotocol', async () => {
    const chatting = await open(url, { subprotocols: ['mqtt', 'chat'] });

    const { subprotocol } = await peer.next('open', idOf(chatting));

    expect([chatting.subprotocol(), subprotocol]).to.deep.equal(['chat', 'chat']);
    chatting.abort();
  });

  it('does without a subprotocol where both know none', async () => {
    const plain = await open(url, { subprotocols: ['mqtt'] });

    const { subprotocol } = await peer.next('open', idOf(plain));

    expect([plain.subprotocol(), subprotocol]).to.deep.equal(['', '']);
    plain.abort();
  });

  it('has its pings answered', async () => {
    const answer = emitted(socket.pong);

    socket.ping(Buffer.from('Still there?'));

    const [elapsedTime, payload] = await answer;
    expect(Buffer.from(payload).toString()).to.equal('Still there?');
    expect(elapsedTime).to.be.within(0, 60_000);
  });

  it('answers pings', async () => {
    const id = idOf(socket);

    peer.tell({ do: 'ping', id, payload: 'And you?' });

    expect(await peer.next('pong', id)).to.include({ payload: 'And you?' });
  });

  it('closes with a code and a reason', async () => {
    const id = idOf(socket);
    const gone = emitted(socket.disconnected);

    socket.close(4001, REASON);

    expect(await peer.next('closed', id)).to.include({ code: 4001, reason: REASON });
    await gone;
    expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4001, REASON]);
  });

  it('hears the code and the reason when it is closed', async () => {
    const gone = emitted(socket.disconnected);

    peer.tell({ do: 'close', id: idOf(socket), code: 4002, reason: REASON });

    await gone;
    expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4002, REASON]);
  });

  it('is missed when it cuts the connection', async () => {
    const id = idOf(socket);

    socket.abort();

    expect(await peer.next('closed', id)).to.include({ code: implementation.codeWhenCut });
  });

  it('takes a connection that is cut as such', async () => {
    const gone = emitted(socket.disconnected);

    peer.tell({ do: 'abort', id: idOf(socket) });

    await gone;
    expect(socket.closeCode()).to.equal(1006);
  });

  it(`connects ${implementation.oneAfterAnother} times, one after another`, async () => {
    // With TLS 1.3, Qt's server sends its tickets in a packet of their own: Nagle's algorithm then
    // keeps the answer behind them until our system has acknowledged it, 40 ms later.
    const protocol = SslProtocol.TlsV1_2;

    for (let i = 0; i < implementation.oneAfterAnother; i++) {
      const next = await open(url, { protocol });
      expect(await isEchoed(next, { kind: 'text', unit: `Hello ${i}`, times: 1 })).to.equal(true);
      await close(next);
    }
  });

  it(`connects ${implementation.atOnce} times at once`, async () => {
    const sockets = await Promise.all(times(implementation.atOnce, () => open(url)));

    const echoed = await Promise.all(
      sockets.map((next, i) => isEchoed(next, { kind: 'text', unit: `Hello ${i}`, times: 1 })),
    );

    expect(echoed).to.deep.equal(sockets.map(() => true));
    await Promise.all(sockets.map(close));
  });
}

function itIsServedByUs(
  getPeer: () => PeerProgram,
  scheme: Scheme,
  implementation: Implementation,
): void {
  let peer: PeerProgram;
  let server: OurServer;

  beforeEach(() => {
    peer = getPeer();
    server = new OurServer(scheme, SUBPROTOCOLS);
  });

  afterEach(() => {
    server.stop();
  });

  /** Lets the peer open a client; returns its id and the subprotocol it has got. */
  async function openPeer(subprotocols: string[] = []): Promise<[id: string, chosen: string]> {
    const id = `client ${++lastId}`;
    const ca = scheme === 'wss' ? { ca: `${CERTS}/ca.crt` } : {};
    peer.tell({ do: 'open', id, url: server.url, subprotocols, ...ca });
    const { subprotocol } = await peer.next('open', id);
    return [id, subprotocol];
  }

  /** One connection: the id of the peer's end, and our end. */
  async function connect(): Promise<[id: string, socket: QWebSocket]> {
    const [id] = await openPeer();
    return [id, await server.accept()];
  }

  /** Whether what the peer sends comes back to it. */
  async function hasEchoed(id: string, message: Message): Promise<boolean> {
    peer.tell({ do: 'send', id, ...message });
    const got = await peer.next('message', id);
    const bytes = bytesOf(message);
    const sha1 = createHash('sha1').update(bytes).digest('hex');
    return got.kind === message.kind && got.size === bytes.length && got.sha1 === sha1;
  }

  async function closePeer(id: string): Promise<void> {
    peer.tell({ do: 'close', id, code: 1000, reason: '' });
    await peer.next('closed', id);
  }

  for (const [name, message] of Object.entries(messages)) {
    it(`sends ${name} back`, async () => {
      const [id] = await connect();

      expect(await hasEchoed(id, message)).to.equal(true);
    });
  }

  it('greets, right behind the handshake', async () => {
    server.greeting = 'Welcome!';

    const [id] = await openPeer();

    expect(await peer.next('message', id)).to.include({ kind: 'text', size: 8 });
  });

  it('takes fragments, and sends them', async () => {
    const [id, socket] = await connect();
    socket.setOutgoingFrameSize(1000);
    peer.tell({ do: 'fragment', id, size: 777 });
    const frames: boolean[] = [];
    socket.textFrameReceived.connect((_, isLastFrame) => void frames.push(isLastFrame));
    const unit = 'aä€😀';

    const echoed = await hasEchoed(id, { kind: 'text', unit, times: 1000 });

    expect(echoed).to.equal(true);
    expect(frames.filter((isLastFrame) => isLastFrame)).to.have.lengthOf(1);
    expect(frames.length).to.be.greaterThan(5);
  });

  it('agrees on a subprotocol', async () => {
    const [, chosen] = await openPeer(['mqtt', 'chat']);

    const socket = await server.accept();

    expect([socket.subprotocol(), chosen]).to.deep.equal(['chat', 'chat']);
  });

  it('answers pings', async () => {
    const [id] = await connect();

    peer.tell({ do: 'ping', id, payload: 'Still there?' });

    expect(await peer.next('pong', id)).to.include({ payload: 'Still there?' });
  });

  it('has its pings answered', async () => {
    const [, socket] = await connect();
    const answer = emitted(socket.pong);

    socket.ping(Buffer.from('And you?'));

    const [, payload] = await answer;
    expect(Buffer.from(payload).toString()).to.equal('And you?');
  });

  it('closes with a code and a reason', async () => {
    const [id, socket] = await connect();
    const gone = emitted(socket.disconnected);

    socket.close(4001, REASON);

    expect(await peer.next('closed', id)).to.include({ code: 4001, reason: REASON });
    await gone;
    expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4001, REASON]);
  });

  it('hears the code and the reason when it is closed', async () => {
    const [id, socket] = await connect();
    const gone = emitted(socket.disconnected);

    peer.tell({ do: 'close', id, code: 4002, reason: REASON });

    await gone;
    expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4002, REASON]);
  });

  it('is missed when it cuts the connection', async () => {
    const [id, socket] = await connect();

    socket.abort();

    expect(await peer.next('closed', id)).to.include({ code: implementation.codeWhenCut });
  });

  it('takes a connection that is cut as such', async () => {
    const [id, socket] = await connect();
    const gone = emitted(socket.disconnected);

    peer.tell({ do: 'abort', id });

    await gone;
    expect(socket.closeCode()).to.equal(1006);
  });

  it(`serves ${implementation.oneAfterAnother} connections, one after another`, async () => {
    for (let i = 0; i < implementation.oneAfterAnother; i++) {
      const [id] = await openPeer();
      expect(await hasEchoed(id, { kind: 'text', unit: `Hello ${i}`, times: 1 })).to.equal(true);
      await closePeer(id);
    }
    await server.idle();
  });

  it(`serves ${implementation.atOnce} connections at once`, async () => {
    const ids = await Promise.all(times(implementation.atOnce, () => openPeer()));

    const echoed = await Promise.all(
      ids.map(([id], i) => hasEchoed(id, { kind: 'text', unit: `Hello ${i}`, times: 1 })),
    );

    expect(echoed).to.deep.equal(ids.map(() => true));
    await Promise.all(ids.map(([id]) => closePeer(id)));
    await server.idle();
  });
}

/** A client of ours that is connected. */
function open(
  url: string,
  { subprotocols = [], protocol = SslProtocol.SecureProtocols }: OpenOptions = {},
): Promise<QWebSocket> {
  const socket = new QWebSocket();
  if (url.startsWith('wss:')) {
    const configuration = new QSslConfiguration();
    configuration.setCaCertificates([certificate('ca')]);
    configuration.setProtocol(protocol);
    socket.setSslConfiguration(configuration);
  }
  const options = new QWebSocketHandshakeOptions();
  options.setSubprotocols(subprotocols);
  return new Promise((resolve, reject) => {
    const refused = socket.errorOccurred.connect(() => reject(new Error(socket.errorString())));
    socket.connected.connect(() => {
      refused.disconnect();
      resolve(socket);
    });
    socket.open(url, options);
  });
}

async function close(socket: QWebSocket): Promise<void> {
  const gone = emitted(socket.disconnected);
  socket.close();
  await gone;
}

/** How a server that is not ours calls its end of our client's connection. */
function idOf(socket: QWebSocket): string {
  return `port ${socket.localPort()}`;
}

/** Whether what we send comes back to us. */
async function isEchoed(socket: QWebSocket, message: Message): Promise<boolean> {
  if (message.kind === 'text') {
    const answer = emitted(socket.textMessageReceived);
    const text = message.unit.repeat(message.times);
    socket.sendTextMessage(text);
    const [got] = await answer;
    return got === text;
  }
  const answer = emitted(socket.binaryMessageReceived);
  const bytes = bytesOf(message);
  socket.sendBinaryMessage(bytes);
  const [got] = await answer;
  return bytes.equals(got);
}

function bytesOf({ kind, unit, times: count }: Message): Buffer {
  const one = Buffer.from(unit, kind === 'text' ? 'utf8' : 'hex');
  return Buffer.alloc(one.length * count, one);
}

function times<Value>(count: number, make: () => Value): Value[] {
  return Array.from({ length: count }, make);
}
