import { setImmediate } from 'node:timers/promises';
import type { QObject } from '../../lib/core/qobject.ts';
import { WebSocket, WebSocketServer } from '../../lib/qml.ts';
import { NOBODY } from '../support/ports.ts';
import { until } from '../support/until.ts';
import { itMayDo, Play, SlotError } from './support/play.ts';

/** A server, which echoes, and a client of it. */
class Stage {
  readonly server: WebSocketServer = new WebSocketServer({
    onClientConnected(client) {
      client.textMessageReceived.connect((text) => client.sendTextMessage(text));
    },
  });
  readonly socket: WebSocket = new WebSocket({});
  /** Whether handlers have had their time. */
  isSettled = false;

  end(): void {
    this.socket[Symbol.dispose]();
    this.server[Symbol.dispose]();
  }
}

type Act = (stage: Stage) => void;

const actions: Readonly<Record<string, readonly [act: Act, times: number]>> = {
  nothing: [() => {}, 40],
  'active = false': [({ socket }) => (socket.active = false), 40],
  'active = true': [({ socket }) => (socket.active = true), 40],
  'active toggled': [
    ({ socket }) => {
      socket.active = !socket.active;
      socket.active = !socket.active;
    },
    1,
  ],
  'the url of nobody': [({ socket }) => (socket.url = 'ws://127.0.0.1:1/'), 40],
  'no url': [({ socket }) => (socket.url = ''), 40],
  'another url': [({ socket, server }) => (socket.url = `${server.url}/other`), 40],
  'another url, then the first': [
    ({ socket, server }) => {
      socket.url = `${server.url}/other`;
      socket.url = server.url;
    },
    1,
  ],
  'a message': [({ socket }) => void socket.sendTextMessage('handler'), 5],
  'deleteLater()': [({ socket }) => socket.deleteLater(), 40],
  'its end': [({ socket }) => socket[Symbol.dispose](), 40],
  'its end and active': [
    ({ socket }) => {
      socket[Symbol.dispose]();
      socket.active = !socket.active;
      socket.url = `ws://127.0.0.1:${NOBODY}/`;
    },
    40,
  ],
  'an exception': [
    () => {
      throw new SlotError('on purpose');
    },
    40,
  ],
  'disconnect()': [({ socket, server }) => void (socket.disconnect(), server.disconnect()), 40],
  'listen = false': [({ server }) => (server.listen = false), 40],
  'listen toggled': [
    ({ server }) => {
      server.listen = !server.listen;
      server.listen = !server.listen;
    },
    1,
  ],
  'accept = false': [({ server }) => (server.accept = false), 40],
  'accept toggled': [
    ({ server }) => {
      server.accept = !server.accept;
      server.accept = !server.accept;
    },
    1,
  ],
  'port = 0': [({ server }) => (server.port = 0), 1],
  'an invalid host': [({ server }) => (server.host = 'nowhere'), 1],
  'another host and back': [
    ({ server }) => {
      server.host = '127.0.0.2';
      server.host = '127.0.0.1';
    },
    1,
  ],
  'another name': [({ server }) => (server.name += 'x'), 1],
  'the end of the server': [({ server }) => server[Symbol.dispose](), 40],
  'the end of the server and listen': [
    ({ server }) => {
      server[Symbol.dispose]();
      server.listen = false;
      server.listen = true;
      server.name = 'another';
    },
    40,
  ],
  'deleteLater() of the server': [({ server }) => server.deleteLater(), 40],
};

/** What a life does, one step for each turn of the event loop that comes to something. */
interface Life {
  readonly of: 'server' | 'socket';
  readonly begin: Act;
  /** What follows the first emission of a signal, on a later turn. */
  readonly after?: Readonly<Record<string, Act>>;
  readonly signals: readonly string[];
}

const talk: Act = (stage) => {
  stage.server.listen = true;
  stage.socket.url = stage.server.url;
  stage.socket.active = true;
};

