import { expect } from 'chai';
import fc from 'fast-check';
import { QUrl } from '../../lib/network/qurl.ts';

/** Texts that get past the first check of a parser, and texts that do not. */
const nearlyUrl = fc
  .tuple(
    fc.constantFrom('ws:', 'WSS:', '', 'x+y:', ':'),
    fc.constantFrom('//', '/', '', '///'),
    fc.array(
      fc.oneof(
        fc.constantFrom(
          'h',
          '%',
          '%2F',
          '%zz',
          '@',
          ':',
          '[',
          ']',
          '::1',
          '80',
          '/',
          '?',
          '#',
          '.',
        ),
        fc.constantFrom('\r\n', '\0', 'ü', '。', '\ud800', '😀', '-', 'xn--', '%25', '0x', ' '),
        fc.string({ maxLength: 4, unit: 'binary' }),
      ),
      { maxLength: 12 },
    ),
  )
  .map(([scheme, slashes, parts]) => scheme + slashes + parts.join(''));

const anyText = fc.oneof(nearlyUrl, fc.webUrl(), fc.string({ unit: 'binary' }));

/** With U+FFFD in place of lone surrogates. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

describe('QUrl, for any text', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const url = new QUrl(text);
        url.toString();
        url.authority(QUrl.FullyDecoded);
        url.path();
        url.errorString();
      }),
    );
  });

  it('writes printable ASCII that it reads back as the same URL', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const url = new QUrl(text);
        const encoded = url.toEncoded();
        const again = new QUrl(encoded);

        expect(encoded).to.match(/^[!-~]*$/);
        expect(again.toEncoded()).to.equal(encoded);
        expect(again.isValid()).to.equal(url.isValid());
        if (url.isValid()) expect(again.equals(url)).to.equal(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows a text that it reads back with the same scheme, host, port and parts', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const url = new QUrl(text);
        const again = new QUrl(url.toString());

        expect(again.toString()).to.equal(url.toString());
        expect(again.host()).to.equal(url.host());
        expect(again.port()).to.equal(url.port());
        expect(again.path()).to.equal(url.path());
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps each part to itself when it is set', () => {
    const part = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(part, part, part, part, (userName, password, path, query) => {
        const url = new QUrl('ws://h:1');
        url.setUserName(userName);
        url.setPassword(password);
        url.setPath(`/${path}`);
        url.setQuery(query);
        const again = new QUrl(url.toEncoded());

        expect(again.userName()).to.equal(wellFormed(userName));
        expect(again.password()).to.equal(wellFormed(password));
        expect(again.host()).to.equal('h');
        expect(again.port()).to.equal(1);
        expect(again.path()).to.equal(`/${wellFormed(path)}`);
      }),
    );
  });
});
