import { expect } from 'chai';
import { QUrl } from '../../lib/network/qurl.ts';

describe('QUrl', () => {
  describe('of a valid text', () => {
    // text: what toEncoded() gives, where it differs
    const texts: Record<string, string> = {
      'ws://h': 'ws://h',
      'ws://h/': 'ws://h/',
      'WS://H.Example/Path': 'ws://h.example/Path',
      'ws://h:80': 'ws://h:80',
      'wss://h:443/': 'wss://h:443/',
      'ws://h:0/': 'ws://h:0/',
      'ws://h:65535/': 'ws://h:65535/',
      'ws://h:/': 'ws://h/',
      'ws:///x': 'ws:///x',
      'ws:': 'ws:',
      '/x?y': '/x?y',
      '?y': '?y',
      'ws://h?': 'ws://h?',
      'ws://h#': 'ws://h#',
      'ws://h?a=/b?c#d?e': 'ws://h?a=/b?c#d?e',
      'ws://h?@:/': 'ws://h?@:/',
      'ws://h/a/../b/./c//d': 'ws://h/a/../b/./c//d',
      'ws://h/?q=1&r=%20x+y': 'ws://h/?q=1&r=%20x+y',
      'ws://h/?id[]=1': 'ws://h/?id[]=1',
      'ws://h/%zz%4': 'ws://h/%25zz%254',
      'ws://h/ü?ü#ü': 'ws://h/%C3%BC?%C3%BC#%C3%BC',
      'ws://h/a b"<>\\^`{|}': 'ws://h/a%20b%22%3C%3E%5C%5E%60%7B%7C%7D',
      'ws://h/a\r\nX: y?\r\n#\r\n': 'ws://h/a%0D%0AX:%20y?%0D%0A#%0D%0A',
      'ws://h/\ud800': 'ws://h/%EF%BF%BD',
      'ws://user:secret@h/': 'ws://user:secret@h/',
      'ws://user@h/': 'ws://user@h/',
      'ws://:secret@h/': 'ws://:secret@h/',
      'ws://@h/': 'ws://@h/',
      'ws://u:a:b@h': 'ws://u:a:b@h',
      'ws://a_b.c-d.example': 'ws://a_b.c-d.example',
      'ws://example.com.': 'ws://example.com.',
      'ws://bücher.example/': 'ws://xn--bcher-kva.example/',
      'ws://b%C3%BCcher.example/': 'ws://xn--bcher-kva.example/',
      'ws://%65xample.com/': 'ws://example.com/',
      'ws://例え。テスト/': 'ws://xn--r8jz45g.xn--zckzah/',
      'ws://127.0.0.1:1/': 'ws://127.0.0.1:1/',
      'ws://127.1/': 'ws://127.0.0.1/',
      'ws://0x7f.1/': 'ws://127.0.0.1/',
      'ws://0x7f000001/': 'ws://127.0.0.1/',
      'ws://１２７.0.0.1/': 'ws://127.0.0.1/',
      'ws://1.2.3.256/': 'ws://1.2.3.256/',
      'ws://foo.123/': 'ws://foo.123/',
      'ws://[::1]:80/': 'ws://[::1]:80/',
      'ws://[2001:DB8:0:0:0:0:0:1]': 'ws://[2001:db8::1]',
      'ws://[::ffff:129.144.52.38]:1111': 'ws://[::ffff:129.144.52.38]:1111',
      'ws://[fe80::1%25eth0]/': 'ws://[fe80::1%25eth0]/',
      'ws://[fe80::1%eth0]/': 'ws://[fe80::1%25eth0]/',
      'ws://[fe80::1%25]/': 'ws://[fe80::1%2525]/',
      'ws://[V7.1234]:1234': 'ws://[v7.1234]:1234',
    };
    for (const [text, encoded] of Object.entries(texts)) {
      it(`writes ${JSON.stringify(text)} as ${JSON.stringify(encoded)}`, () => {
        const url = new QUrl(text);

        expect(url.errorString()).to.equal('');
        expect(url.isValid()).to.equal(true);
        expect(url.toEncoded()).to.equal(encoded);
      });
    }
  });

  describe('of an invalid text', () => {
    const texts: Record<string, string> = {
      '127.0.0.1:8080/': "Relative URL's path component contains ':' before any '/'.",
      '://h': "Relative URL's path component contains ':' before any '/'.",
      ' ws://h': "Relative URL's path component contains ':' before any '/'.",
      'w_s://h': "Relative URL's path component contains ':' before any '/'.",
      'ws://h:65536/': 'Invalid port or port number out of range.',
      'ws://h:x/': 'Invalid port or port number out of range.',
      'ws://h:-1/': 'Invalid port or port number out of range.',
      'ws://h:8 0/': 'Invalid port or port number out of range.',
      'ws://h:80\n/': 'Invalid port or port number out of range.',
      'ws://h:1e1/': 'Invalid port or port number out of range.',
      'ws://a:1:2/': 'Invalid hostname (contains invalid characters).',
      'ws://:80/': 'A user name or a port is given without a host.',
      'ws://u@/': 'A user name or a port is given without a host.',
      'ws://h\r\nX: y/': 'Invalid port or port number out of range.',
      'ws://h\r\ny/': 'Invalid hostname (contains invalid characters).',
      'ws://h\ty/': 'Invalid hostname (contains invalid characters).',
      'ws://h y/': 'Invalid hostname (contains invalid characters).',
      'ws://h\\y/': 'Invalid hostname (contains invalid characters).',
      'ws://h%2fy/': 'Invalid hostname (contains invalid characters).',
      'ws://h%00/': 'Invalid hostname (contains invalid characters).',
      'ws://h%ff/': 'Invalid hostname (contains invalid characters).',
      'ws://h%zz/': 'Invalid hostname (contains invalid characters).',
      'ws://a／b/': 'Invalid hostname (contains invalid characters).',
      'ws://a@b@c/': 'Invalid hostname (contains invalid characters).',
      'ws://good.example\\@a/': 'Invalid hostname (contains invalid characters).',
      'ws://a,b/': 'Invalid hostname (contains invalid characters).',
      'ws://a..b/': 'Invalid hostname (contains invalid characters).',
      'ws://.a/': 'Invalid hostname (contains invalid characters).',
      'ws://./': 'Invalid hostname (contains invalid characters).',
      'ws://-a/': 'Invalid hostname (contains invalid characters).',
      'ws://a-/': 'Invalid hostname (contains invalid characters).',
      'ws://\u00ad/': 'Invalid hostname (contains invalid characters).',
      'ws://[::zz]:80/': 'Invalid IPv6 address.',
      'ws://[]/': 'Invalid IPv6 address.',
      'ws://[1.2.3.4]/': 'Invalid IPv6 address.',
      'ws://[fe80::1%]/': 'Invalid IPv6 address.',
      'ws://[fe80::1%25a b]/': 'Invalid IPv6 address.',
      'ws://[v7.]/': 'Invalid IPv6 address.',
      'ws://[::1/': "Expected ']' to match '[' in hostname.",
      'ws://[::1]x/': "Expected ']' to match '[' in hostname.",
      'ws://::1]/': 'Invalid hostname (contains invalid characters).',
    };
    for (const [text, fault] of Object.entries(texts)) {
      it(`says what is wrong with ${JSON.stringify(text)}`, () => {
        const url = new QUrl(text);

        expect(url.isValid()).to.equal(false);
        expect(url.isEmpty()).to.equal(false);
        expect(url.errorString()).to.equal(fault);
      });
    }

    it('has no text and no parts', () => {
      const url = new QUrl('ws://user:secret@h:99999/path?query#fragment');

      expect(url.toEncoded()).to.equal('');
      expect(url.toString()).to.equal('');
      expect(url.authority()).to.equal('');
      expect([url.scheme(), url.host(), url.path(), url.query(), url.fragment()]).to.deep.equal(
        Array(5).fill(''),
      );
      expect(url.port()).to.equal(-1);
    });

    const label = 'a'.repeat(63);
    const lengths: Record<string, [text: string, isValid: boolean]> = {
      'a label of 63 characters': [`ws://${label}/`, true],
      'a label of 64 characters': [`ws://${label}a/`, false],
      'a host of 255 characters': [`ws://${label}.${label}.${label}.${label}/`, true],
      'a host of 257 characters': [`ws://${label}.${label}.${label}.${label}.a/`, false],
      'a zone of 64 characters': [`ws://[fe80::1%25${'z'.repeat(64)}]/`, true],
      'a zone of 65 characters': [`ws://[fe80::1%25${'z'.repeat(65)}]/`, false],
      'a megabyte of host': [`ws://${'ü'.repeat(1_000_000)}`, false],
      'a megabyte of literal': [`ws://[${':'.repeat(1_000_000)}]`, false],
      'a text of 1 MiB': [`ws://h/${' '.repeat(1_048_569)}`, true],
      'a text above 1 MiB': [`ws://h/${' '.repeat(1_048_570)}`, false],
    };
    for (const [what, [text, isValid]] of Object.entries(lengths)) {
      it(`${isValid ? 'is not' : 'is'} ${what}`, () => {
        expect(new QUrl(text).isValid()).to.equal(isValid);
      });
    }
  });

  describe('of nothing', () => {
    it('is empty, invalid and without an error', () => {
      for (const url of [new QUrl(), new QUrl('')]) {
        expect(url.isEmpty()).to.equal(true);
        expect(url.isValid()).to.equal(false);
        expect(url.errorString()).to.equal('');
        expect(url.toEncoded()).to.equal('');
      }
    });
  });

  describe('its parts', () => {
    const url = new QUrl('WSS://us%2Fer:p%20%25w@H.example:8443/a%20b/%2F%FF?q=%C3%BC%26#f%20%23');

    it('are given out in their default forms', () => {
      expect(url.scheme()).to.equal('wss');
      expect(url.userName()).to.equal('us/er');
      expect(url.password()).to.equal('p %w');
      expect(url.userInfo()).to.equal('us%2Fer:p %25w');
      expect(url.host()).to.equal('h.example');
      expect(url.port()).to.equal(8443);
      expect(url.authority()).to.equal('us%2Fer:p %25w@h.example:8443');
      expect(url.path()).to.equal('/a b//\ufffd');
      expect(url.query()).to.equal('q=ü%26');
      expect(url.fragment()).to.equal('f %23');
    });

    it('are given out readable', () => {
      const options = QUrl.PrettyDecoded;
      expect(url.userName(options)).to.equal('us%2Fer');
      expect(url.password(options)).to.equal('p %25w');
      expect(url.path(options)).to.equal('/a b/%2F%FF');
    });

    it('are given out as on the wire', () => {
      const options = QUrl.ComponentFormattingOption.FullyEncoded;
      expect(url.userName(options)).to.equal('us%2Fer');
      expect(url.password(options)).to.equal('p%20%25w');
      expect(url.userInfo(options)).to.equal('us%2Fer:p%20%25w');
      expect(url.authority(options)).to.equal('us%2Fer:p%20%25w@h.example:8443');
      expect(url.path(options)).to.equal('/a%20b/%2F%FF');
      expect(url.query(options)).to.equal('q=%C3%BC%26');
      expect(url.fragment(options)).to.equal('f%20%23');
    });

    it('are given out with every escape decoded', () => {
      const options = QUrl.FullyDecoded;
      expect(url.query(options)).to.equal('q=ü&');
      expect(url.fragment(options)).to.equal('f #');
    });

    const hosts: Record<string, string> = {
      'ws://[::1]': '::1',
      'ws://[fe80::1%25eth0]': 'fe80::1%eth0',
      'ws://[v7.1234]': 'v7.1234',
      'ws://BÜCHER.example': 'xn--bcher-kva.example',
      'ws:///x': '',
      'ws:x': '',
    };
    for (const [text, host] of Object.entries(hosts)) {
      it(`of ${text} include the host ${JSON.stringify(host)}`, () => {
        expect(new QUrl(text).host()).to.equal(host);
      });
    }

    it('include a default for a port that is not named', () => {
      expect(new QUrl('ws://h').port()).to.equal(-1);
      expect(new QUrl('ws://h').port(80)).to.equal(80);
      expect(new QUrl('ws://h:0').port(80)).to.equal(0);
    });

    it('tell a missing query from an empty one', () => {
      expect(new QUrl('ws://h').hasQuery()).to.equal(false);
      expect(new QUrl('ws://h?').hasQuery()).to.equal(true);
      expect(new QUrl('ws://h?').query()).to.equal('');
    });

    it('tell a missing fragment from an empty one', () => {
      expect(new QUrl('ws://h').hasFragment()).to.equal(false);
      expect(new QUrl('ws://h#').hasFragment()).to.equal(true);
    });

    it('tell whether there is a scheme', () => {
      expect(new QUrl('ws://h').isRelative()).to.equal(false);
      expect(new QUrl('//h/x').isRelative()).to.equal(true);
      expect(new QUrl('//h/x').host()).to.equal('h');
    });
  });

  describe('toString()', () => {
    it('shows readable characters and keeps the others escaped', () => {
      const url = new QUrl('ws://h/a%20%C3%BC%2F%0D%0A?%E2%82%AC%26');

      expect(url.toString()).to.equal('ws://h/a ü%2F%0D%0A?€%26');
      expect(url.url()).to.equal(url.toString());
    });
  });

  describe('toURL()', () => {
    it("makes the platform's URL", () => {
      const url = new QUrl('ws://h:80/a/../b?c').toURL();

      expect(url).to.be.instanceOf(URL);
      expect(url.href).to.equal('ws://h/b?c');
    });

    for (const text of ['', '/x', 'ws://h:99999', 'ws://[fe80::1%25eth0]/']) {
      it(`throws a TypeError for ${JSON.stringify(text)}`, () => {
        expect(() => new QUrl(text).toURL()).to.throw(TypeError);
      });
    }
  });

  describe('toJSON()', () => {
    it('is the encoded text', () => {
      expect(JSON.stringify({ url: new QUrl('ws://h/ü') })).to.equal('{"url":"ws://h/%C3%BC"}');
    });
  });

  describe('from()', () => {
    it('takes a string', () => {
      expect(QUrl.from('ws://h:80').toEncoded()).to.equal('ws://h:80');
    });

    it("takes the platform's URL", () => {
      expect(QUrl.from(new URL('ws://h:80')).toEncoded()).to.equal('ws://h/');
    });

    it('copies a QUrl', () => {
      const url = new QUrl('ws://h');
      const copy = QUrl.from(url);
      copy.setHost('other');

      expect(url.host()).to.equal('h');
    });
  });

  describe('fromEncoded()', () => {
    it('reads what toEncoded() wrote', () => {
      expect(QUrl.fromEncoded('ws://h/%C3%BC').path()).to.equal('/ü');
    });
  });

  describe('setters', () => {
    it('build a URL from its parts, in any order', () => {
      const url = new QUrl();
      url.setPort(8080);
      url.setPath('/100%25 ü');
      url.setPassword('p@:%41');
      url.setUserName('u:ü');
      url.setQuery('a=%20b c');
      url.setFragment('f%20g h');
      url.setHost('H.example');
      url.setScheme('WS');

      expect(url.toEncoded()).to.equal(
        'ws://u%3A%C3%BC:p%40:%2541@h.example:8080/100%2525%20%C3%BC?a=%20b%20c#f%20g%20h',
      );
    });

    it('take a query from URLSearchParams', () => {
      const url = new QUrl('ws://h');
      url.setQuery(new URLSearchParams({ token: 'a b&c' }));

      expect(url.toEncoded()).to.equal('ws://h?token=a+b%26c');
    });

    it('replace the whole URL', () => {
      const url = new QUrl('ws://u:p@h:1/p?q#f');
      url.setUrl('wss://other');

      expect(url.toEncoded()).to.equal('wss://other');
    });

    it('replace the authority', () => {
      const url = new QUrl('ws://u:p@h:1/x');

      url.setAuthority('[::1]:2');
      expect(url.toEncoded()).to.equal('ws://[::1]:2/x');

      url.setAuthority('');
      expect(url.toEncoded()).to.equal('ws:/x');
    });

    it('take an IPv6 address with and without brackets', () => {
      const url = new QUrl('ws://h');
      for (const host of ['::1', '[::1]']) {
        url.setHost(host);
        expect(url.toEncoded()).to.equal('ws://[::1]');
      }
    });

    it('remove parts', () => {
      const url = new QUrl('ws://u:p@h:1/p?q#f');
      url.setUserName(null);
      url.setPassword(null);
      url.setPort(-1);
      url.setPath('');
      url.setQuery(null);
      url.setFragment(null);

      expect(url.toEncoded()).to.equal('ws://h');

      url.setScheme('');
      expect(url.toEncoded()).to.equal('//h');
    });

    it('clear everything, errors too', () => {
      const url = new QUrl('ws://h:99999');
      url.clear();

      expect(url.isEmpty()).to.equal(true);
    });

    const broken: Record<string, [fault: string, set: (url: QUrl) => void]> = {
      scheme: ['Invalid scheme.', (url) => url.setScheme('1s')],
      'scheme with a colon': ['Invalid scheme.', (url) => url.setScheme('ws:')],
      authority: [
        'Invalid port or port number out of range.',
        (url) => url.setAuthority('h:99999'),
      ],
      host: ['Invalid hostname (contains invalid characters).', (url) => url.setHost('a/b')],
      'IPv6 host': ['Invalid IPv6 address.', (url) => url.setHost('h:80')],
      'negative port': ['Invalid port or port number out of range.', (url) => url.setPort(-2)],
      'large port': ['Invalid port or port number out of range.', (url) => url.setPort(65536)],
      'fractional port': ['Invalid port or port number out of range.', (url) => url.setPort(1.5)],
      'relative path': [
        'Path component is relative and authority is present.',
        (url) => url.setPath('x'),
      ],
    };
    for (const [what, [fault, set]] of Object.entries(broken)) {
      it(`make the URL invalid by a broken ${what}, until it is mended`, () => {
        const url = new QUrl('ws://h/');
        set(url);

        expect(url.isValid()).to.equal(false);
        expect(url.errorString()).to.equal(fault);
        expect(url.toEncoded()).to.equal('');

        url.setUrl('ws://h/');
        expect(url.isValid()).to.equal(true);
      });
    }

    it('refuse a path that would be read as an authority', () => {
      const url = new QUrl('ws:');
      url.setPath('//h/x');

      expect(url.errorString()).to.equal(
        "Path component starts with '//' and authority is absent.",
      );
    });

    for (const set of [
      (url: QUrl) => url.setPort(80),
      (url: QUrl) => url.setUserName('u'),
      (url: QUrl) => url.setPassword('p'),
    ]) {
      it(`do not take ${String(set).replace(/.*=> /, '')} without a host`, () => {
        const url = new QUrl('ws:');
        set(url);
        expect(url.errorString()).to.equal('A user name or a port is given without a host.');

        url.setHost('h');
        expect(url.isValid()).to.equal(true);
      });
    }

    it('never let a part spill into the next', () => {
      const url = new QUrl('ws://h');
      url.setUserName('a/b@c:d');
      url.setPath('/?#');
      url.setQuery('#');
      url.setFragment('#');

      expect(url.toEncoded()).to.equal('ws://a%2Fb%40c%3Ad@h/%3F%23?%23#%23');
      expect(new QUrl(url.toEncoded()).equals(url)).to.equal(true);
    });
  });

  describe('clone()', () => {
    it('copies every part', () => {
      const url = new QUrl('ws://u:p@h:1/p?q#f');

      expect(url.clone().toEncoded()).to.equal('ws://u:p@h:1/p?q#f');
    });

    it('copies an error', () => {
      expect(new QUrl('ws://h:x').clone().errorString()).to.equal(
        'Invalid port or port number out of range.',
      );
    });
  });

  describe('equals()', () => {
    const pairs: [one: string, other: string, equal: boolean][] = [
      ['', '', true],
      ['WS://H/', 'ws://h/', true],
      ['ws://h/ü', 'ws://h/%C3%BC', true],
      ['ws://h', 'ws://h/', false],
      ['ws://h', 'ws://h:80', false],
      ['ws://h', 'ws://h?', false],
      ['', 'ws://h:x', false],
    ];
    for (const [one, other, equal] of pairs) {
      it(`is ${equal} for ${JSON.stringify(one)} and ${JSON.stringify(other)}`, () => {
        expect(new QUrl(one).equals(new QUrl(other))).to.equal(equal);
        expect(new QUrl(other).equals(new QUrl(one))).to.equal(equal);
      });
    }
  });
});
