import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { HeadReader, SERVER_HEAD_LIMITS } from '../../lib/codec/http-head.ts';
import { filled, type FuzzTarget } from './engine/fuzz-target.ts';
import { caseOf, findSlowness, fuzz } from './engine/fuzzer.ts';
import { mutate } from './engine/mutate.ts';
import { inPieces } from './engine/pieces.ts';
import { Random } from './engine/random.ts';
import { parseSeeds } from './engine/seeds.ts';
import { shrink } from './engine/shrink.ts';
import { expectSame, expectThat } from './engine/violated.ts';
import { targets } from './targets/targets.ts';

/** A target whose parser is `parse`. */
function targetOf(parse: (input: Buffer, random: Random) => void): FuzzTarget {
  return {
    name: 'planted',
    generate: (random) => mutate(Buffer.from('GET / HTTP/1.1'), random, () => Buffer.from('other')),
    check: parse,
    hard: { letters: (size) => filled(size, 'a') },
  };
}

for (const target of targets) {
  describe(`the fuzz target ${target.name}`, () => {
    it('finds nothing in its first cases', () => {
      expect(fuzz(target, { seed: 1, runs: 300 }).finding).to.equal(undefined);
    });

    it('finds nothing slow', () => {
      expect(findSlowness(target)).to.equal(undefined);
    }).timeout(60_000);

    it('makes the same cases of the same seed, and others of another', () => {
      const cases = (seed: number): string[] =>
        Array.from({ length: 20 }, (_, i) => {
          const { input, variant } = caseOf(target, seed, i);
          return `${input.toString('hex')} ${variant}`;
        });

      expect(cases(7)).to.deep.equal(cases(7));
      expect(cases(7)).to.not.deep.equal(cases(8));
    });
  });
}

describe('the fuzzer', () => {
  it('finds a planted fault, tells its case and makes it small', () => {
    const target = targetOf((input) => {
      expectThat(!input.includes('\r\n'), 'There are no line breaks');
    });

    const { finding, runs } = fuzz(target, { seed: 1, runs: 10_000 });

    expect(finding?.sentence).to.equal('There are no line breaks: that does not hold.');
    expect(finding?.input.toString()).to.equal('\r\n');
    expect(finding?.index).to.equal(runs - 1);
  });

  it('finds the same when it begins with that case', () => {
    const target = targetOf((input) => expectThat(!input.includes(0xff), 'There is no 0xff'));
    const { finding } = fuzz(target, { seed: 3, runs: 10_000 });

    const again = fuzz(target, { seed: 3, runs: 1, from: finding!.index });

    expect(again.finding).to.deep.equal(finding);
  });

  it('finds what throws', () => {
    const target = targetOf((input) => void input.readUInt32BE(4));

    const { finding } = fuzz(target, { seed: 1, runs: 10_000 });

    expect(finding?.sentence).to.match(/^It threw: RangeError/);
  });

  it('finds what depends on where the input is cut', () => {
    const target = targetOf((input, random) => {
      expectSame(inPieces(input, random).length, 1, 'The pieces');
    });

    expect(fuzz(target, { seed: 1, runs: 100 }).finding?.input).to.have.lengthOf(2);
  });

  it('finds a changed prototype', () => {
    const target = targetOf((input) => {
      if (input.includes('\0')) Reflect.set(Object.prototype, 'a', true);
    });
    try {
      const { finding } = fuzz(target, { seed: 1, runs: 10_000 });

      expect(finding?.sentence).to.equal('A prototype of the language has changed.');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'a');
    }
  });

  it('finds work that grows with the square of the size', () => {
    const target = targetOf((input) => {
      let sum = 0;
      for (let i = 0; i < input.length; i += 64) for (const byte of input) sum += byte;
      expect(sum).to.not.equal(0);
    });

    expect(findSlowness(target)?.sentence).to.match(/^letters: four times the bytes take/);
  }).timeout(60_000);
});

describe('a head reader with a fault', () => {
  // What a fuzzer is for: a parser that is right as long as nobody cuts the stream in a line end.
  class ForgetfulReader extends HeadReader {
    override push(chunk: Buffer): ReturnType<HeadReader['push']> {
      const isCut = chunk.at(-1) === 0x0d;
      return super.push(isCut ? Buffer.concat([chunk.subarray(0, -1), Buffer.from(' ')]) : chunk);
    }
  }

  it('is found out', () => {
    const target = targetOf((input, random) => {
      const text = Buffer.concat([input, Buffer.from('\r\n\r\n')]);
      const whole = new HeadReader(SERVER_HEAD_LIMITS).push(Buffer.from(text));
      const reader = new ForgetfulReader(SERVER_HEAD_LIMITS);
      let cut: typeof whole;
      for (const piece of inPieces(text, random)) cut ??= reader.push(piece);
      expectSame(cut && 'head' in cut, whole && 'head' in whole, 'Whether there is a head');
    });

    expect(fuzz(target, { seed: 1, runs: 1000 }).finding?.sentence).to.match(/^Whether/);
  });
});

describe('Watchdog', () => {
  it('ends a process whose case does not end, and tells which', () => {
    const script = `
      import { Watchdog } from './build/spec/fuzz/engine/watchdog.js';
      new Watchdog(['url'], 3, 100).note(0, 7);
      for (;;);
    `;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 15_000,
    });

    expect(run.stdout).to.include('url: case 7 of seed 3 does not end.');
    expect(run.signal).to.equal('SIGKILL');
  }).timeout(60_000);
});

describe('shrink()', () => {
  it('leaves out what has no part in the failure, and makes the rest plain', () => {
    const input = Buffer.from('some text <with> something in it');
    const fails = (bytes: Buffer): boolean => /<.*>/.test(bytes.toString('latin1'));

    expect(shrink(input, fails).toString()).to.equal('<>');
    expect(shrink(Buffer.from('xyz'), (bytes) => bytes.length > 1)).to.deep.equal(Buffer.alloc(2));
  });
});

describe('inPieces()', () => {
  it('loses nothing', () => {
    for (let i = 0; i < 500; i++) {
      const random = new Random(i);
      const bytes = random.bytes(random.below(600));

      expect(Buffer.concat(inPieces(bytes, random)).equals(bytes)).to.equal(true);
    }
  });
});

describe('parseSeeds()', () => {
  it('reads texts, digits and comments', () => {
    const seeds = parseSeeds('# A comment\n"a\\r\\n"\n81 05\n\n\n# Another one\n\n"\\u00ff"\n');

    expect(seeds).to.deep.equal([Buffer.from('a\r\n\x81\x05', 'latin1'), Buffer.of(0xff)]);
  });

  it('refuses what is neither', () => {
    expect(() => parseSeeds('81 5')).to.throw('No seed: 81 5');
  });
});
