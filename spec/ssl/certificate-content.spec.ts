import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { readCertificate, type Attributes } from '../../lib/ssl/certificate-content.ts';
import { AlternativeNameEntryType } from '../../lib/ssl/qssl.ts';
import { hex } from '../support/hex.ts';
import { certificate } from './support/certs.ts';

const COMMON_NAME = '06 03 55 04 03';
const ALTERNATIVE_NAME = '06 03 55 1d 11';

/** An element of at most 127 bytes. */
function element(tag: string, ...contents: string[]): string {
  const content = hex(contents.join(''));
  return `${tag} ${content.length.toString(16).padStart(2, '0')} ${content.toString('hex')}`;
}

function sequence(...contents: string[]): string {
  return element('30', ...contents);
}

/** A certificate without what is not read. */
function build(parts: { version?: string; subject?: string; extensions?: string }): Buffer {
  const empty = sequence();
  return hex(
    sequence(
      sequence(
        parts.version ?? '',
        '02 01 01',
        empty,
        empty,
        empty,
        parts.subject ?? empty,
        empty,
        parts.extensions ?? '',
      ),
    ),
  );
}

function commonName(value: string): string[] | undefined {
  const subject = sequence(element('31', sequence(COMMON_NAME, value)));
  return readCertificate(build({ subject })).subject.get('CN')?.slice();
}

function alternativeNames(...names: string[]): [AlternativeNameEntryType, readonly string[]][] {
  const extension = sequence(ALTERNATIVE_NAME, element('04', sequence(...names)));
  const extensions = element('a3', sequence(extension));
  return [...readCertificate(build({ extensions })).alternativeNames];
}

