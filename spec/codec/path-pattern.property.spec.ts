import { expect } from 'chai';
import fc from 'fast-check';
import { PathPattern, segmentsOf } from '../../lib/codec/path-pattern.ts';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,5}$/);
const text = fc.stringMatching(/^[a-c%.;]{0,3}$/);
const segment = fc.oneof(
  text,
  name.map((each) => `<${each}>`),
);
const segments = fc.array(segment, { minLength: 1, maxLength: 4 });
const noise = fc
  .array(fc.constantFrom('/', '<', '>', 'a', '_', '1', '%', '%2', '%2e', '.', '\\', '\0', 'é'))
  .map((parts) => parts.join(''));

/** A good pattern. */
const pattern = segments
  .map((parts) => `/${parts.join('/')}`)
  .map((source) => PathPattern.read(source))
  .filter((read) => typeof read !== 'string');

describe('PathPattern, for any text', () => {
  it('takes it or says why not, and then fits or does not, without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(noise, fc.string()), fc.oneof(noise, fc.string()), (source, path) => {
        const read = PathPattern.read(source);
        if (typeof read === 'string') {
          expect(read.endsWith('.')).to.equal(true);
          return;
        }
        const parts = segmentsOf(path);
        if (read.fits(parts)) read.parametersOf(parts);
      }),
      { numRuns: 2000 },
    );
  });

  it('fits itself as it is written, when it has no parameters', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.array(text),
        (parts, other) => {
          const read = PathPattern.read(`/${parts.join('/')}`) as PathPattern;

          expect(read.fits(['', ...parts])).to.equal(true);
          const isSame = parts.join('/') === other.join('/');
          expect(read.fits(segmentsOf(`/${other.join('/')}`))).to.equal(isSame);
        },
      ),
    );
  });

  it('gives back every value that was encoded into its place, or refuses it', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(value, name, (original, parameter) => {
        const read = PathPattern.read(`/a/<${parameter}>`) as PathPattern;
        const parts = segmentsOf(`/a/${encodeURIComponent(original)}`);

        expect(read.fits(parts)).to.equal(true);
        const found = read.parametersOf(parts)?.get(parameter);
        // oxlint-disable-next-line no-control-regex
        const isName = !/^\.{1,2}$|[/\\\u0000-\u001f\u007f-\u009f]/.test(original);
        expect(found).to.equal(isName ? original : undefined);
      }),
      { numRuns: 1000 },
    );
  });

  it('has no value that could lead out of a folder', () => {
    const bad = fc.array(fc.constantFrom('%2e', '.', '%2F', '%5c', '%00', 'a', '%25', '%2'), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(bad, (parts) => {
        const read = PathPattern.read('/<a>') as PathPattern;
        const value = read.parametersOf(['', parts.join('')])?.get('a');
        if (value === undefined) return;
        expect(value).to.not.match(/[/\\\0]/);
        expect(['', '.', '..']).to.not.include(value);
      }),
    );
  });

  it('is never both more and less specific than another', () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const orders = [one.isMoreSpecificThan(other), other.isMoreSpecificThan(one)];

        expect(orders).to.not.deep.equal([true, true]);
      }),
    );
  });
});
