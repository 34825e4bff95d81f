import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { QSslConfiguration, QWebSocket, type CompressionOptions } from '../../../lib/index.ts';
import { certificate, CERTS } from '../../ssl/support/certs.ts';
import { emitted } from '../../support/emitted.ts';
import { OurServer } from './our-server.ts';
import type { PeerProgram } from './peer-program.ts';

type Agreement = Omit<CompressionOptions, 'level' | 'threshold' | 'historySize'>;

const agreements: Readonly<Record<string, Agreement>> = {
  'that carries the context over': {},
  'of each message by itself': { serverNoContextTakeover: true, clientNoContextTakeover: true },
  'of which the client carries the context over': { serverNoContextTakeover: true },
  'with small windows': { serverMaxWindowBits: 9, clientMaxWindowBits: 10 },
};

/** What is sent, over and over with a growing number of repetitions. */
const units = ['', 'a', '{"id":17,"name":"Grüße, 再见 😀"},', '0123456789'.repeat(40)];
const counts = [1, 3, 100, 4000];

let lastId = 0;

/** What our client and server do together with those of another implementation that compresses. */
export function itCompressesWith(start: () => Promise<PeerProgram>): void {
  let peer: PeerProgram;

  before(async () => {
    peer = await start();
  });

  after(async () => {
    await (peer as PeerProgram | undefined)?.stop();
  });

  for (const [name, agreement] of Object.entries(agreements)) {
    describe(`with compression ${name}`, () => {
      it('its server gets our messages and sends them back', async () => {
        peer.tell({ do: 'listen', subprotocols: [], deflate: agreement });
        const { port } = await peer.next('listening');
        const socket = new QWebSocket();
        socket.setCompressionEnabled(true);
        socket.setCompressionOptions({ ...agreement, threshold: 0 });
        socket.open(`ws://127.0.0.1:${port}/`);
        await emitted(socket.connected);
        expectAgreement(socket, agreement);

        const sent = messages();
        const received: string[] = [];
        const binary: Buffer[] = [];
        socket.textMessageReceived.connect((message) => void received.push(message));
        socket.binaryMessageReceived.connect((message) => void binary.push(Buffer.from(message)));
        for (const message of sent) {
          socket.sendTextMessage(message);
          socket.sendBinaryMessage(Buffer.from(message));
        }
        while (binary.length < sent.length) await emitted(socket.binaryMessageReceived);
        socket.abort();

        expect(received).to.deep.equal(sent);
        expect(binary.map(String)).to.deep.equal(sent);
      });

      it('its client sends messages to our server, and gets them back', async () => {
        const server = new OurServer('ws', [], { ...agreement, threshold: 0 });
        const id = `compressing ${++lastId}`;
        peer.tell({ do: 'open', id, url: server.url, subprotocols: [], deflate: agreement });
        await peer.next('open', id);
        expectAgreement(await server.accept(), agreement);

        for (const kind of ['text', 'binary'] as const) {
          for (const unit of units) {
            for (const times of counts) {
              const bytes = Buffer.from(unit.repeat(times));
              const form = kind === 'text' ? unit : Buffer.from(unit).toString('hex');
              peer.tell({ do: 'send', id, kind, unit: form, times });
              expect(await peer.next('message', id)).to.include({
                kind,
                size: bytes.length,
                sha1: createHash('sha1').update(bytes).digest('hex'),
              });
            }
          }
        }
        server.stop();
      });
    });
  }

  describe('with compression, in fragments and over TLS', () => {
    const unit = '{"id":17,"name":"Grüße, 再见 😀"},';
    const message = unit.repeat(1000);

    it('its server gets our messages and sends them back', async () => {
      const tls = { cert: `${CERTS}/server.crt`, key: `${CERTS}/server.key` };
      peer.tell({ do: 'listen', subprotocols: [], deflate: {}, tls });
      const { port } = await peer.next('listening');
      const socket = new QWebSocket();
      const configuration = new QSslConfiguration();
      configuration.setCaCertificates([certificate('ca')]);
      socket.setSslConfiguration(configuration);
      socket.setCompressionEnabled(true);
      socket.setOutgoingFrameSize(50);
      socket.open(`wss://127.0.0.1:${port}/`);
      await emitted(socket.connected);
      expectAgreement(socket, {});
      const id = `port ${socket.localPort()}`;
      await peer.next('open', id);
      peer.tell({ do: 'fragment', id, size: 5000 });
      await peer.next('fragmenting', id);

      for (let time = 0; time < 2; time++) {
        const answer = emitted(socket.textMessageReceived);
        socket.sendTextMessage(message);
        expect((await answer)[0] === message).to.equal(true);
      }
      socket.abort();
    });

    it('its client sends messages to our server, and gets them back', async () => {
      const server = new OurServer('wss', [], {});
      const id = `compressing ${++lastId}`;
      const ca = `${CERTS}/ca.crt`;
      peer.tell({ do: 'open', id, url: server.url, subprotocols: [], deflate: {}, ca });
      await peer.next('open', id);
      const socket = await server.accept();
      expectAgreement(socket, {});
      socket.setOutgoingFrameSize(50);
      peer.tell({ do: 'fragment', id, size: 5000 });
      await peer.next('fragmenting', id);

      for (let time = 0; time < 2; time++) {
        peer.tell({ do: 'send', id, kind: 'text', unit, times: 1000 });
        expect(await peer.next('message', id)).to.include({
          kind: 'text',
          sha1: createHash('sha1').update(message).digest('hex'),
        });
      }
      server.stop();
    });
  });
}

function messages(): string[] {
  return units.flatMap((unit) => counts.map((times) => unit.repeat(times)));
}

function expectAgreement(socket: QWebSocket, agreement: Agreement): void {
  const extensions = socket.extensions();
  expect(extensions).to.match(/^permessage-deflate/);
  const { serverMaxWindowBits, clientMaxWindowBits, serverNoContextTakeover } = agreement;
  const named = {
    [`server_max_window_bits=${serverMaxWindowBits}`]: serverMaxWindowBits !== undefined,
    [`client_max_window_bits=${clientMaxWindowBits}`]: clientMaxWindowBits !== undefined,
    server_no_context_takeover: serverNoContextTakeover === true,
  };
  for (const [name, isNamed] of Object.entries(named)) {
    if (isNamed) expect(extensions).to.include(name);
  }
}
