import { expect } from 'chai';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RawConnection, RawPeer } from '../support/raw-peer.ts';
import { closePayload } from '../support/session-rig.ts';
import { conduct, type Result } from './support/conduct.ts';
import {
  answered,
  failed,
  frameOf,
  heard,
  ping,
  send,
  textFrame,
  type Case,
} from './support/conversation.ts';
import { StrictPeer } from './support/strict-peer.ts';
import type { Subject } from './support/subjects.ts';

const TEXT = 1;
const CLOSE = 8;
const PONG = 10;
const HELLO = 'Hello';

const echoed = answered('1', 'echoes', [send(textFrame(HELLO))], [heard('text', HELLO)]);
const refused = failed(
  '2',
  'echoes, then fails',
  [send([textFrame(HELLO), frameOf(3)])],
  1002,
  [heard('text', HELLO)],
  [],
);

/** What an endpoint does, frame by frame; its frames are those of a server. */
type Conduct = (endpoint: RawConnection) => Promise<void>;

/** A server that behaves as it is told, after the opening handshake. */
class ToldSubject implements Subject {
  readonly endsFirst: boolean;
  readonly #peer: RawPeer;
  readonly #sockets: Socket[] = [];
  #conduct: Conduct;

  private constructor(peer: RawPeer, behaviour: Conduct, endsFirst: boolean) {
    this.#peer = peer;
    this.#conduct = behaviour;
    this.endsFirst = endsFirst;
  }

  static async start(behaviour: Conduct, endsFirst = true): Promise<ToldSubject> {
    return new ToldSubject(await RawPeer.listen(), behaviour, endsFirst);
  }

