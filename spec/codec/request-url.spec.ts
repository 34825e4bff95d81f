import { expect } from 'chai';
import { hostOf, isAbsolute, requestUrl } from '../../lib/codec/request-url.ts';

describe('hostOf()', () => {
  const hosts: Record<string, string | undefined> = {
    'Host.Example': 'host.example',
    'host.example:80': 'host.example',
    '192.0.2.1:8080': '192.0.2.1',
    '[2001:DB8::1]:80': '2001:db8::1',
    'host.example:': 'host.example',
    'host.example:65536': undefined,
    ':80': undefined,
    '': undefined,
    'a b': undefined,
    'user@host': undefined,
    'host/path': undefined,
    'host?': undefined,
    'host#': undefined,
    'host\\x': undefined,
    '\xfc.example': undefined,
  };
  for (const [authority, host] of Object.entries(hosts)) {
    it(`takes ${host ?? 'nothing'} out of "${authority}"`, () => {
      expect(hostOf(authority)).to.equal(host);
    });
  }

  it('does not mistake one for the one before', () => {
    const answers = ['a.example', '', 'a.example', 'A.example:1', 'a@b', 'b.example'].map(hostOf);

    expect(answers).to.deep.equal([
      'a.example',
      undefined,
      'a.example',
      'a.example',
      undefined,
      'b.example',
    ]);
  });
});

describe('requestUrl()', () => {
  const targets: Record<string, string | undefined> = {
    '/': 'ws://h:1/',
    '/a?b': 'ws://h:1/a?b',
    '*': 'ws://h:1/*',
    a: 'ws://h:1/a',
    '//b': 'ws://h:1//b',
    '/x://y': 'ws://h:1/x://y',
    'ws://other/x': 'ws://other/x',
    'https://other/': 'https://other/',
    'ftp://other/': undefined,
    'ws://user@other/': undefined,
    'ws://': undefined,
  };
  for (const [target, url] of Object.entries(targets)) {
    it(`makes ${url ?? 'nothing'} of "${target}"`, () => {
      expect(requestUrl(target, 'h:1', false)?.toEncoded()).to.equal(url);
    });
  }

  it('makes nothing of what is too long for a URL', () => {
    expect(requestUrl(`/${'a'.repeat(1024 * 1024)}`, 'h', false)).to.equal(undefined);
  });
});

describe('isAbsolute()', () => {
  it('tells a URL from a path', () => {
    expect(['ws://h/', '/ws://h/', '*', 'a'].map(isAbsolute)).to.deep.equal([
      true,
      false,
      false,
      false,
    ]);
  });
});
