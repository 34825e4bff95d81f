import { expect } from 'chai';
import fc from 'fast-check';
import { parseChallenges } from '../../lib/codec/challenge.ts';

const word = fc.string({
  unit: fc.constantFrom(...'abcXYZ019-_.!'.split('')),
  minLength: 1,
  maxLength: 8,
});
const text = fc.string({ unit: fc.constantFrom(...'ab",\\= \t;\u00e9'.split('')), maxLength: 12 });
const parameters = fc.dictionary(
  word.map((name) => name.toLowerCase()),
  text,
  { maxKeys: 5, noNullPrototype: false },
);
const space = fc.constantFrom('', ' ', '\t', '  ');
const comma = fc
  .tuple(space, fc.constantFrom(',', ',,', ', ,'), space)
  .map((parts) => parts.join(''));
const noise = fc
  .array(
    fc.constantFrom(
      'Basic',
      'Digest',
      ' ',
      ',',
      '=',
      '"',
      '\\',
      'realm',
      'a',
      '==',
      '\t',
      '\u00ff',
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

describe('parseChallenges(), for any fields', () => {
  it('reads what was written', () => {
    const challenge = fc.tuple(word, parameters, space, space);
    fc.assert(
      fc.property(fc.array(challenge, { minLength: 1, maxLength: 5 }), comma, (sent, between) => {
        const value = sent
          .map(([scheme, pairs, before, after]) => {
            const written = Object.entries(pairs).map(
              ([name, each]) => `${name}${before}=${after}${quoted(each)}`,
            );
            return `${scheme} ${written.join(between)}`;
          })
          .join(between);

        const read = parseChallenges([value]).map((each) => [
          each.scheme,
          Object.fromEntries(each.parameters),
        ]);

        const expected = sent.map(([scheme, pairs]) => [scheme.toLowerCase(), { ...pairs }]);
        expect(read).to.deep.equal(expected);
      }),
    );
  });

  it('takes noise', () => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 4 }), (values) => {
        for (const { scheme, parameters: found } of parseChallenges(values)) {
          expect(scheme).to.match(/^[^\s,="]+$/);
          for (const name of found.keys()) expect(name).to.match(/^[^\s,="]+$/);
        }
      }),
    );
  });

  it('reads the challenges of several fields as those of each', () => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 4 }), (values) => {
        const apart = values.flatMap((value) => parseChallenges([value]));

        expect(parseChallenges(values)).to.deep.equal(apart.slice(0, 32));
      }),
    );
  });
});
