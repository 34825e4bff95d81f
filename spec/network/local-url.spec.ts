import { expect } from 'chai';
import { localTargetOf, localUrlOf } from '../../lib/network/local-url.ts';
import { QUrl } from '../../lib/network/qurl.ts';

describe('localTargetOf()', () => {
  const urls: Record<string, [socketPath: string, resourcePath: string]> = {
    'ws+unix:/run/chat.sock:/room': ['/run/chat.sock', '/room'],
    'ws+unix:/run/chat.sock': ['/run/chat.sock', '/'],
    'ws+unix:/run/chat.sock:': ['/run/chat.sock', '/'],
    'ws+unix:/run/chat.sock:room': ['/run/chat.sock', '/room'],
    'ws+unix:///run/chat.sock:/room': ['/run/chat.sock', '/room'],
    'ws+unix:chat.sock:/room': ['chat.sock', '/room'],
    'WS+UNIX:/Run/Chat.sock:/Room': ['/Run/Chat.sock', '/Room'],
    'ws+unix:/run/with space.sock:/a b': ['/run/with space.sock', '/a%20b'],
    'ws+unix:/run/ch%C3%A4t%3A1.sock:/a%2Fb': ['/run/chät:1.sock', '/a%2Fb'],
    'ws+unix:/run/chat.sock:/a:b?c:d#e': ['/run/chat.sock', '/a:b'],
  };
  for (const [url, [socketPath, resourcePath]] of Object.entries(urls)) {
    it(`takes ${url} apart`, () => {
      expect(new QUrl(url).isValid()).to.equal(true);
      expect(localTargetOf(new QUrl(url))).to.deep.equal({ socketPath, resourcePath });
    });
  }

  for (const url of ['ws://host/a:/b', 'wss+unix:/a:/b', 'unix:/a:/b', '']) {
    it(`leaves "${url}" to others`, () => {
      expect(localTargetOf(new QUrl(url))).to.equal(undefined);
    });
  }
});

describe('localUrlOf()', () => {
  const urls: Record<string, string> = {
    '/run/chat.sock': 'ws+unix:/run/chat.sock',
    '//run/chat.sock': 'ws+unix:/run/chat.sock',
    'chat.sock': 'ws+unix:chat.sock',
    '/run/ch:1?#100%.sock': 'ws+unix:/run/ch%3A1%3F%23100%25.sock',
  };
  for (const [path, url] of Object.entries(urls)) {
    it(`names ${path}`, () => {
      expect(localUrlOf(path, false).toEncoded()).to.equal(url);
    });
  }

  for (const path of ['/run/with space.sock', '/run/100%25/chät:1.sock', '/a?b#c', 'chat.sock']) {
    it(`can be taken apart again: ${path}`, () => {
      expect(localTargetOf(localUrlOf(path, false))?.socketPath).to.equal(path);
    });
  }

  it('says when TLS is spoken there', () => {
    expect(localUrlOf('/run/chat.sock', true).toString()).to.equal('wss+unix:/run/chat.sock');
  });
});
