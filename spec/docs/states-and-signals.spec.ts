import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { CloseCode, QWebSocket, QWebSocketServer } from '../../lib/index.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { emitted } from '../support/emitted.ts';
import { NOBODY } from '../support/ports.ts';
import { RawPeer, type RawConnection } from '../support/raw-peer.ts';
import { SecurePeer, showing } from '../support/secure-peer.ts';
import { signalNames, stateName } from '../support/signal-log.ts';
import { readPage } from './support/pages.ts';

const PAGE = 'docs/states-and-signals.md';

/** A signal as the tables have it: what it is, the state in its slots, the call that has not returned. */
type Row = readonly [signal: string, state: string, within: string];

/** A table, and the scenario of the oracle that it is compared with. */
interface Order {
  readonly rows: readonly Row[];
  readonly scenario: string | undefined;
}

/** A signal in the trace of a scenario. */
interface Emission {
  readonly ev: string;
  readonly name: string;
  readonly args?: readonly unknown[];
  readonly during?: string;
  readonly at?: { readonly state?: number };
}

describe(PAGE, () => {
  const orders = ordersOf(readPage(PAGE));
  let peer: RawPeer;
  let socket: QWebSocket;
  let log: Recorder;

  beforeEach(async () => {
    peer = await RawPeer.listen();
    socket = new QWebSocket();
    log = new Recorder(socket);
  });
  afterEach(() => {
    socket.abort();
    peer.close();
  });

  /** A connected socket, whose signals are noted from now on. */
  async function connected(): Promise<RawConnection> {
    socket.open(peer.url);
    const [connection] = await Promise.all([peer.accept(), emitted(socket.connected)]);
    log.rows.length = 0;
    return connection;
  }

  const cases: Record<string, () => Promise<unknown>> = {
    async open() {
      log.within('open()', () => socket.open(peer.url));
      await Promise.all([peer.accept(), emitted(socket.connected)]);
    },
    async refused() {
      log.within('open()', () => socket.open(`ws://127.0.0.1:${NOBODY}/`));
      await emitted(socket.errorOccurred);
    },
    async handshake() {
      log.within('open()', () => socket.open(peer.url));
      const connection = await peer.next();
      await connection.head();
      connection.socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      await emitted(socket.readChannelFinished);
    },
    async certificate() {
      const secure = await SecurePeer.listen(showing('self-signed'));
      log.within('open()', () => socket.open(secure.url));
      await emitted(socket.readChannelFinished);
      secure.close();
    },
    async url() {
      log.within('open()', () => socket.open('http://127.0.0.1/'));
    },
    async 'close-connecting'() {
      log.within('open()', () => socket.open(peer.url));
      log.within('close()', () => socket.close());
    },
    async 'abort-connecting'() {
      log.within('open()', () => socket.open(peer.url));
      log.within('abort()', () => socket.abort());
    },
    async frames() {
      const connection = await connected();
      connection.send(1, 'one ', { isFinal: false });
      connection.send(0, 'two ', { isFinal: false });
      connection.send(0, 'three');
      await emitted(socket.textMessageReceived);
    },
    async close() {
      const connection = await connected();
      log.within('close()', () => socket.close());
      const { payload } = await connection.frame();
      connection.send(8, payload);
      connection.socket.end();
      await emitted(socket.readChannelFinished);
    },
    async peer() {
      const connection = await connected();
      connection.send(8, Buffer.from([3, 232]));
      await connection.frame();
      connection.socket.end();
      await emitted(socket.readChannelFinished);
    },
    async lost() {
      const connection = await connected();
      connection.socket.end();
      await emitted(socket.readChannelFinished);
    },
    async abort() {
      await connected();
      log.within('abort()', () => socket.abort());
    },
    async reopen() {
      await connected();
      log.within('open()', () => socket.open(peer.url));
      await Promise.all([peer.accept(), emitted(socket.connected)]);
    },
    async destroy() {
      await connected();
      log.within('[Symbol.dispose]()', () => socket[Symbol.dispose]());
    },
  };

  it('has a table for each case', () => {
    expect([...orders.keys()].toSorted()).to.deep.equal(Object.keys(cases).toSorted());
  });

  for (const [name, { rows, scenario }] of orders) {
    it(`lists for "${name}" what is emitted here`, async () => {
      await cases[name]!();

      expect(log.rows).to.deep.equal(rows);
    });

    if (scenario === undefined) continue;
    it(`lists for "${name}" what the oracle expects in ${scenario}`, () => {
      const expected = expectedOf(scenario, rows[0]![0]);

      // Where the scenario has no slots that look at the state, the trace has none.
      expect(
        rows.map((row, at) => (expected[at]?.[1] === '' ? [row[0], '', row[2]] : row)),
      ).to.deep.equal(expected);
    });
  }
});

