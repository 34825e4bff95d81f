import { expect } from 'chai';
import { parseChallenges } from '../../lib/codec/challenge.ts';

/** As [scheme, token68, {parameters}], which is easier to read. */
function read(...values: string[]): unknown[] {
  return parseChallenges(values).map(({ scheme, token68, parameters }) => [
    scheme,
    token68,
    Object.fromEntries(parameters),
  ]);
}

describe('parseChallenges()', () => {
  const cases: Record<string, [values: string[], expected: unknown[]]> = {
    'nothing from no fields': [[], []],
    'nothing from empty lists': [['', ' , ,, '], []],
    'a scheme alone': [['Negotiate'], [['negotiate', '', {}]]],
    'a quoted value': [['Basic realm="gate"'], [['basic', '', { realm: 'gate' }]]],
    'a value that is a token': [['Basic realm=gate'], [['basic', '', { realm: 'gate' }]]],
    'an empty value': [['Basic realm=""'], [['basic', '', { realm: '' }]]],
    'quotes, backslashes and commas in a value': [
      [String.raw`Basic realm="a \"b\", \\c=d", charset="UTF-8"`],
      [['basic', '', { realm: String.raw`a "b", \c=d`, charset: 'UTF-8' }]],
    ],
    'white space around everything': [
      ['\t Basic \t realm \t = \t "gate" \t,\t a \t= b '],
      [['basic', '', { realm: 'gate', a: 'b' }]],
    ],
    'names in any case': [
      ['DIGEST Realm="R", NONCE=n'],
      [['digest', '', { realm: 'R', nonce: 'n' }]],
    ],
    'the example of RFC 9110 §11.6.1': [
      ['Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'],
      [
        ['basic', '', { realm: 'simple' }],
        ['newauth', '', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
      ],
    ],
    'several fields': [
      ['Digest realm="a", nonce="b"', 'Basic realm="c"'],
      [
        ['digest', '', { realm: 'a', nonce: 'b' }],
        ['basic', '', { realm: 'c' }],
      ],
    ],
    'a token68': [
      ['NTLM TlRMTVNTUAAC, Basic realm=x'],
      [
        ['ntlm', 'TlRMTVNTUAAC', {}],
        ['basic', '', { realm: 'x' }],
      ],
    ],
    'a token68 that is padded': [['Negotiate YII+/._~-=='], [['negotiate', 'YII+/._~-==', {}]]],
    'the first of repeated parameters': [
      ['Digest nonce="a", nonce="b"'],
      [['digest', '', { nonce: 'a' }]],
    ],
    'names that objects are born with': [
      ['Digest constructor=1, __proto__=2'],
      [
        [
          'digest',
          '',
          Object.fromEntries([
            ['constructor', '1'],
            ['__proto__', '2'],
          ]),
        ],
      ],
    ],
    'what stands before and behind a broken parameter': [
      ['Digest realm="a", nonce="b" opaque="c", qop=auth'],
      [['digest', '', { realm: 'a', qop: 'auth' }]],
    ],
    'no parameters without a scheme': [
      ['realm="a", Basic realm="b"'],
      [['basic', '', { realm: 'b' }]],
    ],
    'no parameters of a broken scheme': [['B@sic realm="a", nonce=b'], []],
    'no parameters of another field': [['Basic', 'realm="a"'], [['basic', '', {}]]],
    'no value that never ends': [['Basic realm="a, Digest nonce=b'], [['basic', '', {}]]],
    'no field with a line break': [
      ['Basic realm="a\r\nSet-Cookie: b"', 'NTLM'],
      [['ntlm', '', {}]],
    ],
  };
  for (const [what, [values, expected]] of Object.entries(cases)) {
    it(`reads ${what}`, () => {
      expect(read(...values)).to.deep.equal(expected);
    });
  }

  it('reads 32 challenges and no more', () => {
    const many = Array.from({ length: 40 }, (_, i) => `S${i} a=b`).join(', ');

    const challenges = parseChallenges([many, many]);

    expect(challenges.map(({ scheme }) => scheme)).to.deep.equal(
      Array.from({ length: 32 }, (_, i) => `s${i}`),
    );
    expect(challenges.at(-1)?.parameters.get('a')).to.equal('b');
  });

  it('reads 64 parameters of a challenge and no more', () => {
    const many = Array.from({ length: 100 }, (_, i) => `p${i}=v`).join(', ');

    const [challenge] = parseChallenges([`Digest ${many}`]);

    expect(challenge?.parameters.size).to.equal(64);
  });

  for (const [what, piece] of Object.entries({
    commas: ',',
    equals: '=',
    'white space': ' ',
    quotes: '"',
    backslashes: '"\\',
    'padded words': 'a= ',
    schemes: 'a b,',
  })) {
    it(`takes time in proportion to the length of ${what}`, () => {
      // 2 MB, more than a head may have; anything quadratic would take minutes.
      const noise = `Basic ${piece.repeat(2_000_000 / piece.length)}`;

      expect(parseChallenges([noise]).length).to.be.at.most(32);
    });
  }
});
