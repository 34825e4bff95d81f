import { setImmediate } from 'node:timers/promises';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import type { QWebSocketSignals } from '../../../lib/websockets/qwebsocket-base.ts';
import type { Action } from './actions.ts';
import { complaintsAbout } from './legal-order.ts';
import { itMayDo, Play } from './play.ts';
import { entryOf, Recording } from './recording.ts';
import { isAtRest, World } from './world.ts';

/** What becomes of a socket from its first signal to its last. */
export interface Life {
  readonly makeWorld?: () => World;
  /** Makes what all of its worlds share. */
  readonly setUp?: () => Promise<void>;
  readonly tearDown?: () => void;
  /** Makes everything ready, up to what the socket is told first. */
  readonly begin: (world: World) => unknown;
  /** What is done on a turn after an entry of the recording has come for the first time. */
  readonly after?: Readonly<Record<string, (world: World) => void>>;
  /** The signals that come in it, with what tells them apart. */
  readonly signals: readonly string[];
  /** Whether the socket is the end of the server, once it was fetched. */
  readonly isOfServer?: boolean;
}

type Actions = Readonly<Record<string, Action>>;

const TURNS = 200;

/** Specifies that slots of a socket may do each of `actions` in every signal of `lives`. */
export function playSockets(lives: Readonly<Record<string, Life>>, actions: Actions): void {
  for (const [title, life] of Object.entries(lives)) {
    describe(title, () => {
      if (life.setUp !== undefined) before(life.setUp);
      if (life.tearDown !== undefined) after(life.tearDown);

      for (const entry of life.signals) {
        itMayDo(Object.keys(actions), entry, (signal) => new SocketPlay(life, actions, signal));
      }
    });
  }
}

class SocketPlay extends Play {
  readonly #life: Life;
  readonly #actions: Actions;

  constructor(life: Life, actions: Actions, signal: string) {
    super(signal);
    this.#life = life;
    this.#actions = actions;
  }

  protected override async live(action: string): Promise<void> {
    const world = this.#life.makeWorld?.() ?? new World();
    const { recording, socket } = await this.#actIn(world, action);
    for (let turn = 0; turn < TURNS && !isOver(socket, recording); turn++) await setImmediate();
    await setImmediate();
    world.isSettled = true;
    const { server } = world;
    const mustServe = server.isListening() && world.url === server.serverUrl().toString();
    if (mustServe && !(await world.serves())) this.complain(action, 'the server serves nobody');
    socket.abort();
    world.end();
    await setImmediate();

    for (const complaint of complaintsAbout(recording.entries, recording.initialState)) {
      this.complain(action, `${complaint}\n    ${recording.entries.join('\n    ')}`);
    }
    if (!isOver(socket, recording)) this.complain(action, 'it never ends');
  }

  /** Lives up to the signal, and does `action` in it. */
  #actIn(world: World, action: string): Promise<{ socket: QWebSocket; recording: Recording }> {
    const { begin, after = {}, isOfServer = false } = this.#life;
    return new Promise((resolve, reject) => {
      const take = (socket: QWebSocket): void => {
        const recording = new Recording(socket);
        for (const [entry, next] of Object.entries(after)) recording.when(entry, () => next(world));
        this.#connect(socket, world, action, () => resolve({ socket, recording }));
      };
      if (isOfServer) {
        const { greet } = world;
        world.greet = (peer) => {
          world.greet = greet;
          take(peer);
          greet(peer);
        };
      } else {
        take(world.client);
      }
      Promise.resolve(begin(world)).catch(reject);
    });
  }

  #connect(socket: QWebSocket, world: World, action: string, done: () => void): void {
    const name = this.signal.split(' ', 1)[0] as keyof QWebSocketSignals;
    const { act, times } = this.#actions[action]!;
    const slot = this.slot(action, times, () => act(socket, world));
    socket.on(name, (...args: unknown[]) => {
      if (world.isSettled || !entryOf(name, args).startsWith(this.signal)) return;
      done();
      slot();
    });
  }
}

function isOver(socket: QWebSocket, recording: Recording): boolean {
  return isAtRest(socket) || recording.has('destroyed');
}