  connect(): Promise<StrictPeer> {
    return this.connectTo(this.#conduct);
  }

  /** A peer of an endpoint that behaves otherwise. */
  async connectTo(behaviour: Conduct): Promise<StrictPeer> {
    const socket = connect({ port: this.#peer.port, host: '127.0.0.1', allowHalfOpen: true });
    this.#sockets.push(socket);
    await once(socket, 'connect');
    // It may well be cut in the middle of what it does.
    void behaviour(await this.#peer.next()).catch(() => {});
    return new StrictPeer(new RawConnection(socket), true);
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#peer.close();
  }
}

/** Sends every text back and closes as it should, with `changed` in place of a part of that. */
function endpoint(changed: {
  echo?: (from: RawConnection, text: Buffer) => void;
  fail?: (from: RawConnection) => void;
  close?: (from: RawConnection) => void;
}): Conduct {
  const {
    echo = (from, text) => from.send(TEXT, text),
    fail = (from) => bye(from, closePayload(1002)),
    close = (from) => bye(from, closePayload(1000)),
  } = changed;
  return async (from) => {
    while (true) {
      const { opcode, payload } = await from.frame();
      if (opcode === TEXT) echo(from, payload);
      else if (opcode === CLOSE) return close(from);
      else if (opcode === 9) from.send(PONG, payload);
      else return fail(from);
    }
  };
}

function bye(from: RawConnection, payload: Uint8Array): void {
  from.send(CLOSE, payload);
  from.socket.end();
}

describe('conduct()', () => {
  async function resultOf(test: Case, behaviour: Conduct, endsFirst?: boolean): Promise<Result> {
    const subject = await ToldSubject.start(behaviour, endsFirst);
    try {
      return await conduct(test, subject, await subject.connectTo(endpoint({})));
    } finally {
      subject.stop();
    }
  }

  it('says OK of an endpoint that does all of it', async () => {
    for (const test of [echoed, refused]) {
      expect(await resultOf(test, endpoint({}))).to.deep.equal({ verdict: 'OK', reasons: [] });
    }
  });

  it('says INFORMATIONAL of a case for information', async () => {
    const { verdict } = await resultOf({ ...echoed, isInformational: true }, endpoint({}));

    expect(verdict).to.equal('INFORMATIONAL');
  });

  it('says NON-STRICT of an endpoint that fails before it has answered', async () => {
    expect(await resultOf(refused, endpoint({ echo: () => {} }))).to.deep.equal({
      verdict: 'NON-STRICT',
      reasons: ['It said [] instead of [text 48656c6c6f].'],
    });
  });

  const faults: Record<
    string,
    [test: Case, changed: Parameters<typeof endpoint>[0], reason: string]
  > = {
    'says something else': [
      echoed,
      { echo: (from) => from.send(TEXT, 'Hallo') },
      'It said [text 48616c6c6f] instead of [text 48656c6c6f].',
    ],
    'closes where it must not': [
      echoed,
      { echo: (from) => bye(from, closePayload(1002)) },
      'It has closed with 1002, which it must not.',
    ],
    'closes with another code': [
      refused,
      { fail: (from) => bye(from, closePayload(1007)) },
      'It has closed with 1007 instead of 1002.',
    ],
    'ends without a Close frame': [
      refused,
      { fail: (from) => void from.socket.end() },
      'It has ended the stream without a Close frame.',
    ],
    'masks as a server': [
      echoed,
      { echo: (from, text) => from.send(TEXT, text, { key: 1 }) },
      'The mask bit is not that of its role.',
    ],
    'sets a reserved bit': [
      echoed,
      { echo: (from, text) => from.send(TEXT, text, { reserved: 0x40 }) },
      'A reserved bit is set.',
    ],
    'writes lengths with too many bytes': [
      echoed,
      { echo: (from, text) => from.send(TEXT, text, { lengthSize: 8 }) },
      'A length is not written in the fewest bytes.',
    ],
    'sends text that is none': [
      echoed,
      { echo: (from) => from.send(TEXT, Buffer.of(0xff)) },
      'Its text is no UTF-8.',
    ],
    'continues nothing': [
      echoed,
      {
        echo: (from, text) => {
          from.send(0, text);
          from.send(TEXT, text);
        },
      },
      'Its fragments are out of order.',
    ],
    'sends a fragmented pong': [
      echoed,
      {
        echo: (from, text) => {
          from.send(PONG, '', { isFinal: false });
          from.send(TEXT, text);
        },
      },
      'A control frame is fragmented.',
    ],
    'closes with a code that may not be sent': [
      refused,
      { fail: (from) => bye(from, closePayload(1006)) },
      'It closes with the code 1006.',
    ],
    'goes on behind its Close frame': [
      refused,
      {
        fail: (from) => {
          from.send(CLOSE, closePayload(1002));
          from.send(PONG);
          from.socket.end();
        },
      },
      'A frame follows its Close frame.',
    ],
    'stops inside a frame': [
      refused,
      {
        fail: (from) => {
          from.send(CLOSE, closePayload(1002));
          from.socket.end(Buffer.of(0x81));
        },
      },
      'The stream ended inside a frame.',
    ],
  };
  for (const [name, [test, changed, reason]] of Object.entries(faults)) {
    it(`says FAILED of an endpoint that ${name}`, async () => {
      const { verdict, reasons } = await resultOf(test, endpoint(changed));

      expect(verdict).to.equal('FAILED');
      expect(reasons).to.include(reason);
    });
  }

  it('says FAILED of an endpoint that compresses nothing where it has to', async () => {
    expect(await resultOf({ ...echoed, isAnswerCompressed: true }, endpoint({}))).to.deep.equal({
      verdict: 'FAILED',
      reasons: ['It has compressed nothing.'],
    });
  });

  it('says FAILED of a client that ends TCP before its server', async () => {
    expect(await resultOf(echoed, endpoint({}), false)).to.deep.equal({
      verdict: 'FAILED',
      reasons: ['The client has ended TCP before the server.'],
    });
  });

  it('says NON-STRICT of an endpoint that fails at the end of a frame only', async () => {
    const frame = textFrame(Buffer.of(0xff, 0x2a));
    const late = failed(
      '3',
      'fails at the byte',
      [
        { kind: 'part', frame, from: 0, to: 1 },
        { kind: 'pause' },
        { kind: 'part', frame, from: 1, to: 2 },
      ],
      1007,
      [],
      [heard('pause')],
    );
    const behaviour = endpoint({ echo: (from) => bye(from, closePayload(1007)) });

    expect((await resultOf(late, behaviour)).verdict).to.equal('NON-STRICT');
  });

  it('has a bystander that goes on', async () => {
    const behaviour = endpoint({});
    const paused = answered(
      '4',
      'waits',
      [send(ping()), { kind: 'pause' }],
      [heard('pong'), heard('pause')],
    );

    expect((await resultOf(paused, behaviour)).verdict).to.equal('OK');
  });
});
