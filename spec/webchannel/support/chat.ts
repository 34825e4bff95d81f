import { QObject } from '../../../lib/core/qobject.ts';
import type { AnyQObject } from '../../../lib/core/any-qobject.ts';
import type { ObjectDescription } from '../../../lib/webchannel/object-description.ts';

/** A room of the chat: what tools/interop/qt-webchannel.py has in Python. */
export class Room extends QObject<{ said: [text: string]; nameChanged: [name: string] }> {
  #name: string;

  constructor(name: string, parent: AnyQObject | null = null) {
    super(parent);
    this.#name = name;
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    if (name === this.#name) return;
    this.#name = name;
    this.emit('nameChanged', name);
  }

  say(text: string): void {
    this.emit('said', text);
  }
}

export const room: ObjectDescription<Room> = {
  properties: { name: { notify: 'nameChanged', write: 'name', type: 'string' } },
  methods: { say: ['string'], deleteLater: [] },
  signals: ['said'],
};

interface ChatSignals {
  newMessage: [name: string, text: string];
  topicChanged: [topic: string];
  usersHaveChanged: [];
}

/** A chat, with the members that the one in Python has, and some that clients are not to see. */
export class Chat extends QObject<ChatSignals> {
  static readonly Kind = { Open: 0, Closed: 5 };

  readonly lobby: Room = new Room('lobby', this);
  readonly secret = 'secret';
  #topic = 'weather';
  readonly #users: string[] = [];

  topic(): string {
    return this.#topic;
  }

  setTopic(topic: string): void {
    if (topic === this.#topic) return;
    this.#topic = topic;
    this.emit('topicChanged', topic);
  }

  users(): string[] {
    return this.#users;
  }

  get greeting(): string {
    return 'Grüße, 再见 😀';
  }

  login(name: string): boolean {
    if (this.#users.includes(name)) return false;
    this.#users.push(name);
    this.emit('usersHaveChanged');
    return true;
  }

  say(name: string, text: string): void {
    this.emit('newMessage', name, text);
  }

  add(one: number, other: number): number {
    return one + other;
  }

  same(value: unknown): unknown {
    return value;
  }

  openRoom(name: string): Room {
    return new Room(name, this);
  }

  nameOf(someRoom: AnyQObject | null): string | null {
    return someRoom instanceof Room ? someRoom.name : null;
  }

  closeRoom(someRoom: AnyQObject | null): void {
    if (someRoom instanceof Room) someRoom[Symbol.dispose]();
  }
}

export const chat: ObjectDescription<Chat> = {
  properties: {
    topic: { notify: 'topicChanged', write: 'setTopic', type: 'string' },
    users: { notify: 'usersHaveChanged' },
    lobby: { constant: true },
    greeting: { constant: true },
  },
  methods: {
    login: ['string'],
    say: ['string', 'string'],
    add: ['number', 'number'],
    same: ['any'],
    openRoom: ['string'],
    nameOf: ['QObject'],
    closeRoom: ['QObject'],
  },
  signals: ['newMessage'],
  enums: { Kind: Chat.Kind },
};
