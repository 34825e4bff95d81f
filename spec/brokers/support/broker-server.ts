import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../support/ports.ts';
import { isListening, programInPath } from '../../support/program-in-path.ts';

/** A kind of broker, and how it is started. */
export interface BrokerKind {
  readonly program: string;
  readonly scheme: string;
  /** Whether it still knows retained values when it was killed. */
  readonly hasMemory: boolean;
  options(port: number, directory: string): string[];
}

export const NATS: BrokerKind = {
  program: 'nats-server',
  scheme: 'nats',
  hasMemory: true,
  options: (port, directory) => ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', directory],
};

export const REDIS: BrokerKind = {
  program: 'redis-server',
  scheme: 'redis',
  hasMemory: false,
  options: (port, directory) =>
    ['--bind', '127.0.0.1', '--port', String(port), '--save', ''].concat('--dir', directory),
};

// Absolute, as Redis goes elsewhere before it reads them.
const CERTIFICATES = resolve('spec/oracle/certs');

/** NATS that talks over TLS only, and shows the certificate `name`. */
export function secureNats(name = 'server'): BrokerKind {
  const [certificate, key] = shown(name);
  const secure = ['--tls', '--tlscert', certificate, '--tlskey', key];
  return {
    ...NATS,
    scheme: 'tls',
    options: (port, directory) => [...NATS.options(port, directory), ...secure],
  };
}

/** The same of Redis. */
export function secureRedis(name = 'server'): BrokerKind {
  const [certificate, key] = shown(name);
  return {
    ...REDIS,
    scheme: 'rediss',
    options: (port, directory) =>
      REDIS.options(0, directory).concat(
        ['--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key],
        ['--tls-ca-cert-file', `${CERTIFICATES}/ca.crt`, '--tls-auth-clients', 'optional'],
      ),
  };
}

function shown(name: string): [certificate: string, key: string] {
  return [`${CERTIFICATES}/${name}.crt`, `${CERTIFICATES}/${name}.key`];
}

const running = new Set<ChildProcess>();
const directories = new Set<string>();

/** A real broker on a port of its own, which can be killed and comes back there. */
export class BrokerServer {
  readonly kind: BrokerKind;
  readonly port: number;
  #directory = '';
  #process: ChildProcess | undefined;
  readonly #options: readonly string[];

  private constructor(kind: BrokerKind, port: number, options: readonly string[]) {
    this.kind = kind;
    this.port = port;
    this.#options = options;
  }

  /** @param options - what is said to the program besides */
  static async start(kind: BrokerKind, options: readonly string[] = []): Promise<BrokerServer> {
    const server = new BrokerServer(kind, await freePort(), options);
    await server.start();
    return server;
  }

  /** Kills what specs have left behind, and removes what that has written. */
  static async killAll(): Promise<void> {
    for (const child of running) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
    directories.clear();
  }

  get url(): string {
    return `${this.kind.scheme}://127.0.0.1:${this.port}`;
  }

  /** Starts it again with what it has written, or without. */
  async start(isForgetful = false): Promise<void> {
    if (this.#directory === '' || isForgetful) {
      this.#directory = await mkdtemp(join(tmpdir(), 'qwebsockets-'));
      directories.add(this.#directory);
    }
    const { program } = this.kind;
    const options = [...this.kind.options(this.port, this.#directory), ...this.#options];
    const child = spawn(programInPath(program)!, options, { stdio: 'ignore' });
    this.#process = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    while (!(await isListening(this.port))) {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}.`);
      await setTimeout(5);
    }
  }

  /** Without a goodbye. */
  async kill(): Promise<void> {
    const child = this.#process!;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Has it hang, until it is told to go on. */
  async stop(): Promise<void> {
    const { pid } = this.#process!;
    process.kill(pid!, 'SIGSTOP');
    // It has several threads.
    const isStopped = (): boolean =>
      /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    while (!isStopped()) await setTimeout(1);
  }

  goOn(): void {
    this.#process!.kill('SIGCONT');
  }
}
