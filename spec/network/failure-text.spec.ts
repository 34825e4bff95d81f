import { expect } from 'chai';
import {
  explained,
  placeOf,
  printable,
  withoutSecrets,
  withoutUrlSecrets,
} from '../../lib/network/failure-text.ts';

describe('explained()', () => {
  it('puts layer and detail behind the words', () => {
    const text = explained('Host not found', { layer: 'DNS', detail: 'a.example ENOTFOUND' });
    expect(text).to.equal('Host not found (DNS: a.example ENOTFOUND).');
  });

  it('leaves the full stop of the words where it is', () => {
    const text = explained('Invalid URL.', { layer: 'request', detail: 'it is empty' });
    expect(text).to.equal('Invalid URL. (request: it is empty.)');
  });

  it('ends with the advice', () => {
    const cause = { layer: 'TCP', detail: 'a:1', advice: 'Try another.' } as const;
    expect(explained('No', cause)).to.equal('No (TCP: a:1). Try another.');
  });
});

describe('printable()', () => {
  it('leaves what people read', () => {
    expect(printable('Grüße, 世界! 🙂')).to.equal('Grüße, 世界! 🙂');
  });

  const hostile: Record<string, string> = {
    'line ends': 'a\r\nb',
    'the line ends of Unicode': 'a\u2028b\u2029',
    'escape sequences': '\u001b[2J',
    'the second set of control characters': '\u009b2J',
    'a change of direction': 'a\u202eb',
    'half a surrogate pair': 'a\ud800',
  };
  for (const [what, text] of Object.entries(hostile)) {
    it(`shows ${what} as question marks`, () => {
      expect(printable(text)).to.match(/^[\x20-\x7e]*\?[\x20-\x7e]*$/);
    });
  }

  it('is of bounded length', () => {
    expect(printable('x'.repeat(1000))).to.equal(`${'x'.repeat(120)}…`);
    expect(printable('xxxx', 3)).to.equal('xxx…');
  });
});

describe('withoutSecrets()', () => {
  it('takes them out wherever they stand', () => {
    expect(withoutSecrets('no s3cret, s3cret!', ['s3cret'])).to.equal('no ***, ***!');
  });

  it('takes the longest out first', () => {
    expect(withoutSecrets('token=s3cret', ['s3cret', 'token=s3cret'])).to.equal('***');
  });

  it('leaves what is too short to be one', () => {
    expect(withoutSecrets('an answer', ['', 'a', 'an', 'an '])).to.equal('an answer');
  });

  it('takes secrets for texts, whatever is in them', () => {
    expect(withoutSecrets('a.*+$& b', ['.*+$&'])).to.equal('a*** b');
  });
});

describe('withoutUrlSecrets()', () => {
  const urls: Record<string, string> = {
    'https://joe:s3cret@a.example:8080/b/c?token=s3cret#s3cret': 'https://a.example:8080/b/c',
    'wss://s3cret@a.example': 'wss://a.example/',
    '/login?next=s3cret': 'http://base.example/login',
    '//other.example/x?s3cret@y': 'http://other.example/x',
    'https://a b/s3cret': 'an invalid URL',
  };
  for (const [url, shown] of Object.entries(urls)) {
    it(`leaves ${shown} of ${url}`, () => {
      expect(withoutUrlSecrets(url, 'http://base.example/')).to.equal(shown);
    });
  }
});

describe('placeOf()', () => {
  it('is written as in a URL', () => {
    expect(placeOf('127.0.0.1', 80)).to.equal('127.0.0.1:80');
    expect(placeOf('::1', 80)).to.equal('[::1]:80');
    expect(placeOf('a.example', 0)).to.equal('a.example');
  });

  it('has words for nobody', () => {
    expect(placeOf('', 80)).to.equal('the peer');
    expect(placeOf(undefined, undefined)).to.equal('the peer');
  });
});
