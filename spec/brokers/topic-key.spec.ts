import { expect } from 'chai';
import { assert, constantFrom, property, string } from 'fast-check';
import { toKey } from '../../lib/brokers/topic-key.ts';

const UNITS = ['a', 'Z', '0', '-', '_', '.', '*', '>', '=', '%', '/', ' ', '\0', 'é', '\u{1f4c8}'];

describe('toKey()', () => {
  const keys: [topic: string, key: string][] = [
    ['AAPL', 'AAPL'],
    ['a_b-C9', 'a_b-C9'],
    ['BRK.B', 'BRK=2eB'],
    ['>', '=3e'],
    ['a *', 'a=20=2a'],
    ['=2a', '=3d2a'],
    ['é', '=c3=a9'],
    ['\u{1f4c8}\r\n', '=f0=9f=93=88=0d=0a'],
  ];
  for (const [topic, key] of keys) {
    it(`makes ${key} of ${JSON.stringify(topic)}`, () => {
      expect(toKey(topic)).to.equal(key);
    });
  }

  it('makes one token of any topic, from which the topic can be told', () => {
    assert(
      property(string({ unit: constantFrom(...UNITS), minLength: 1 }), (topic) => {
        const key = toKey(topic);
        expect(key).to.match(/^[\w=-]+$/);
        expect(decodeURIComponent(key.replaceAll('=', '%'))).to.equal(topic);
      }),
    );
  });

  it('stays within what NATS takes, for the longest topic there may be', () => {
    expect(toKey('\uffff'.repeat(256))).to.have.lengthOf(2304);
  });
});
