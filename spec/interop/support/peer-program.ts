import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What a peer program can be told: see tools/interop/README.md. */
export type PeerCommand =
  | {
      do: 'listen';
      subprotocols: readonly string[];
      tls?: { cert: string; key: string };
      deflate?: PeerCompression;
    }
  | {
      do: 'open';
      id: string;
      url: string;
      subprotocols: readonly string[];
      ca?: string;
      deflate?: PeerCompression;
    }
  | { do: 'fragment'; id: string; size: number }
  | { do: 'send'; id: string; kind: 'text' | 'binary'; unit: string; times: number }
  | { do: 'ping'; id: string; payload: string }
  | { do: 'close'; id: string; code: number; reason: string }
  | { do: 'abort'; id: string };

/** What a peer asks for when it compresses, RFC 7692's names in our way of writing them. */
export interface PeerCompression {
  readonly serverNoContextTakeover?: boolean;
  readonly clientNoContextTakeover?: boolean;
  readonly serverMaxWindowBits?: number;
  readonly clientMaxWindowBits?: number;
}

/** What a peer program tells: see tools/interop/README.md. */
export interface PeerEvents {
  ready: { version: string };
  listening: { port: number };
  open: { id: string; subprotocol: string };
  fragmenting: { id: string };
  message: { id: string; kind: string; size: number; sha1: string };
  pong: { id: string; payload: string };
  closed: { id: string; code: number; reason: string };
  failed: { id: string; description: string };
}

interface Told {
  readonly event: string;
  readonly id?: string;
  readonly description?: string;
}

interface Waiting {
  readonly event: string;
  readonly id: string | undefined;
  readonly resolve: (told: never) => void;
  readonly reject: (error: Error) => void;
}

/** How a peer program is started. */
export interface PeerStart {
  readonly command: string;
  readonly args: readonly string[];
  /** What has to be installed for it, as a sentence. */
  readonly needs: string;
}

/** Another implementation of WebSockets, in a process of its own. */
export class PeerProgram {
  /** The name and version of the implementation. */
  version = '';
  readonly #start: PeerStart;
  readonly #child: ChildProcessWithoutNullStreams;
  #told: Told[] = [];
  readonly #waiting = new Set<Waiting>();
  #failure: Error | undefined;
  #stderr = '';

  private constructor(start: PeerStart) {
    this.#start = start;
    this.#child = spawn(start.command, start.args);
    // The program may have ended when it is told something; its end is what counts.
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.#take(JSON.parse(line) as Told),
    );
    this.#child.on('error', ({ message }) => this.#fail(`It does not start: ${message}.`));
    this.#child.on('close', (code) => this.#fail(`It ended with ${code}.`));
  }

  /** Starts the program; when that fails, the error says what it needs. */
  static async start(start: PeerStart): Promise<PeerProgram> {
    const program = new PeerProgram(start);
    const { version } = await program.next('ready');
    program.version = version;
    return program;
  }

  tell(command: PeerCommand): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** The next event of this name, or of this name and connection, that nobody has taken yet. */
  next<Name extends keyof PeerEvents>(event: Name, id?: string): Promise<PeerEvents[Name]> {
    const at = this.#told.findIndex((told) => fits(told, { event, id }));
    if (at >= 0) {
      const [told] = this.#told.splice(at, 1);
      return Promise.resolve(told as unknown as PeerEvents[Name]);
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.add({ event, id, resolve, reject });
    });
  }

  async stop(): Promise<void> {
    if (this.#failure !== undefined) return;
    this.#child.stdin.end();
    await once(this.#child, 'close');
  }

  #take(told: Told): void {
    // The system gives the port of a connection that has gone, our name of it, to another one.
    if (told.event === 'open' || told.event === 'closed') {
      this.#told = this.#told.filter(({ id }) => id !== told.id);
    }
    for (const waiting of this.#waiting) {
      const { resolve, reject } = waiting;
      if (fits(told, waiting)) resolve(told as never);
      else if (isRefusal(told, waiting)) reject(new Error(told.description));
      else continue;
      this.#waiting.delete(waiting);
      return;
    }
    this.#told.push(told);
  }

  #fail(reason: string): void {
    const { command, args, needs } = this.#start;
    const advice = this.version === '' ? needs : '';
    const text = [`${command} ${args.join(' ')}: ${reason}`, this.#stderr.trimEnd(), advice];
    this.#failure ??= new Error(text.filter((line) => line !== '').join('\n'));
    for (const { reject } of this.#waiting) reject(this.#failure);
    this.#waiting.clear();
  }
}

function fits(told: Told, { event, id }: { event: string; id?: string | undefined }): boolean {
  return told.event === event && (id === undefined || told.id === id);
}

/** Whether this is the end of an attempt that was hoped to succeed. */
function isRefusal(told: Told, { event, id }: Waiting): boolean {
  return told.event === 'failed' && event === 'open' && told.id === id;
}
