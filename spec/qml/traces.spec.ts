import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { restore, stub } from 'sinon';
import { WebSocket, WebSocketServer } from '../../lib/qml.ts';

/** What each element of a scenario said. */
type Trace = Record<string, string[]>;
type Condition = () => boolean;
type Listener = (id: string, signal: string, args: unknown[], element: object) => void;

interface Stage {
  traces(): Trace;
  end(): void;
}

interface Play {
  readonly signals: Readonly<Record<keyof typeof types, readonly string[]>>;
  readonly scenarios: Readonly<Record<string, (stage: Stage) => Iterator<Condition>>>;
}

type StageFactory = (
  play: Play,
  make: (type: keyof typeof types, id: string, properties: object, listener: Listener) => object,
  destroy: (element: WebSocket | WebSocketServer) => void,
) => Stage;

const types = { WebSocket, WebSocketServer };
const folder = resolve('spec/qml/traces');
const recorded = JSON.parse(readFileSync(resolve(folder, 'qt.json'), 'utf8')) as {
  readonly qt: string;
  readonly traces: Readonly<Record<string, Trace>>;
};

const CLOSED = '  statusChanged(3) status=3';

/** Where we differ from Qt on purpose, as in docs/differences-from-qt.md. */
const differences = {
  /** A connection that is closed waits for its peer. */
  C1: everyElement((lines) =>
    lines.map((line, index) =>
      line === CLOSED && isWithin(lines, index, 'active = false') ? line.trim() : line,
    ),
  ),

  /** It need not have come to its end when the next one is opened. */
  'C1, toggled': everyElement((lines) => {
    const closed = lines.findIndex(
      (line, index) => line === CLOSED && isWithin(lines, index, 'active = false'),
    );
    if (closed < 0) return lines;
    const toggled = lines.toSpliced(closed, 1);
    const opening = toggled.indexOf('  activeChanged(true) active=true', closed);
    return toggled.toSpliced(opening + 1, 0, CLOSED);
  }),

  /** A server that is told to listen, somewhere else or again does so. */
  Q1: everyElement((lines) => lines.filter((line) => line !== 'listenChanged(false) listen=false')),

  /** The host localhost is 127.0.0.1. */
  'Q2, host': everyElement((lines) => lines.map((line) => line.replaceAll('0.0.0.0', '127.0.0.1'))),

  /** Not to accept has its effect from the start. */
  'Q2, accept': everyElement((lines) => {
    const connected = lines.filter((line) => line.startsWith('clientConnected'));
    return [...lines.filter((line) => !line.startsWith('clientConnected')), ...connected];
  }),

  /** The negotiated subprotocol is known when the status changes. */
  Q3: everyElement((lines) =>
    lines.flatMap((line, index) => {
      const next = lines[index + 1] ?? '';
      if (next.includes('negotiatedSubprotocolChanged')) {
        const [said = '', status = ''] = line.split(' status=');
        return [next.replace('() ', `() status=${status} `), said];
      }
      return line.includes('negotiatedSubprotocolChanged') ? [] : line;
    }),
  ),

  /** Since Qt 6.9 a WebSocket that is destroyed says nothing more. */
  'Qt 6.9': everyElement((lines) => {
    const end = lines.indexOf('destroy()');
    return end < 0 ? lines : lines.slice(0, end + 1);
  }),

  /** What is destroyed with its parent can still be read. */
  'JavaScript, destroyed': everyElement((lines) =>
    lines.map((line) => (line === 'statusChanged(3)' ? 'statusChanged(3) status=3' : line)),
  ),
};

const differing: Readonly<Record<string, readonly (keyof typeof differences)[]>> = {
  'text both ways': ['C1'],
  'a subprotocol': ['Q3', 'C1'],
  'the peer closes': ['C1'],
  'toggling active while open': ['C1, toggled'],
  'the peer is destroyed': ['Qt 6.9'],
  'the server is destroyed': ['JavaScript, destroyed'],
  'a peer that dials again': ['C1'],
  'listening later': ['Q1'],
  'another port while listening': ['Q1'],
  'another host while listening': ['Q1'],
  'the host localhost': ['Q1', 'Q2, host'],
  'listening again at once': ['Q1'],
  'no longer listening': ['C1'],
  'not accepting from the start': ['Q2, accept'],
};

const { createStage } = (await import(pathToFileURL(resolve(folder, 'stage.mjs')).href)) as {
  readonly createStage: StageFactory;
};
const play = (await import(pathToFileURL(resolve(folder, 'scenarios.mjs')).href)) as Play;

/** A trace without the layers and details that stand behind Qt's error texts. */
function inQtsWords(trace: Trace): Trace {
  const cause = / \((?:TCP|HTTP|request): (?:[^"\\]|\\.)*/g;
  const lines = Object.entries(trace).map(([name, list]) => [
    name,
    list.map((line) => line.replaceAll(cause, '')),
  ]);
  return Object.fromEntries(lines) as Trace;
}

describe(`the QML types, compared with those of Qt ${recorded.qt}`, () => {
  let stage: Stage;
  let test: AbortController;

  beforeEach(() => {
    // Qt warns on its console as well; that is not part of the traces.
    stub(console, 'warn');
    stage = createStage(play, make, (element) => element.deleteLater());
    test = new AbortController();
  });

  afterEach(() => {
    test.abort();
    stage.end();
    restore();
  });

  it('have a trace for each scenario', () => {
    expect(Object.keys(recorded.traces)).to.deep.equal(Object.keys(play.scenarios));
  });

  it('differ in no more than they must', () => {
    for (const [name, rows] of Object.entries(differing)) {
      for (const row of rows) {
        expect(differences[row](recorded.traces[name]!)).to.not.deep.equal(recorded.traces[name]);
      }
    }
  });

  for (const [name, scenario] of Object.entries(play.scenarios)) {
    const rows = differing[name] ?? [];
    const but = rows.length === 0 ? '' : `, but for ${rows.join(' and ')}`;

    it(`do the same: ${name}${but}`, async () => {
      const steps = scenario(stage);
      for (let step = steps.next(); step.done !== true; step = steps.next()) {
        await until(step.value);
      }

      const expected = rows.reduce((trace, row) => differences[row](trace), recorded.traces[name]!);
      expect(inQtsWords(stage.traces())).to.deep.equal(expected);
    });
  }

  async function until(condition: Condition): Promise<void> {
    while (!condition()) {
      test.signal.throwIfAborted();
      await new Promise((turn) => {
        setImmediate(turn);
      });
    }
  }
});

function make(
  type: keyof typeof types,
  id: string,
  properties: object,
  listener: Listener,
): WebSocket | WebSocketServer {
  const init: Record<string, unknown> = { ...properties };
  for (const signal of play.signals[type]) {
    const handler = `on${signal.charAt(0).toUpperCase()}${signal.slice(1)}`;
    init[handler] = function (this: object, ...args: unknown[]) {
      listener(id, signal, args, this);
    };
  }
  return new types[type](init);
}

function everyElement(adjust: (lines: string[]) => string[]): (trace: Trace) => Trace {
  return (trace) =>
    Object.fromEntries(Object.entries(trace).map(([id, lines]) => [id, adjust(lines)]));
}

/** Whether the indented line at `index` belongs to the call `line`. */
function isWithin(lines: readonly string[], index: number, line: string): boolean {
  return lines.slice(0, index).findLast((one) => !one.startsWith(' ')) === line;
}
