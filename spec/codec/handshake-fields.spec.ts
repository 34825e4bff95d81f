import { expect } from 'chai';
import { HandshakeFields } from '../../lib/codec/handshake-fields.ts';

describe('HandshakeFields', () => {
  const names: Record<string, keyof HandshakeFields> = {
    Host: 'host',
    Origin: 'origin',
    Upgrade: 'upgrade',
    Connection: 'connection',
    'Sec-WebSocket-Key': 'key',
    'Sec-WebSocket-Version': 'version',
    'Sec-WebSocket-Protocol': 'protocol',
    'Sec-WebSocket-Extensions': 'extensions',
    'Content-Length': 'contentLength',
    'Transfer-Encoding': 'transferEncoding',
  };
  for (const [name, place] of Object.entries(names)) {
    it(`finds every ${name} in any case, in order, and nothing else`, () => {
      const fields = [name, 'a', 'X', 'b', name.toUpperCase(), '', name.toLowerCase(), 'c'];

      const found = new HandshakeFields(fields);

      expect(found[place]).to.deep.equal(['a', '', 'c']);
      expect(Object.values(found).flat()).to.deep.equal(['a', '', 'c']);
    });
  }
});
