import { QObject } from 'qwebsockets';
import type { ObjectDescription } from 'qwebsockets/webchannel';

/** How many may be logged in, and how long names and messages may be. */
const MAX_USERS = 200;
const LONGEST_NAME = 32;
const LONGEST_MESSAGE = 1000;

/** Every so often all users are asked whether they are still there, and have so long for an answer. */
const KEEP_ALIVE_INTERVAL = 10_000;
const KEEP_ALIVE_TIMEOUT = 2_000;

interface ChatServerSignals {
  keepAlive: [];
  newMessage: [time: string, user: string, message: string];
  userListChanged: [];
}

/** Who is there and what they say: the object of Qt's example chatserver-cpp, for its clients too. */
export class ChatServer extends QObject<ChatServerSignals> {
  readonly #users = new Set<string>();
  readonly #stillAlive = new Set<string>();
  readonly #question: NodeJS.Timeout;
  #deadline: NodeJS.Timeout | undefined;

  constructor() {
    super();
    this.#question = setInterval(() => this.#sendKeepAlive(), KEEP_ALIVE_INTERVAL);
  }

  userList(): string[] {
    return [...this.#users].toSorted();
  }

  /** @returns whether the name was free. */
  login(userName: string): boolean {
    const isName = userName.trim() !== '' && userName.length <= LONGEST_NAME;
    if (!isName || this.#users.has(userName) || this.#users.size >= MAX_USERS) return false;
    this.#users.add(userName);
    // Who has come after the question is not asked for an answer.
    this.#stillAlive.add(userName);
    this.emit('userListChanged');
    return true;
  }

  /** @returns whether there was such a user. */
  logout(userName: string): boolean {
    const isUser = this.#users.delete(userName);
    if (isUser) this.emit('userListChanged');
    return isUser;
  }

  /** @returns whether others get to see the message. */
  sendMessage(user: string, message: string): boolean {
    if (!this.#users.has(user) || message.length > LONGEST_MESSAGE) return false;
    this.emit('newMessage', new Date().toTimeString().slice(0, 8), user, message);
    return true;
  }

  /** What a client calls when `keepAlive` was emitted. */
  keepAliveResponse(user: string): void {
    this.#stillAlive.add(user);
  }

  protected override destroy(): void {
    clearInterval(this.#question);
    clearTimeout(this.#deadline);
  }

  #sendKeepAlive(): void {
    this.#stillAlive.clear();
    this.emit('keepAlive');
    this.#deadline = setTimeout(() => this.#checkKeepAliveResponses(), KEEP_ALIVE_TIMEOUT);
  }

  #checkKeepAliveResponses(): void {
    const gone = [...this.#users].filter((user) => !this.#stillAlive.has(user));
    for (const user of gone) this.#users.delete(user);
    if (gone.length > 0) this.emit('userListChanged');
  }
}

/** What clients see of a {@link ChatServer}: what Qt's has as Q_PROPERTY, Q_INVOKABLE and signals. */
export const chatServerDescription: ObjectDescription<ChatServer> = {
  properties: { userList: { notify: 'userListChanged' } },
  methods: {
    login: ['string'],
    logout: ['string'],
    sendMessage: ['string', 'string'],
    keepAliveResponse: ['string'],
  },
  signals: ['newMessage', 'keepAlive'],
};
