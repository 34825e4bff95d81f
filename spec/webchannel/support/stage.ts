import { spy, type SinonSpy } from 'sinon';
import { QWebChannel } from '../../../lib/webchannel/qwebchannel.ts';
import { Chat, chat, Room, room } from './chat.ts';
import { RecordingTransport, type Sent } from './recording-transport.ts';

/** A channel with a {@link Chat} and one client that has begun. */
export class Stage {
  readonly channel: QWebChannel = new QWebChannel();
  readonly chat: Chat = new Chat();
  readonly client: RecordingTransport;
  /** Why messages were refused. */
  readonly refused: SinonSpy = spy();
  readonly failed: SinonSpy = spy();

  constructor() {
    this.channel.registerType(Room, room);
    this.channel.registerObject('chat', this.chat, chat);
    this.channel.messageRefused.connect(this.refused);
    this.channel.invocationFailed.connect(this.failed);
    this.client = this.connect();
  }

  /** Another client that has begun. */
  connect(): RecordingTransport {
    const client = new RecordingTransport();
    this.channel.connectTo(client);
    client.say({ type: 3, id: 0 });
    client.say({ type: 4 });
    client.take();
    return client;
  }

  /** The answer to a call, which has to come at once. */
  call(method: unknown, args: unknown, client: RecordingTransport = this.client): unknown {
    return answer(client.say({ type: 6, id: 1, object: 'chat', method, args }));
  }

  /** The id of a new room, which `client` has got by a call. */
  openRoom(client: RecordingTransport = this.client): string {
    return (this.call('openRoom', ['den'], client) as { id: string }).id;
  }

  /** The sentence of the last refusal. */
  get reason(): string {
    return this.refused.lastCall.args[0] as string;
  }
}

/** What an answer among messages says. */
export function answer(messages: readonly Sent[]): unknown {
  return messages.find(({ type }) => type === 10)?.['data'];
}

/** The index of a method, signal or property in what a client was told of an object. */
export function indexIn(list: unknown, name: string): number {
  const entries = list as (number | string)[][];
  const entry = entries.find((one) => one.includes(name))!;
  return entry.find((one): one is number => typeof one === 'number')!;
}
