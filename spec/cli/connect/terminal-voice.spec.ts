import { expect } from 'chai';
import { TerminalVoice } from '../../../lib/cli/connect/terminal-voice.ts';
import type { Voice } from '../../../lib/cli/connect/voice.ts';

/** Ends a title, clears the screen, writes where it likes. */
const HOSTILE = '\x1b]0;x\x07\x1b[2J\x9b1m';
const SHOWN = '\\x1b]0;x\\x07\\x1b[2J\\x9b1m';

function said(say: (voice: Voice) => void, hasColors = false): string[] {
  const lines: string[] = [];
  say(new TerminalVoice((line) => lines.push(line), hasColors));
  return lines;
}

describe('TerminalVoice', () => {
  const facts = {
    url: 'ws://localhost/',
    subprotocol: '',
    extensions: '',
    peerAddress: '127.0.0.1',
    peerPort: 80,
  };
  const cases: Record<string, [say: (voice: Voice) => void, line: string]> = {
    'an attempt': [(voice) => voice.connecting('ws://localhost/'), 'Connecting to ws://localhost/'],
    'a connection': [(voice) => voice.connected(facts), 'Connected. /help lists the commands.'],
    'what was agreed on': [
      (voice) => voice.connected({ ...facts, subprotocol: 'v2', extensions: 'permessage-deflate' }),
      'Connected (v2, permessage-deflate). /help lists the commands.',
    ],
    'a text without what a terminal obeys': [(voice) => voice.text(HOSTILE), `< ${SHOWN}`],
    'a text of several lines': [(voice) => voice.text('{\n}'), '< {\n  }'],
    bytes: [(voice) => voice.binary(Buffer.from('Hi\0')), '< 3 bytes: 48 69 00'],
    'one byte': [(voice) => voice.binary(Buffer.from('H')), '< 1 byte: 48'],
    'the first of many bytes': [
      (voice) => voice.binary(new Uint8Array(1000)),
      `< 1000 bytes: ${Array(64).fill('00').join(' ')} …`,
    ],
    'a pong': [(voice) => voice.pong(12, new Uint8Array()), 'Pong after 12 ms'],
    'what came with a pong': [
      (voice) => voice.pong(12, Buffer.from('\x1b[2J')),
      'Pong after 12 ms: \\x1b[2J',
    ],
    'a warning': [(voice) => voice.warning(HOSTILE), `warning: ${SHOWN}`],
    'a failure': [(voice) => voice.failed('NetworkError', HOSTILE), `error: ${SHOWN}`],
    'an end': [(voice) => voice.closed(1000, ''), 'Closed with 1000'],
    'a reason': [(voice) => voice.closed(4000, HOSTILE), `Closed with 4000: ${SHOWN}`],
  };
  for (const [what, [say, line]] of Object.entries(cases)) {
    it(`tells of ${what}`, () => {
      expect(said(say)).to.deep.equal([line]);
    });
  }

  it('has colours where the terminal does', () => {
    expect(said((voice) => voice.text('a'), true)).to.deep.equal(['\x1b[36m<\x1b[39m a']);
  });
});
