import { expect } from 'chai';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { KnownHeaders, QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QUrl } from '../../lib/network/qurl.ts';

describe('QNetworkRequest', () => {
  let request: QNetworkRequest;

  beforeEach(() => {
    request = new QNetworkRequest('ws://h:80');
  });

  describe('url()', () => {
    it('is empty when none was given', () => {
      expect(new QNetworkRequest().url().isEmpty()).to.equal(true);
    });

    for (const [what, url] of Object.entries({
      'a string': 'ws://h/x',
      'a URL': new URL('ws://h/x'),
      'a QUrl': new QUrl('ws://h/x'),
    })) {
      it(`is made of ${what}`, () => {
        expect(new QNetworkRequest(url).url().toEncoded()).to.equal('ws://h/x');

        request.setUrl(url);
        expect(request.url().toEncoded()).to.equal('ws://h/x');
      });
    }

    it('is a copy, going in and coming out', () => {
      const url = new QUrl('ws://h');
      request.setUrl(url);
      url.setHost('other');
      request.url().setHost('third');

      expect(request.url().host()).to.equal('h');
    });
  });

  describe('setRawHeader()', () => {
    it('can be chained', () => {
      expect(request.setRawHeader('X-A', '1').setRawHeader('X-B', '2')).to.equal(request);
      expect(request.rawHeaderList()).to.deep.equal(['x-a', 'x-b']);
    });

    it('moves a field that it replaces to the end', () => {
      request.setRawHeader('X-A', '1').setRawHeader('X-B', '2').setRawHeader('x-a', '3');

      expect(request.headers().toListOfPairs()).to.deep.equal([
        ['x-b', '2'],
        ['x-a', '3'],
      ]);
    });

    it('keeps an empty value', () => {
      request.setRawHeader('X-A', '');

      expect(request.hasRawHeader('x-a')).to.equal(true);
    });

    it('takes every byte that a field may hold', () => {
      request.setRawHeader('x-a', Uint8Array.of(0x41, 0x80, 0x9f, 0xff));

      expect(request.rawHeader('x-a')).to.equal('A\x80\x9f\xff');
    });

    const illegal: Record<string, [name: string, value: string | Uint8Array]> = {
      'a line break in the value': ['X-A', 'one\r\nX-Injected: yes'],
      'a line break in the bytes': ['X-A', Uint8Array.of(0x61, 0x0a)],
      'text beyond Latin-1': ['X-A', '€'],
      'a name that is no token': ['X A', 'v'],
    };
    for (const [what, [name, value]] of Object.entries(illegal)) {
      it(`does not store ${what}, and remembers it`, () => {
        request.setRawHeader(name, value);

        expect(request.rawHeaderList()).to.deep.equal([]);
        expect(request.illegalHeaders()).to.deep.equal([name.toLowerCase()]);
      });
    }

    it('removes the old field even when the new one is illegal', () => {
      request.setRawHeader('x-a', 'old').setRawHeader('x-a', '\n');

      expect(request.hasRawHeader('x-a')).to.equal(false);
    });

    it('forgets an illegal field that is replaced by a legal one', () => {
      request.setRawHeader('x-a', '\n').setRawHeader('x-b', '\n').setRawHeader('X-A', 'good');

      expect(request.illegalHeaders()).to.deep.equal(['x-b']);
    });
  });

  describe('rawHeader()', () => {
    it('finds a name in any case', () => {
      request.setRawHeader('x-custom', 'v');

      expect(request.hasRawHeader('X-Custom')).to.equal(true);
      expect(request.rawHeader('X-CUSTOM')).to.equal('v');
    });

    it("is '' for a field that is not there", () => {
      expect(request.hasRawHeader('x-a')).to.equal(false);
      expect(request.rawHeader('x-a')).to.equal('');
    });

    it('joins repeated fields, which are listed once', () => {
      request.setHeaders(
        QHttpHeaders.fromListOfPairs([
          ['x-a', '1'],
          ['x-b', '2'],
          ['x-a', '3'],
        ]),
      );

      expect(request.rawHeaderList()).to.deep.equal(['x-a', 'x-b']);
      expect(request.rawHeader('x-a')).to.equal('1, 3');
    });
  });

  describe('setHeader()', () => {
    const names: Record<keyof typeof KnownHeaders, string | undefined> = {
      ContentTypeHeader: 'content-type',
      ContentLengthHeader: 'content-length',
      LocationHeader: 'location',
      LastModifiedHeader: 'last-modified',
      CookieHeader: 'cookie',
      SetCookieHeader: 'set-cookie',
      ContentDispositionHeader: 'content-disposition',
      UserAgentHeader: 'user-agent',
      ServerHeader: 'server',
      IfModifiedSinceHeader: 'if-modified-since',
      ETagHeader: 'etag',
      IfMatchHeader: 'if-match',
      IfNoneMatchHeader: 'if-none-match',
      NumKnownHeaders: undefined,
    };
    for (const [i, [key, name]] of Object.entries(names).entries()) {
      const header = QNetworkRequest.KnownHeaders[key as keyof typeof KnownHeaders];

      it(`knows ${key} as number ${i}, ${name ?? 'which is no field'}`, () => {
        expect(request.header(header)).to.equal('');
        request.setHeader(header, 'v');

        expect(header).to.equal(i);
        expect(request.rawHeaderList()).to.deep.equal(name === undefined ? [] : [name]);
        expect(request.header(header)).to.equal(name === undefined ? '' : 'v');
      });
    }

    it('writes numbers and dates', () => {
      request
        .setHeader(KnownHeaders.ContentLengthHeader, 12)
        .setHeader(KnownHeaders.LastModifiedHeader, new Date(784_111_777_000));

      expect(request.header(KnownHeaders.ContentLengthHeader)).to.equal('12');
      expect(request.header(KnownHeaders.LastModifiedHeader)).to.equal(
        'Sun, 06 Nov 1994 08:49:37 GMT',
      );
    });
  });

  describe('setHeaders()', () => {
    it('replaces all fields, illegal ones too', () => {
      request.setRawHeader('x-a', '1').setRawHeader('x-b', '\n');
      request.setHeaders(QHttpHeaders.fromListOfPairs([['x-c', '3']]));

      expect(request.rawHeaderList()).to.deep.equal(['x-c']);
      expect(request.illegalHeaders()).to.deep.equal([]);
    });

    it('copies, going in and coming out', () => {
      const headers = QHttpHeaders.fromListOfPairs([['x-a', '1']]);
      request.setHeaders(headers);
      headers.clear();
      request.headers().clear();

      expect(request.rawHeader('x-a')).to.equal('1');
    });
  });

  describe('clone() and equals()', () => {
    const changes: Record<string, (request: QNetworkRequest) => void> = {
      'another URL': (changed) => changed.setUrl('ws://other'),
      'another field': (changed) => changed.setRawHeader('x-b', '2'),
      'an illegal field': (changed) => changed.setRawHeader('x-b', '\n'),
    };
    for (const [what, change] of Object.entries(changes)) {
      it(`tell a copy from the original by ${what}`, () => {
        request.setRawHeader('x-a', '1').setRawHeader('x-z', '\n');
        const copy = request.clone();
        expect(copy.equals(request)).to.equal(true);

        change(copy);

        expect(copy.equals(request)).to.equal(false);
        expect(request.url().toEncoded()).to.equal('ws://h:80');
        expect(request.rawHeaderList()).to.deep.equal(['x-a']);
        expect(request.illegalHeaders()).to.deep.equal(['x-z']);
      });
    }
  });
});
