import { expect } from 'chai';
import { restore, stub } from 'sinon';
import { CommandLine, wholeNumber } from '../../examples/support/command-line.ts';

class Exit extends Error {}

describe('CommandLine', () => {
  let printed: string;
  let code: number | undefined;

  beforeEach(() => {
    printed = '';
    code = undefined;
  });

  function newParser() {
    return new CommandLine('lamp', 'Lights a room.', {
      bright: { short: 'b', help: 'As bright as can be.' },
      room: { short: 'r', value: 'room', help: 'Which room [default: hall].', default: 'hall' },
      colour: { value: 'name', help: 'Of what colour.' },
    });
  }

  /** Processes `args`, which end the program. */
  function end(...args: string[]): void {
    stub(process, 'exit').callsFake((exitCode) => {
      code = Number(exitCode);
      throw new Exit();
    });
    const print = (text: string | Uint8Array) => (printed += text.toString()) !== '';
    stub(process.stdout, 'write').callsFake((text) => print(`stdout: ${text.toString()}`));
    stub(process.stderr, 'write').callsFake((text) => print(`stderr: ${text.toString()}`));
    try {
      newParser().process(args);
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
    } finally {
      restore();
    }
  }

  // Each as a QCommandLineParser of Qt 6.4.2 reads it.
  const read: [args: string[], bright: boolean, room: string][] = [
    [[], false, 'hall'],
    [['-b'], true, 'hall'],
    [['--bright', '--bright'], true, 'hall'],
    [['--room', 'attic'], false, 'attic'],
    [['--room=attic'], false, 'attic'],
    [['--room='], false, ''],
    [['--room=a=b'], false, 'a=b'],
    [['-r', 'attic'], false, 'attic'],
    [['-rattic'], false, 'attic'],
    [['-r=attic'], false, 'attic'],
    [['-brattic'], true, 'attic'],
    [['-br', 'attic'], true, 'attic'],
    [['-rb'], false, 'b'],
    [['--r', 'attic'], false, 'attic'],
    [['-room', '5'], false, 'oom'],
    [['-r', '-b'], false, '-b'],
    [['-r', '--', '-b'], true, '--'],
    [['-r', 'attic', '-r', 'cellar'], false, 'cellar'],
    [['--', '-b'], false, 'hall'],
    [['attic', '-', '-b'], true, 'hall'],
  ];
  for (const [args, bright, room] of read) {
    it(`reads: ${args.join(' ')}`, () => {
      const parser = newParser().process(args);

      expect([parser.isSet('bright'), parser.value('room')]).to.deep.equal([bright, room]);
    });
  }

  it('has no value where neither was one given nor is there a default', () => {
    expect(newParser().process([]).value('colour')).to.equal('');
  });

  const mistakes: [args: string[], message: string][] = [
    [['--dark'], "Unknown option 'dark'."],
    [['--dark=1'], "Unknown option 'dark'."],
    [['--dark', '-x'], 'Unknown options: dark, x.'],
    [['-xyz'], 'Unknown options: x, y, z.'],
    [['--Room', 'attic'], "Unknown option 'Room'."],
    [['--=5'], "Unknown option ''."],
    [['--room'], "Missing value after '--room'."],
    [['-br'], "Missing value after '-br'."],
    [['--bright=1'], "Unexpected value after '--bright'."],
    [['-b=1'], "Unexpected value after '-b'."],
    [['--help=1'], "Unexpected value after '--help'."],
    [['--bright=1', '--room'], "Missing value after '--room'."],
    [['--help', '--dark'], "Unknown option 'dark'."],
  ];
  for (const [args, message] of mistakes) {
    it(`refuses: ${args.join(' ')}`, () => {
      end(...args);

      expect([code, printed]).to.deep.equal([1, `stderr: lamp: ${message}\n`]);
    });
  }

  for (const args of [['-h'], ['--help'], ['--help-all'], ['-bh'], ['-b', 'attic', '-h']]) {
    it(`explains: ${args.join(' ')}`, () => {
      end(...args);

      expect([code, printed]).to.deep.equal([0, `stdout: ${newParser().helpText()}`]);
    });
  }

  it('lists the options, the help first', () => {
    expect(newParser().helpText()).to.equal(
      [
        'Usage: lamp [options]',
        'Lights a room.',
        '',
        'Options:',
        '  -h, --help         Displays help on commandline options.',
        '  -b, --bright       As bright as can be.',
        '  -r, --room <room>  Which room [default: hall].',
        '  --colour <name>    Of what colour.',
        '',
      ].join('\n'),
    );
  });

  it('breaks long lines of the help beside the options', () => {
    const help = 'How long it is to burn, in minutes, after nobody has moved in the room any more.';

    expect(new CommandLine('lamp', '', { time: { value: 'minutes', help } }).helpText()).to.contain(
      [
        '  --time <minutes>  How long it is to burn, in minutes, after nobody has moved',
        '                    in the room any more.',
        '',
      ].join('\n'),
    );
  });
});

describe('wholeNumber', () => {
  for (const [text, number] of [
    ['1', 1],
    ['10', 10],
    ['007', 7],
    ['0', undefined],
    ['11', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e1', undefined],
    ['', undefined],
    ['ten', undefined],
  ] as const) {
    it(`from 1 to 10: '${text}' is ${number ?? 'none'}`, () => {
      expect(wholeNumber(text, 1, 10)).to.equal(number);
    });
  }
});
