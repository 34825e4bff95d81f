import { setImmediate } from 'node:timers/promises';
import type { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import type { QWebSocketServerSignals } from '../../../lib/websockets/qwebsocketserver-base.ts';
import { complaintsAbout } from './legal-order.ts';
import { itMayDo, Play } from './play.ts';
import { Recording } from './recording.ts';
import { World } from './world.ts';

/** What becomes of a server. */
export interface ServerLife {
  readonly makeWorld?: () => World;
  /** Does what makes the server say all its signals. */
  readonly begin: (world: World) => unknown;
  readonly signals: readonly (keyof QWebSocketServerSignals | 'destroyed')[];
}

/** What a slot of a server does. */
export interface ServerAction {
  readonly act: (server: QWebSocketServer, world: World) => void;
  readonly times: number;
}

type Actions = Readonly<Record<string, ServerAction>>;

const TURNS = 100;

/** Specifies that slots of a server may do each of `actions` in every signal of `lives`. */
export function playServers(lives: Readonly<Record<string, ServerLife>>, actions: Actions): void {
  for (const [title, life] of Object.entries(lives)) {
    describe(title, () => {
      for (const name of life.signals) {
        itMayDo(Object.keys(actions), name, (signal) => new ServerPlay(life, actions, signal));
      }
    });
  }
}

class ServerPlay extends Play {
  readonly #life: ServerLife;
  readonly #actions: Actions;

  constructor(life: ServerLife, actions: Actions, signal: string) {
    super(signal);
    this.#life = life;
    this.#actions = actions;
  }

  protected override async live(action: string): Promise<void> {
    const world = this.#life.makeWorld?.() ?? new World();
    const { server, client } = world;
    const recording = new Recording(client);
    const { act, times } = this.#actions[action]!;
    const slot = this.slot(action, times, () => act(server, world));
    let isDestroyed = false;
    let lates = 0;
    let closes = 0;
    const close = server.close.bind(server);
    Object.defineProperty(server, 'close', { value: () => (closes++, close()) });
    server.closed.connect(() => closes--);
    server.destroyed.connect(() => (isDestroyed = true));

    await new Promise<void>((resolve, reject) => {
      server.on(this.signal as 'closed', () => {
        if (world.isSettled) return;
        if (isDestroyed && this.signal !== 'destroyed') lates++;
        resolve();
        slot();
      });
      Promise.resolve(this.#life.begin(world)).catch(reject);
    });
    for (let turn = 0; turn < TURNS; turn++) await setImmediate();
    world.isSettled = true;

    if (lates > 0) this.complain(action, 'is heard of after destroyed');
    if (closes < 0) this.complain(action, 'closed comes without close()');
    for (const complaint of complaintsAbout(recording.entries, recording.initialState)) {
      this.complain(action, `${complaint}\n    ${recording.entries.join('\n    ')}`);
    }
    if (isDestroyed) {
      if (server.isListening()) this.complain(action, 'listens after destroyed');
      if (server.hasPendingConnections()) this.complain(action, 'keeps what it has accepted');
    } else if (!(await world.serves())) {
      this.complain(action, 'serves nobody any more');
    }
    world.end();
    await setImmediate();
  }
}
