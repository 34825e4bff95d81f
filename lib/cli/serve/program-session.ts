import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { CloseCode, type QWebSocket } from '../../index.ts';
import { LineSplitter } from '../line-splitter.ts';

/** The program that each connection runs. */
export interface ProgramCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** How many bytes a line that it writes may have. */
  readonly longestLine: number;
}

/** As much of the stream under a connection as holds the peer back. */
export interface Brake {
  pause(): unknown;
  resume(): unknown;
}

/** What may wait for a peer that does not read, in bytes; then the program has to wait. */
const HIGH_WATER_MARK = 256 * 1024;
const LOW_WATER_MARK = 64 * 1024;

/** How long a program may take to end by itself, and how long after SIGTERM, in milliseconds. */
const GRACE = 2000;

/** How long what a program has started may go on to write when it has ended itself, in milliseconds. */
const LAST_WORDS = 1000;

/** How often a peer that is held back is pinged, in milliseconds. */
const PING_INTERVAL = 10_000;

/** A connection and its program: lines of the one are messages of the other. */
export class ProgramSession {
  readonly #socket: QWebSocket;
  readonly #brake: Brake | undefined;
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  readonly #stdout: Readable;
  readonly #warn: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #pings: NodeJS.Timeout | undefined;
  #hasEnded = false;
  #hasSaidAll = false;

  /** Done when the program has ended and the connection is closed. */
  readonly done: Promise<unknown>;

  /**
   * @param brake holds the peer back while the program does not read.
   * @param warn is told what is wrong with the program.
   * @throws when the system has no room for another program.
   */
  constructor(
    socket: QWebSocket,
    brake: Brake | undefined,
    { file, args, longestLine }: ProgramCommand,
    env: NodeJS.ProcessEnv,
    warn: (text: string) => void,
  ) {
    this.#socket = socket;
    this.#brake = brake;
    this.#warn = warn;
    const child = spawn(file, args, {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
      // In a group of its own, it is ended together with what it has started, and not by Ctrl+C.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    child.on('error', (error) => this.#failToStart(error));
    // Nothing can be opened any more, not even the pipes.
    if (!child.stdin || !child.stdout) throw new Error('too many files are open');
    this.#child = child;
    this.#stdin = child.stdin;
    this.#stdout = child.stdout;

    this.done = Promise.all([
      new Promise<void>((resolve) => socket.disconnected.connect(() => resolve())),
      new Promise<void>((resolve) => {
        if (child.pid === undefined) resolve();
        child.on('exit', () => resolve());
      }),
    ]);
    this.#joinMessages();
    this.#joinLines(longestLine);
    socket.disconnected.connect(() => this.#onDisconnected());
    child.on('exit', (code) => this.#onExit(code));
  }

  /** Ends both because the server does. */
  end(): void {
    this.#socket.setCloseTimeout(GRACE);
    this.#socket.close(CloseCode.CloseCodeGoingAway, 'The server is shutting down.');
    this.#stdin.end();
    this.#kill('SIGTERM');
    this.#killLater('SIGKILL');
  }

  #joinMessages(): void {
    const stdin = this.#stdin;
    stdin.on('error', () => {
      // It does not read any more; how it ends says the rest.
    });
    stdin.on('drain', () => this.#letGo());
    this.#socket.textMessageReceived.connect((message) => {
      if (!stdin.writable) return;
      if (!stdin.write(`${message}\n`)) this.#holdBack();
    });
    this.#socket.binaryMessageReceived.connect(() => {
      this.#socket.close(CloseCode.CloseCodeDatatypeNotSupported, 'Only text is taken here.');
    });
  }

  #holdBack(): void {
    this.#brake?.pause();
    // A connection that nobody reads does not tell that the peer has gone: only writing to it does.
    this.#pings ??= setInterval(() => this.#socket.ping(), PING_INTERVAL);
  }

  #letGo(): void {
    clearInterval(this.#pings);
    this.#pings = undefined;
    this.#brake?.resume();
  }

  #joinLines(longest: number): void {
    const socket = this.#socket;
    const stdout = this.#stdout;
    const splitter = new LineSplitter(
      {
        line: (text) => void socket.sendTextMessage(text),
        tooLong: () => {
          this.#warn(`the program wrote a line of more than ${longest} bytes`);
          socket.close(CloseCode.CloseCodeBadOperation, 'The program wrote too long a line.');
        },
      },
      longest,
    );
    stdout.on('data', (chunk: Buffer) => {
      splitter.push(chunk);
      if (socket.bytesToWrite() > HIGH_WATER_MARK) stdout.pause();
    });
    socket.bytesWritten.connect(() => {
      if (stdout.isPaused() && socket.bytesToWrite() < LOW_WATER_MARK) stdout.resume();
    });
    stdout.on('close', () => {
      splitter.end();
      this.#hasSaidAll = true;
      this.#closeWithProgram();
    });
  }

  #failToStart(error: Error): void {
    this.#warn(`the program cannot be run: ${error.message}`);
    this.#socket.close(CloseCode.CloseCodeBadOperation, 'The program cannot be run.');
  }

  #onDisconnected(): void {
    this.#letGo();
    this.#stdin.end();
    this.#stdout.destroy();
    if (this.#hasEnded || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#kill('SIGTERM');
      this.#killLater('SIGKILL');
    }, GRACE);
  }

  #onExit(code: number | null): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#stdin.destroy();
    // How the peer answers the closing has to be read.
    this.#letGo();
    if (code !== 0) this.#warn(`the program ended with ${code ?? 'a signal'}`);
    this.#timer = setTimeout(() => this.#stdout.destroy(), LAST_WORDS);
    this.#closeWithProgram();
  }

  /** Closes once the program has ended and all that it wrote is on its way. */
  #closeWithProgram(): void {
    if (!this.#hasEnded || !this.#hasSaidAll) return;
    clearTimeout(this.#timer);
    if (this.#child.exitCode === 0) this.#socket.close(CloseCode.CloseCodeNormal);
    else this.#socket.close(CloseCode.CloseCodeBadOperation, 'The program failed.');
  }

  #killLater(signal: NodeJS.Signals): void {
    if (this.#hasEnded) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#kill(signal), GRACE);
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (this.#hasEnded || pid === undefined) return;
    if (process.platform === 'win32') {
      this.#child.kill(signal);
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch {
      // It was quicker.
    }
  }
}
