import { expect } from 'chai';
import {
  contentOf,
  QWebSocketPreparedMessage,
} from '../../lib/websockets/qwebsocketpreparedmessage.ts';

describe('QWebSocketPreparedMessage', () => {
  it('is made from text, whose bytes it counts', () => {
    const message = QWebSocketPreparedMessage.fromText('Grüße');

    expect(message.isText()).to.equal(true);
    expect(message.size()).to.equal(7);
    expect(contentOf(message)).to.deep.include({ text: 'Grüße', compress: undefined });
    expect(Buffer.from(contentOf(message).data).toString()).to.equal('Grüße');
  });

  it('is made from bytes of any kind', () => {
    const { buffer } = Uint8Array.of(1, 2, 3);
    for (const data of [buffer, new Uint8Array(buffer), new DataView(buffer)]) {
      const message = QWebSocketPreparedMessage.fromBinary(data);

      expect(message.isText()).to.equal(false);
      expect(message.size()).to.equal(3);
      expect(contentOf(message)).to.deep.include({ text: undefined, compress: undefined });
      expect([...contentOf(message).data]).to.deep.equal([1, 2, 3]);
    }
  });

  it('may be empty', () => {
    const empty = [
      QWebSocketPreparedMessage.fromText(''),
      QWebSocketPreparedMessage.fromBinary(new Uint8Array()),
    ];

    expect(empty.map((message) => [message.isText(), message.size()])).to.deep.equal([
      [true, 0],
      [false, 0],
    ]);
  });

  it('has U+FFFD for lone surrogates', () => {
    const message = QWebSocketPreparedMessage.fromText('a\ud800');

    expect(Buffer.from(contentOf(message).data).toString()).to.equal('a\ufffd');
  });

  it('stays as it is when the data change', () => {
    for (const data of [Uint8Array.of(1), Buffer.of(1)]) {
      const message = QWebSocketPreparedMessage.fromBinary(data);

      data[0] = 2;

      expect([...contentOf(message).data]).to.deep.equal([1]);
    }
  });

  it('says whether it is to be compressed', () => {
    for (const compress of [true, false]) {
      const text = QWebSocketPreparedMessage.fromText('a', { compress });
      const binary = QWebSocketPreparedMessage.fromBinary(Uint8Array.of(1), { compress });

      expect(contentOf(text).compress).to.equal(compress);
      expect(contentOf(binary).compress).to.equal(compress);
    }
  });

  it('is not made from anything else', () => {
    for (const wrong of [undefined, null, 5, {}, [1]] as never[]) {
      expect(() => QWebSocketPreparedMessage.fromText(wrong)).to.throw(TypeError);
      expect(() => QWebSocketPreparedMessage.fromBinary(wrong)).to.throw(TypeError);
    }
    expect(() => QWebSocketPreparedMessage.fromBinary('text' as never)).to.throw(TypeError);
    expect(() => QWebSocketPreparedMessage.fromText(Uint8Array.of(1) as never)).to.throw(TypeError);
  });
});