describe('readCertificate()', () => {
  it('reads one that says nothing', () => {
    const { version, issuer, subject, alternativeNames: names } = readCertificate(build({}));

    expect([version, issuer.size, subject.size, names.size]).to.deep.equal([1, 0, 0, 0]);
  });

  const versions: Record<string, [version: string, number: number]> = {
    'version 3': ['a0 03 02 01 02', 3],
    'version 2': ['a0 03 02 01 01', 2],
    'version 1, which is not written': ['', 1],
  };
  for (const [what, [version, number]] of Object.entries(versions)) {
    it(`knows ${what}`, () => {
      expect(readCertificate(build({ version })).version).to.equal(number);
    });
  }

  const strings: Record<string, [value: string, text: string]> = {
    UTF8String: ['0c 03 c3 a4 62', 'äb'],
    'UTF8String that is broken': ['0c 02 c3 62', '\ufffdb'],
    PrintableString: ['13 02 61 62', 'ab'],
    IA5String: ['16 02 61 62', 'ab'],
    'TeletexString as Latin-1': ['14 01 e4', 'ä'],
    BMPString: ['1e 04 00 e4 20 ac', 'ä€'],
    'BMPString that is cut off': ['1e 03 00 e4 20', '\0ä '],
    UniversalString: ['1c 08 00 00 00 e4 00 01 f6 00', 'ä😀'],
    'UniversalString beyond Unicode': ['1c 04 00 11 00 00', '\ufffd'],
    'UniversalString that is cut off': ['1c 01 61', 'a'],
    'text with a line break': ['0c 03 61 0a 62', 'a\nb'],
    'empty text': ['0c 00', ''],
  };
  for (const [what, [value, text]] of Object.entries(strings)) {
    it(`reads ${what}`, () => {
      expect(commonName(value)).to.deep.equal([text]);
    });
  }

  const subjects: Record<string, [subject: string, entries: [string, string[]][]]> = {
    'several attributes in one set': [
      sequence(
        element('31', sequence(COMMON_NAME, '0c 01 61'), sequence('06 03 55 04 0a', '0c 01 62')),
      ),
      [
        ['CN', ['a']],
        ['O', ['b']],
      ],
    ],
    'an attribute that is there twice': [
      sequence(
        element('31', sequence(COMMON_NAME, '0c 01 61')),
        element('31', sequence(COMMON_NAME, '0c 01 62')),
      ),
      [['CN', ['a', 'b']]],
    ],
    'an attribute without a short name': [
      sequence(element('31', sequence('06 02 2a 03', '0c 01 61'))),
      [['1.2.3', ['a']]],
    ],
    'an attribute without a value as none': [
      sequence(element('31', sequence(COMMON_NAME), sequence())),
      [],
    ],
    'an attribute without a type as none': [
      sequence(element('31', sequence('0c 01 61', '0c 01 61'))),
      [],
    ],
    'what is no set as none': [sequence(sequence(COMMON_NAME, '0c 01 61'), '31 7f'), []],
  };
  for (const [what, [subject, entries]] of Object.entries(subjects)) {
    it(`reads ${what}`, () => {
      expect([...readCertificate(build({ subject })).subject]).to.deep.equal(entries);
    });
  }

  const { EmailEntry, DnsEntry, IpAddressEntry } = AlternativeNameEntryType;
  const names: Record<string, [names: string[], entries: [AlternativeNameEntryType, string[]][]]> =
    {
      'a host': [['82 01 61'], [[DnsEntry, ['a']]]],
      'a mail address': [['81 03 61 40 62'], [[EmailEntry, ['a@b']]]],
      'an IPv4 address': [['87 04 7f 00 00 01'], [[IpAddressEntry, ['127.0.0.1']]]],
      'an IPv6 address': [[`87 10 ${'00 '.repeat(15)} 01`], [[IpAddressEntry, ['::1']]]],
      'an address of another length as none': [['87 05 7f 00 00 01 00'], []],
      'several in their order': [['82 01 61', '82 01 62'], [[DnsEntry, ['a', 'b']]]],
      'one that looks like two': [['82 07 61 2c 44 4e 53 3a 62'], [[DnsEntry, ['a,DNS:b']]]],
      'a name with a zero byte whole': [['82 03 61 00 62'], [[DnsEntry, ['a\0b']]]],
      'a URI as none': [['86 01 61'], []],
      'what comes before a broken one': [['82 01 61', '82 7f 61'], [[DnsEntry, ['a']]]],
    };
  for (const [what, [list, entries]] of Object.entries(names)) {
    it(`reads ${what} among the alternative names`, () => {
      expect(alternativeNames(...list)).to.deep.equal(entries);
    });
  }

  const extensions: Record<string, [extensions: string, hosts: string[] | undefined]> = {
    'a critical one': [
      sequence(sequence(ALTERNATIVE_NAME, '01 01 ff', element('04', sequence('82 01 61')))),
      ['a'],
    ],
    'one behind another': [
      sequence(
        sequence('06 03 55 1d 13', '04 00'),
        sequence(ALTERNATIVE_NAME, element('04', sequence('82 01 61'))),
      ),
      ['a'],
    ],
    'one without a value': [sequence(sequence(ALTERNATIVE_NAME)), undefined],
    'one whose value is no list': [sequence(sequence(ALTERNATIVE_NAME, '04 01 00')), undefined],
    'one without a type': [sequence(sequence('05 00')), undefined],
    'no list': ['05 00', undefined],
  };
  for (const [what, [list, hosts]] of Object.entries(extensions)) {
    it(`takes ${what} among the extensions`, () => {
      const content = readCertificate(build({ extensions: element('a3', list) }));

      expect(content.alternativeNames.get(DnsEntry)).to.deep.equal(hosts);
    });
  }

  for (const broken of ['', '30', '30 00', '30 02 30 00', '30 02 05 00', '30 7f 30 00']) {
    it(`reads nothing from "${broken}"`, () => {
      const { version, subject } = readCertificate(hex(broken));

      expect([version, subject.size]).to.deep.equal([1, 0]);
    });
  }

  /** As Node has them: a single value is no list. */
  function asNode(attributes: Attributes): Record<string, string | string[]> {
    return Object.fromEntries(
      Array.from(attributes, ([name, values]) => [
        name,
        values.length === 1 ? values[0]! : [...values],
      ]),
    );
  }

  it('reads the same names as Node from all that it trusts', () => {
    for (const pem of [...rootCertificates, certificate('names').toPem()]) {
      const handle = new X509Certificate(pem);
      const { subject, issuer } = handle.toLegacyObject();

      const content = readCertificate(handle.raw);

      expect(asNode(content.subject)).to.deep.equal({ ...subject });
      expect(asNode(content.issuer)).to.deep.equal({ ...issuer });
    }
  });
});
