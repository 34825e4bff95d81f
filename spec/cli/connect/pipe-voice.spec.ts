import { expect } from 'chai';
import { escaped } from '../../../lib/cli/escaped.ts';
import { PipeVoice } from '../../../lib/cli/connect/pipe-voice.ts';
import type { Voice } from '../../../lib/cli/connect/voice.ts';

const HOSTILE = '\x1b[2J\na';

function said(say: (voice: Voice) => void, show = (text: string) => text): [string[], string[]] {
  const [out, log]: [string[], string[]] = [[], []];
  say(
    new PipeVoice(
      (line) => out.push(line),
      (line) => log.push(line),
      show,
    ),
  );
  return [out, log];
}

describe('PipeVoice', () => {
  const cases: Record<string, [say: (voice: Voice) => void, out: string[], log: string[]]> = {
    'a text as it is': [(voice) => voice.text(HOSTILE), [HOSTILE], []],
    'bytes in hex': [(voice) => voice.binary(Uint8Array.of(0, 255)), ['hex:00ff'], []],
    'no pong': [(voice) => voice.pong(1, Uint8Array.of()), [], []],
    'a warning beside': [(voice) => voice.warning(HOSTILE), [], [String.raw`warning: \x1b[2J\na`]],
    'an error beside': [(voice) => voice.failed('', HOSTILE), [], [String.raw`error: \x1b[2J\na`]],
    'no end in order': [(voice) => voice.closed(1000, ''), [], []],
    'another end beside': [
      (voice) => voice.closed(4000, HOSTILE),
      [],
      [String.raw`closed with 4000: \x1b[2J\na`],
    ],
  };
  for (const [what, [say, out, log]] of Object.entries(cases)) {
    it(`tells of ${what}`, () => {
      expect(said(say)).to.deep.equal([out, log]);
    });
  }

  it('shows a text as it is told to, where a terminal reads it', () => {
    expect(said((voice) => voice.text(HOSTILE), escaped)[0]).to.deep.equal([
      String.raw`\x1b[2J\na`,
    ]);
  });
});
