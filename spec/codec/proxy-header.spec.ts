import { expect } from 'chai';
import { ProxyHeaderReader, type ProxyHeaderResult } from '../../lib/codec/proxy-header.ts';
import { hex } from '../support/hex.ts';

// https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, sections 2.1 and 2.2
const SIGNATURE = '0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A';
const IPV4 = 'C0 A8 00 01 C0 A8 00 0B DC 04 01 BB';
const IPV6 = `20 01 0d b8 ${'00 '.repeat(11)} 01 ${'00 '.repeat(10)} ff ff c0 00 02 02 00 50 ff ff`;

const ends = {
  peer: { address: '192.168.0.1', port: 56_324 },
  local: { address: '192.168.0.11', port: 443 },
};
const ends6 = {
  peer: { address: '2001:db8::1', port: 80 },
  local: { address: '::ffff:192.0.2.2', port: 65_535 },
};

function read(...chunks: (Buffer | string)[]): ProxyHeaderResult | undefined {
  const reader = new ProxyHeaderReader();
  for (const chunk of chunks) {
    const result = reader.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** What was found, with what follows as text. */
function outcome(result: ProxyHeaderResult | undefined): unknown {
  if (result === undefined || 'fault' in result) return result;
  return { ends: result.ends, rest: result.rest.toString('latin1') };
}

const good: Record<string, [bytes: Buffer | string, ends: typeof ends | undefined]> = {
  'TCP over IPv4': [hex(`${SIGNATURE} 21 11 00 0C ${IPV4}`), ends],
  'UDP over IPv4, as from QUIC': [hex(`${SIGNATURE} 21 12 00 0C ${IPV4}`), ends],
  'TCP over IPv6': [hex(`${SIGNATURE} 21 21 00 24 ${IPV6}`), ends6],
  'what follows the addresses': [
    // PP2_TYPE_NOOP, PP2_TYPE_AUTHORITY
    hex(`${SIGNATURE} 21 11 00 16 ${IPV4} 04 00 01 00 02 00 03 61 2e 62`),
    ends,
  ],
  'what is no TLV behind them': [hex(`${SIGNATURE} 21 11 00 0E ${IPV4} ff ff`), ends],
  'LOCAL, without addresses': [hex(`${SIGNATURE} 20 00 00 00`), undefined],
  'LOCAL, with addresses that do not count': [hex(`${SIGNATURE} 20 11 00 0C ${IPV4}`), undefined],
  'LOCAL of a family that nobody knows': [hex(`${SIGNATURE} 20 ff 00 00`), undefined],
  UNSPEC: [hex(`${SIGNATURE} 21 00 00 00`), undefined],
  'UNSPEC with something in it': [hex(`${SIGNATURE} 21 00 00 03 01 02 03`), undefined],
  'IPv4 without a transport': [hex(`${SIGNATURE} 21 10 00 0C ${IPV4}`), undefined],
  'a Unix-domain socket': [
    Buffer.concat([hex(`${SIGNATURE} 21 31 00 D8`), Buffer.alloc(216, 'x')]),
    undefined,
  ],
  'all that a length can say': [
    Buffer.concat([hex(`${SIGNATURE} 21 11 FF FF ${IPV4}`), Buffer.alloc(65_535 - 12)]),
    ends,
  ],
  'the line of version 1': ['PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n', ends],
  'its longest line': [
    `PROXY UNKNOWN ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`,
    undefined,
  ],
  'its line for IPv6': ['PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::ffff:192.0.2.2 80 65535\r\n', ends6],
  'its short line': ['PROXY UNKNOWN\r\n', undefined],
};

const bad: Record<string, [bytes: Buffer | string, fault: string]> = {
  'an HTTP request': ['GET / HTTP/1.1\r\n', 'no PROXY header'],
  'a lower-case word': ['proxy TCP4 ', 'no PROXY header'],
  'the start of TLS': [hex('16 03 01'), 'no PROXY header'],
  'a signature with a wrong end': [hex('0D 0A 0D 0A 00 0D 0A 51 55 49 54 0B'), 'no PROXY header'],
  'version 1 in binary': [hex(`${SIGNATURE} 11 11 00 0C`), 'version and command 0x11'],
  'version 3': [hex(`${SIGNATURE} 31 11 00 0C`), 'version and command 0x31'],
  'an unknown command': [hex(`${SIGNATURE} 22 11 00 0C`), 'version and command 0x22'],
  'an unknown family': [hex(`${SIGNATURE} 21 41 00 0C`), 'family and transport 0x41'],
  'an unknown transport': [hex(`${SIGNATURE} 21 13 00 0C`), 'family and transport 0x13'],
  'no room for addresses of IPv4': [hex(`${SIGNATURE} 21 11 00 0B`), 'a length of 11'],
  'no room for addresses of IPv6': [hex(`${SIGNATURE} 21 21 00 23`), 'a length of 35'],
  'a line that is too long': [`PROXY UNKNOWN ${' '.repeat(93)}`, 'a malformed line'],
  'a line without an end': ['PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n'.padEnd(107), 'a malformed line'],
  'a line feed in a line': ['PROXY UNKNOWN a\nb\r\n', 'a malformed line'],
  'addresses of the other version': ['PROXY TCP4 ::1 ::1 1 1\r\n', 'a malformed line'],
  'IPv4 for IPv6': ['PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n', 'a malformed line'],
  'an address of three numbers': ['PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n', 'a malformed line'],
  'a port with a zero in front': ['PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n', 'a malformed line'],
  'a port that is too high': ['PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n', 'a malformed line'],
  'two spaces': ['PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n', 'a malformed line'],
  'too few words': ['PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n', 'a malformed line'],
  'a space at the end': ['PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n', 'a malformed line'],
  'an unknown protocol': ['PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n', 'a malformed line'],
};

describe('ProxyHeaderReader', () => {
  for (const [what, [bytes, expected]] of Object.entries(good)) {
    it(`reads ${what}`, () => {
      expect(outcome(read(bytes))).to.deep.equal({ ends: expected, rest: '' });
    });
  }

  for (const [what, [bytes, fault]] of Object.entries(bad)) {
    it(`does not read ${what}`, () => {
      expect(read(bytes)).to.deep.equal({ fault });
    });
  }

  it('gives back what follows, also behind what it skips', () => {
    const header = hex(`${SIGNATURE} 21 11 00 10 ${IPV4} 04 00 01 00`);

    expect(outcome(read(header, 'GET'))).to.deep.equal({ ends, rest: '' });
    expect(outcome(read(Buffer.concat([header, Buffer.from('GET')])))).to.deep.equal({
      ends,
      rest: 'GET',
    });
    expect(outcome(read(header.subarray(0, 30), header.subarray(30), 'GET'))).to.deep.equal({
      ends,
      rest: '',
    });
  });

  it('waits for the rest', () => {
    expect(read(hex(SIGNATURE))).to.equal(undefined);
    expect(read(hex(`${SIGNATURE} 21 11 00 0C C0 A8`))).to.equal(undefined);
    expect(read(hex(`${SIGNATURE} 20 00 00 01`))).to.equal(undefined);
    expect(read('PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r')).to.equal(undefined);
    expect(read(Buffer.alloc(0))).to.equal(undefined);
  });

  it('fails at the byte that is wrong', () => {
    expect(read(hex('0D 0A 0D 0A 01'))).to.deep.equal({ fault: 'no PROXY header' });
    expect(read('PROXX')).to.deep.equal({ fault: 'no PROXY header' });
  });
});