describe(`the servers of ${PAGE}`, () => {
  const tables = readPage(PAGE).matchAll(/^<!-- server: (\w+) -->$([^]*?)^#/gm);

  for (const [, name, text] of tables) {
    const scenario = /Scenario `([^`]+)`/.exec(text!)![1]!;
    const rows = Array.from(text!.matchAll(/^\| `(.+?)` +\| \S/gm), ([, signal]) => signal!);

    it(`emit for "${name}" what is listed`, async () => {
      const server = new QWebSocketServer('', QWebSocketServer.NonSecureMode);
      const log: string[] = [];
      server.originAuthenticationRequired.connect((authenticator) => {
        log.push('originAuthenticationRequired');
        authenticator.setAllowed(name === 'allow');
      });
      server.newConnection.connect(() => log.push('newConnection'));
      server.serverError.connect((code) => log.push(textOf('serverError', [code])));
      server.listen('127.0.0.1');
      const socket = new QWebSocket('http://page.example');
      socket.open(server.serverUrl());
      await emitted(name === 'allow' ? socket.connected : socket.disconnected);

      expect(log).to.deep.equal(rows);
      socket.abort();
      server.close();
    });

    it(`are those of the oracle in ${scenario}`, () => {
      const signals = signalsOf(scenario, 's').map((event) => textOf(event.name, event.args ?? []));

      expect(signals).to.deep.equal(rows);
    });
  }
});

/** What the page says it leaves out. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'bytesWritten',
  'error',
  'alertSent',
  'alertReceived',
]);

/** Notes the signals of a socket. */
class Recorder {
  readonly rows: Row[] = [];
  #within = '';

  constructor(socket: QWebSocket) {
    for (const name of signalNames) {
      if (LEFT_OUT.has(name)) continue;
      socket.on(name, (...args: unknown[]) => {
        this.rows.push([textOf(name, args), stateName(socket.state()), this.#within]);
      });
    }
    socket.destroyed.connect(() => {
      this.rows.push(['destroyed', stateName(socket.state()), this.#within]);
    });
  }

  within(call: string, run: () => void): void {
    this.#within = call;
    run();
    this.#within = '';
  }
}

function ordersOf(page: string): Map<string, Order> {
  const parts = page.split(/^<!-- case: (.*) -->$/m);
  const orders = new Map<string, Order>();
  for (let index = 1; index < parts.length; index += 2) {
    const text = parts[index + 1]!;
    const rows = text.split(/^##/m, 1)[0]!.matchAll(/^\| `(.+?)` +\| (\w+) +\| (.*?) *\|$/gm);
    orders.set(parts[index]!, {
      rows: Array.from(rows, ([, signal, state, within]): Row => [
        signal!,
        state!,
        within!.replaceAll('`', ''),
      ]),
      scenario: /Scenario `([^`]+)`/.exec(text)?.[1],
    });
  }
  return orders;
}

/** What the oracle expects of the opening, or of what comes behind it when that begins with `first`. */
function expectedOf(scenario: string, first: string): Row[] {
  const all = signalsOf(scenario, 'c').map(({ name, args = [], during, at }): Row => [
    textOf(name, args),
    at?.state === undefined ? '' : stateName(at.state as SocketState),
    during === undefined ? '' : `${during}()`,
  ]);
  const end = all.findIndex(([signal]) => signal === 'connected') + 1;
  if (end === 0) return all;
  const [opening, rest] = [all.slice(0, end), all.slice(end)];
  if (rest[0]?.[0] !== first) return opening;
  // Where the socket is opened anew, nobody answers in the scenario.
  return first === opening[0]![0] ? [...rest, ...opening.slice(1)] : rest;
}

/** The signals of an object in what the oracle expects of a scenario: what Qt did, or what we do instead. */
function signalsOf(scenario: string, actor: string): Emission[] {
  const path = ['expected', 'traces']
    .map((folder) => `spec/oracle/open/${folder}/${scenario}.json`)
    .find((file) => existsSync(file));
  const { actors } = JSON.parse(readFileSync(path!, 'utf8')) as {
    actors: Record<string, Emission[]>;
  };
  return actors[actor]!.filter(({ ev }) => ev === 'signal');
}

function textOf(name: string, args: readonly unknown[]): string {
  if (args.length === 0 || typeof args[0] === 'object') return name;
  const words = args.map((arg) => {
    if (name === 'stateChanged') return nameIn(SocketState, arg);
    if (name === 'serverError') return nameIn(CloseCode, arg);
    return name === 'errorOccurred' ? nameIn(SocketError, arg) : JSON.stringify(arg);
  });
  return `${name}(${words.join(', ')})`;
}

function nameIn(values: Record<string, number>, value: unknown): string {
  return Object.entries(values).find(([, number]) => number === value)![0];
}
