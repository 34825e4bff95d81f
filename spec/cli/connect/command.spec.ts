import { expect } from 'chai';
import { assert, property, string } from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandIn, type Command } from '../../../lib/cli/connect/command.ts';

describe('commandIn()', () => {
  const cases: Record<string, Command> = {
    '': { kind: 'nothing' },
    ' ': { kind: 'text', message: ' ' },
    'Hello / world': { kind: 'text', message: 'Hello / world' },
    '//home': { kind: 'text', message: '/home' },
    '/ping': { kind: 'ping', payload: '' },
    '/ping are you there': { kind: 'ping', payload: 'are you there' },
    '/close': { kind: 'close', code: 1000, reason: '' },
    '/close 4001': { kind: 'close', code: 4001, reason: '' },
    '/close 3000 good bye': { kind: 'close', code: 3000, reason: 'good bye' },
    '/close see you': { kind: 'close', code: 1000, reason: 'see you' },
    '/binary hex:00 FF': { kind: 'binary', data: Buffer.from([0, 255]) },
    '/binary hex:': { kind: 'binary', data: Buffer.from([]) },
    '/binary base64:AP8=': { kind: 'binary', data: Buffer.from([0, 255]) },
    '/help': { kind: 'help' },
    '/quit': { kind: 'quit' },
  };
  for (const [line, command] of Object.entries(cases)) {
    it(`understands "${line}"`, () => {
      expect(commandIn(line)).to.deep.equal(command);
    });
  }

  const mistakes: Record<string, string> = {
    '/': 'There is no /:',
    '/Ping': 'There is no /Ping: /help lists the commands, and //Ping sends "/Ping".',
    '/close 1005': 'The close code of a client is 1000, or 3000 to 4999.',
    '/close 99999999999999999999': 'The close code',
    '/binary': 'Give bytes as',
    '/binary hex:0': 'Give pairs of hex digits',
    '/binary hex:zz': 'Give pairs of hex digits',
    '/binary base64:?': 'That is not Base64.',
    '/binary @/': 'That is not a file.',
    '/binary @/no/such/file': 'ENOENT',
  };
  for (const [line, text] of Object.entries(mistakes)) {
    it(`says what is wrong with "${line}"`, () => {
      const command = commandIn(line);

      expect(command.kind).to.equal('mistake');
      expect((command as { text: string }).text).to.include(text);
    });
  }

  it('reads the bytes of a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'qws-'));
    const path = join(folder, 'some bytes');
    writeFileSync(path, Buffer.from([1, 2, 3]));

    const command = commandIn(`/binary @${path}`);

    rmSync(folder, { recursive: true });
    expect(command).to.deep.equal({ kind: 'binary', data: Buffer.from([1, 2, 3]) });
  });

  it('sends every line that begins otherwise as it is', () => {
    assert(
      property(string({ unit: 'binary', minLength: 1 }), (line) => {
        const command = commandIn(line);
        return line.startsWith('/') || (command.kind === 'text' && command.message === line);
      }),
    );
  });

  it('understands whatever stands behind a slash, or says that it does not', () => {
    assert(
      property(string({ unit: 'binary' }), (rest) => {
        expect(commandIn(`/${rest}`).kind).to.be.a('string');
      }),
    );
  });
});
