import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { NativeBackend } from '../../lib/browser/native-backend.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { complaintsAbout } from '../reentrancy/support/legal-order.ts';
import { Recording } from '../reentrancy/support/recording.ts';
import { FakeNativeWebSocket } from '../support/fake-native-websocket.ts';
import { signalNames } from '../support/signal-log.ts';

class Socket extends QWebSocketBase {
  readonly natives: FakeNativeWebSocket[] = [];
  /** From deleteLater() on: open() does nothing then, which a Recording takes for an attempt. */
  isLeaving = false;

  constructor() {
    super('', 13, null, (events, settings) => {
      return new NativeBackend(events, settings, (url, protocols) => {
        const native = new FakeNativeWebSocket(url, protocols);
        this.natives.push(native);
        return native;
      });
    });
    this.setBacklogLimit(100, BacklogPolicy.Disconnect);
    this.setMaxAllowedIncomingMessageSize(50);
  }
}

type Happening = readonly [what: string, happen: (native: FakeNativeWebSocket) => void];
type Step = readonly [what: string, run: (socket: Socket) => void];

let texts = 0;

const own: fc.Arbitrary<Step> = fc.constantFrom<Step[]>(
  ['open', (socket) => openAt(socket, 'ws://localhost/')],
  ['open', (socket) => openAt(socket, 'ws://localhost/')],
  ['open in vain', (socket) => openAt(socket, 'http://localhost/')],
  ['send', (socket) => void socket.sendTextMessage('grün')],
  ['send a lot', (socket) => void socket.sendBinaryMessage(new Uint8Array(80))],
  ['close', (socket) => socket.close()],
  ['close with 1001', (socket) => socket.close(1001, 'away')],
  ['abort', (socket) => socket.abort()],
  ['nothing', () => {}],
);
const last: fc.Arbitrary<Step> = fc.constant<Step>([
  'delete',
  (socket) => {
    socket.isLeaving = true;
    socket.deleteLater();
  },
]);

/** What happens to one of the native sockets, whatever state it is in. */
const foreign: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom<Happening[]>(
      ['connects', (native) => native.connects()],
      ['connects', (native) => native.connects()],
      ['gets text', (native) => native.gets(`${++texts}`)],
      ['gets bytes', (native) => native.gets(new ArrayBuffer(3))],
      ['gets too much', (native) => native.gets('x'.repeat(60))],
      ['passes on', (native) => native.passesOn(native.bufferedAmount)],
      ['ends', (native) => native.ends(1000)],
      ['ends with 1011', (native) => native.ends(1011, 'why')],
      ['fails', (native) => native.fails('why')],
    ),
    fc.nat({ max: 2 }),
  )
  .map(([[what, happen], age]): Step => {
    return [
      `${what}, ${age} before the last`,
      (socket) => {
        const native = socket.natives.at(-1 - age);
        if (native !== undefined) happen(native);
      },
    ];
  });

const time: fc.Arbitrary<Step> = fc.constantFrom<Step[]>(
  ['a turn', () => void clock.tick(1)],
  ['a moment', () => void clock.tick(150)],
  ['long', () => void clock.tick(40_000)],
);

const step = fc.oneof(
  { weight: 4, arbitrary: own },
  { weight: 8, arbitrary: foreign },
  { weight: 3, arbitrary: time },
);
const life = fc.record({
  steps: fc.array(step, { maxLength: 25 }),
  /** What the slots do, one after the other. */
  reactions: fc.array(fc.oneof({ weight: 12, arbitrary: own }, { weight: 1, arbitrary: last }), {
    maxLength: 12,
  }),
});

let clock: sinon.SinonFakeTimers;

function openAt(socket: Socket, url: string): void {
  if (!socket.isLeaving) socket.open(url);
}

describe('NativeBackend, whatever happens', () => {
  beforeEach(() => {
    clock = sinon.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'],
    });
  });

  afterEach(() => {
    clock.restore();
  });

  it('tells it in a legal order, and leaves nothing running', () => {
    fc.assert(
      fc.property(life, ({ steps, reactions }) => {
        const socket = new Socket();
        const recording = new Recording(socket);
        const rest = [...reactions];
        for (const name of signalNames) {
          socket.on(name, () => rest.shift()?.[1](socket));
        }
        for (const [, run] of steps) run(socket);
        socket.removeAllListeners();
        socket.abort();
        clock.tick(1);

        expect(complaintsAbout(recording.entries, recording.initialState)).to.deep.equal([]);
        expect(clock.countTimers()).to.equal(0);
        for (const native of socket.natives) expect(native.readyState).to.be.greaterThan(1);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not hear of what was given up', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), fc.array(foreign), (steps, late) => {
        const socket = new Socket();
        for (const [, run] of steps) run(socket);
        socket.abort();
        const recording = new Recording(socket);
        for (const [, run] of late) run(socket);
        clock.tick(100_000);

        expect(recording.entries).to.deep.equal([]);
      }),
      { numRuns: 500 },
    );
  });
});
