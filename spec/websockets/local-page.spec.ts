import { expect } from 'chai';
import { isFromLocalPage } from '../../lib/websockets/local-page.ts';

describe('isFromLocalPage()', () => {
  const origins: Record<string, boolean> = {
    'http://localhost': true,
    'https://localhost:3000': true,
    'http://LOCALHOST': true,
    'http://app.localhost': true,
    'http://127.0.0.1:8080': true,
    'http://127.1.2.3': true,
    'http://[::1]:8080': true,
    'http://[::ffff:127.0.0.1]': true,
    '': false,
    null: false,
    'file://': false,
    'file://localhost': false,
    'file:///home/me/page.html': false,
    'app://localhost': false,
    'ws://localhost': false,
    'chrome-extension://abcdef': false,
    'http://evil.example': false,
    'http://localhost.evil.example': false,
    'http://notlocalhost': false,
    'http://localhost@evil.example': false,
    'http://evil.example@localhost': false,
    'http://evil.example\\@localhost': false,
    'http://evil.example/localhost': false,
    'http://localhost/': false,
    'http://localhost?x': false,
    'http://localhost#x': false,
    'http://localhost:': true,
    'http://localhost:x': false,
    'http://localhost http://evil.example': false,
    'http://localhost, http://evil.example': false,
    'http://127.0.0.1.evil.example': false,
    'http://0.0.0.0': false,
    'http://192.0.2.1': false,
    'http://[::1': false,
    'http://': false,
    localhost: false,
    '//localhost': false,
  };
  for (const [origin, isLocal] of Object.entries(origins)) {
    it(`is ${isLocal} for the origin "${origin}"`, () => {
      expect(isFromLocalPage(origin, 'localhost')).to.equal(isLocal);
    });
  }

  // As HandshakeRequest gives them out.
  const hosts: Record<string, boolean> = {
    localhost: true,
    'app.localhost': true,
    '127.0.0.1': true,
    '127.1.2.3': true,
    '::1': true,
    '::ffff:127.0.0.1': true,
    '': false,
    'rebound.evil.example': false,
    'localhost.evil.example': false,
    '127.0.0.1.evil.example': false,
    '0.0.0.0': false,
    '192.0.2.1': false,
    '::': false,
  };
  for (const [host, isLocal] of Object.entries(hosts)) {
    it(`is ${isLocal} for the host "${host}"`, () => {
      expect(isFromLocalPage('http://localhost:3000', host)).to.equal(isLocal);
    });
  }
});
