import { expect } from 'chai';
import { JsonVoice } from '../../../lib/cli/connect/json-voice.ts';
import type { Voice } from '../../../lib/cli/connect/voice.ts';

describe('JsonVoice', () => {
  const cases: Record<string, [say: (voice: Voice) => void, members: object]> = {
    text: [(voice) => voice.text('a "b"'), { message: 'a "b"' }],
    binary: [(voice) => voice.binary(Uint8Array.of(1, 255)), { bytes: 2, base64: 'Af8=' }],
    pong: [(voice) => voice.pong(3, Uint8Array.of(1)), { milliseconds: 3, base64: 'AQ==' }],
    warning: [(voice) => voice.warning('careful'), { message: 'careful' }],
    error: [
      (voice) => voice.failed('NetworkError', 'gone'),
      { error: 'NetworkError', message: 'gone' },
    ],
    closed: [(voice) => voice.closed(1000, 'bye'), { code: 1000, reason: 'bye' }],
  };
  for (const [event, [say, members]] of Object.entries(cases)) {
    it(`tells of ${event} in one line`, () => {
      const lines: string[] = [];

      say(new JsonVoice((line) => lines.push(line)));

      expect(lines).to.have.lengthOf(1);
      const { time, ...rest } = JSON.parse(lines[0]!) as { time: string };
      expect(rest).to.deep.equal({ event, ...members });
      expect(new Date(time).toISOString()).to.equal(time);
    });
  }

  it('escapes what a terminal obeys and JSON leaves as it is', () => {
    const lines: string[] = [];
    const hostile = 'a\x7f\x9b2J\u202e\u2028\u{e0041}b';

    new JsonVoice((line) => lines.push(line)).text(hostile);

    expect(lines[0]).to.include(String.raw`a\u007f\u009b2J\u202e\u2028\udb40\udc41b`);
    expect((JSON.parse(lines[0]!) as { message: string }).message).to.equal(hostile);
  });
});