const lives: Readonly<Record<string, Life>> = {
  'a talk': {
    of: 'socket',
    begin: talk,
    after: {
      'statusChanged 1': ({ socket }) => void socket.sendTextMessage('hello'),
      'textMessageReceived hello': ({ socket }) => (socket.active = false),
    },
    signals: [
      'urlChanged',
      'activeChanged true',
      'errorStringChanged',
      'statusChanged 0',
      'statusChanged 1',
      'textMessageReceived hello',
      'activeChanged false',
      'statusChanged 2',
      'statusChanged 3',
    ],
  },
  'a server that goes': {
    of: 'socket',
    begin: talk,
    after: { 'statusChanged 1': ({ server }) => server[Symbol.dispose]() },
    signals: ['statusChanged 4', 'statusChanged 2', 'statusChanged 3', 'destroyed'],
  },
  'nobody there': {
    of: 'socket',
    begin: ({ socket }) => {
      socket.url = `ws://127.0.0.1:${NOBODY}/`;
      socket.active = true;
    },
    signals: ['statusChanged 3', 'statusChanged 4', 'errorStringChanged'],
  },
  'a server that changes': {
    of: 'server',
    begin: (stage) => {
      talk(stage);
      stage.server.accept = false;
      stage.server.accept = true;
      stage.server.host = '127.0.0.2';
      stage.server.host = '127.0.0.1';
      stage.server.name = 'first';
      stage.socket.url = stage.server.url;
      stage.server.host = 'nowhere';
      stage.server.host = '127.0.0.1';
      stage.socket.active = false;
      stage.socket.active = true;
    },
    signals: [
      'listenChanged',
      'portChanged',
      'urlChanged',
      'acceptChanged',
      'hostChanged',
      'nameChanged',
      'errorStringChanged',
    ],
  },
  'a server with a client': {
    of: 'server',
    begin: talk,
    signals: ['clientConnected'],
  },
};

class QmlPlay extends Play {
  readonly #life: Life;

  constructor(life: Life, signal: string) {
    super(signal);
    this.#life = life;
  }

  protected override async live(action: string): Promise<void> {
    const stage = new Stage();
    const element = stage[this.#life.of];
    const statuses = [stage.socket.status];
    let isDestroyed = false;
    stage.socket.destroyed.connect(() => (isDestroyed = true));
    stage.socket.statusChanged.connect((status) => {
      if (isDestroyed) this.complain(action, 'statusChanged after destroyed');
      if (status === statuses.at(-1)) this.complain(action, `statusChanged(${status}) twice`);
      statuses.push(status);
    });

    let come = (): void => {};
    const hasCome = new Promise<void>((resolve) => (come = resolve));
    const [act, times] = actions[action]!;
    const slot = this.slot(action, times, () => act(stage));
    const after = new Map(Object.entries(this.#life.after ?? {}));
    const names = new Set([this.signal, ...after.keys()].map((entry) => entry.split(' ', 1)[0]!));
    for (const name of names) {
      (element as QObject).on(name as 'destroyed', (first: unknown) => {
        if (stage.isSettled) return;
        const entry = `${name} ${toWord(first)}`;
        const next = [...after.keys()].find((one) => entry.startsWith(one));
        if (next !== undefined) {
          const step = after.get(next)!;
          after.delete(next);
          void setImmediate().then(() => step(stage));
        }
        if (!entry.startsWith(this.signal)) return;
        come();
        slot();
      });
    }
    this.#life.begin(stage);
    if (this.signal === 'destroyed') element.deleteLater();
    await hasCome;
    for (let turn = 0; turn < 60; turn++) await setImmediate();
    stage.isSettled = true;

    if (!(await serves(stage.server))) this.complain(action, 'the server serves nobody');
    stage.end();
    await setImmediate();
  }
}

/** What an emission carries, where it tells one from the other. */
function toWord(first: unknown): string {
  if (typeof first === 'string') return first;
  return typeof first === 'number' || typeof first === 'boolean' ? `${first}` : '';
}

/** Whether `server`, unless it was destroyed, lets a newcomer in. */
async function serves(server: WebSocketServer): Promise<boolean> {
  server.listen = false;
  server.accept = true;
  server.host = '127.0.0.1';
  // Another server may have the port by now.
  server.port = 0;
  server.listen = true;
  // Whoever is destroyed does nothing any more.
  if (server.errorString === 'QQmlWebSocketServer is not ready.') return true;
  const newcomer = new WebSocket({ url: server.url, active: true });
  let { status } = newcomer;
  newcomer.statusChanged.connect((next) => (status = next));
  await until(() => status === WebSocket.Open || status === WebSocket.Error);
  newcomer[Symbol.dispose]();
  return status === WebSocket.Open;
}

describe('a handler of a QML type', () => {
  for (const [title, life] of Object.entries(lives)) {
    describe(title, () => {
      for (const entry of life.signals) {
        itMayDo(Object.keys(actions), entry, (signal) => new QmlPlay(life, signal));
      }
    });
  }
});
