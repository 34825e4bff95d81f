import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { RoomServer } from '../../examples/electron/roomserver.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { emitted } from '../support/emitted.ts';

const ORIGIN = 'app://chat';

describe('the example electron', () => {
  let room: RoomServer;
  let sockets: QWebSocket[];

  beforeEach(() => {
    room = new RoomServer(ORIGIN);
    sockets = [];
    expect(room.listen()).to.equal(true);
  });

  afterEach(() => {
    for (const socket of sockets) socket.abort();
    room.close();
  });

  function open(origin: string, authorization: string): QWebSocket {
    const socket = new QWebSocket(origin);
    sockets.push(socket);
    const request = new QNetworkRequest(room.url());
    request.setRawHeader('Authorization', authorization);
    socket.open(request);
    return socket;
  }

  it('lets those talk who come from its page and know the secret', async () => {
    const socket = open(ORIGIN, room.authorization);
    expect(await emitted(socket.textMessageReceived)).to.deep.equal(['Window 1 is here.']);
    const other = open(ORIGIN, room.authorization);
    await emitted(other.textMessageReceived);
    const heard = emitted(other.textMessageReceived);
    socket.sendTextMessage('Hello');

    expect(await heard).to.deep.equal(['Window 1: Hello']);
  });

  for (const origin of ['', 'null', 'file://', 'http://localhost', 'app://chat.evil.example']) {
    it(`does not let ${origin || 'who has no origin'} in`, async () => {
      const socket = open(origin, room.authorization);
      await emitted(socket.errorOccurred);

      expect(socket.errorString()).to.include('403');
    });
  }

  for (const secret of ['Bearer', 'Bearer x', 'Bearer '.padEnd(50, 'x')]) {
    it(`does not let who says "${secret}" in`, async () => {
      const socket = open(ORIGIN, secret);
      await emitted(socket.disconnected);

      expect(socket.closeCode()).to.equal(1008);
    });
  }

  it('has a page without scripts of others, and without its own in it', () => {
    const page = readFileSync('build/examples/electron/index.html', 'utf8');

    expect(page.match(/<script[^>]*>/g)).to.deep.equal(['<script src="bundle/page.js" defer>']);
    expect(page).to.not.include('http');
  });
});
