import { expect } from 'chai';
import { kept, prepare, sizeOf, transmit } from '../../lib/websockets/outgoing-message.ts';
import {
  contentOf,
  QWebSocketPreparedMessage,
} from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { KeptSocket } from '../support/kept-socket.ts';

const made = QWebSocketPreparedMessage.fromText('Grüße');

describe('a message on its way out', () => {
  it('goes out as what it is', () => {
    const socket = KeptSocket.connected();
    const { buffer } = Uint8Array.of(1, 2);
    for (const message of ['text', buffer, new DataView(buffer), made]) {
      expect(transmit(socket, message)).to.equal(true);
    }

    expect(socket.backend.asked.slice(-4)).to.deep.equal([
      ['sendText', 'text'],
      ['sendBinary', [1, 2]],
      ['sendBinary', [1, 2]],
      ['sendPrepared', 'Grüße', undefined],
    ]);
  });

  it('may be empty', () => {
    const socket = KeptSocket.connected();
    for (const message of ['', new Uint8Array(), new ArrayBuffer(0)]) {
      expect(transmit(socket, message)).to.equal(true);
      socket.abort();
      expect(transmit(socket, message)).to.equal(false);
      socket.connect();
    }
  });

  it('is copied when it has to wait, unless it cannot change', () => {
    const bytes = Uint8Array.of(1, 2);
    const copy = kept(bytes);
    bytes.fill(0);

    expect(copy).to.deep.equal(Uint8Array.of(1, 2));
    expect(kept('text')).to.equal('text');
    expect(kept(made)).to.equal(made);
    expect([kept('Grüße'), copy, made].map(sizeOf)).to.deep.equal([5, 2, 7]);
  });

  it('is prepared once', () => {
    expect(prepare(made)).to.equal(made);
    expect(contentOf(prepare('text'))).to.deep.include({ text: 'text' });
    expect([...contentOf(prepare(Uint8Array.of(1))).data]).to.deep.equal([1]);
  });

  for (const wrong of [undefined, null, 5, {}]) {
    it(`is not ${JSON.stringify(wrong) ?? 'undefined'}`, () => {
      expect(() => kept(wrong as never)).to.throw(TypeError);
      expect(() => prepare(wrong as never)).to.throw(TypeError);
      expect(() => transmit(KeptSocket.connected(), wrong as never)).to.throw(TypeError);
    });
  }
});
