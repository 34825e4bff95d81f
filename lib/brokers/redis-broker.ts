import { Buffer } from 'node:buffer';
import { isIP } from 'node:net';
import { createClient, defineScript, RESP_TYPES } from 'redis';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { BrokerMessage } from '../websockets/topic-broker.ts';
import { brokerTlsOptions } from './broker-tls.ts';
import { secretsOf, type BrokerUrl } from './broker-url.ts';
import { readPayload } from './payload.ts';
import { messageOf, RemoteBroker } from './remote-broker.ts';

// One step for Redis, so that nobody comes in between. The version is the time of Redis in
// microseconds, which goes on where it was when Redis has lost its data. A value that was cleared is
// remembered for an hour, so that nobody restores it.
const STORE = defineScript({
  SCRIPT: `
    local held = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
    local version = tonumber(ARGV[3])
    if version >= 0 and held >= version and held > 0 then return '0' end
    if version <= 0 then
      local now = redis.call('TIME')
      version = math.max(held + 1, now[1] * 1000000 + now[2])
    end
    local text = string.format('%.0f', version)
    redis.call('HSET', KEYS[1], 'version', text, 'payload', ARGV[2])
    if ARGV[2] == 'c' then redis.call('EXPIRE', KEYS[1], 3600) else redis.call('PERSIST', KEYS[1]) end
    redis.call('PUBLISH', ARGV[1], text .. ':' .. ARGV[2])
    return text`,
  NUMBER_OF_KEYS: 1,
  parseCommand(parser, key: string, channel: string, payload: Uint8Array, version: number) {
    parser.pushKey(key);
    parser.push(channel, bufferOf(payload), String(version));
  },
  transformReply: (version: unknown) => Number(String(version)),
});

const NEW_VERSION = -1;
const LONGEST_VERSION = 17;
const COLON = 0x3a;

const NOT_RETAINED = Buffer.from('0:');

const PING_INTERVAL_MS = 5_000;
const MOST_UNANSWERED_PINGS = 2;
const SILENCE_MS = 15_000;
const GOODBYE_MS = 1_000;
const LONGEST_DELAY_MS = 2_000;

type Client = ReturnType<typeof makeClient>;

/**
 * Topics over Redis 6.2 and later, through the client `redis`: a channel for each topic, and a hash for
 * each retained value, with its version.
 *
 * One connection does both (RESP 3), so what is asked for in an order is done in that order.
 */
export class RedisBroker extends RemoteBroker {
  readonly #make: () => Client;
  #client: Client;
  readonly #prefix: string;
  /** What the client listens to; it keeps that itself over lost connections. */
  readonly #heard = new Set<string>();
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #unanswered = 0;
  /** What Redis calls the connection. */
  #id: number | undefined;
  /** The one that was given up, of which Redis may have something left to read. */
  #abandoned: number | undefined;
  #wasReady = false;
  #isClosed = false;

  /** @throws Error when Redis cannot be reached, or is one that topics cannot be shared over. */
  static async connect(
    url: BrokerUrl,
    prefix: string,
    timeout: number,
    tls?: QSslConfiguration,
  ): Promise<RedisBroker> {
    const broker = new RedisBroker(url, prefix, timeout, tls);
    try {
      await within(timeout, broker.#begin());
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  private constructor(
    url: BrokerUrl,
    prefix: string,
    timeout: number,
    tls: QSslConfiguration | undefined,
  ) {
    super(secretsOf(url));
    // Redis has the same channels in all databases.
    this.#prefix = url.database === 0 ? prefix : `${prefix}:${url.database}`;
    this.#make = () => makeClient(url, timeout, tls, () => this.#wasReady);
    this.#client = this.#open();
    this.#heartbeat = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    this.#heartbeat.unref();
  }

  protected async send(topic: string, payload: Uint8Array): Promise<void> {
    try {
      await this.#client.publish(this.#channel(topic), Buffer.concat([NOT_RETAINED, payload]));
      this.#unanswered = 0;
    } catch (error) {
      this.fail(`A message on "${topic}" was not sent`, error);
    }
  }

  protected store(topic: string, payload: Uint8Array): Promise<number> {
    return this.putBack(topic, payload, NEW_VERSION);
  }

  protected async putBack(topic: string, payload: Uint8Array, version: number): Promise<number> {
    try {
      const stored = await this.#client.store(
        this.#key(topic),
        this.#channel(topic),
        payload,
        version,
      );
      this.#unanswered = 0;
      return stored;
    } catch (error) {
      this.fail(`The value of "${topic}" was not retained`, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    const client = this.#client;
    if (client.isReady) await within(GOODBYE_MS, client.close()).catch(() => {});
    if (client.isOpen) client.destroy();
    this.down('The broker was closed.');
  }

  protected listen(topic: string): Promise<void> {
    this.#heard.add(topic);
    return this.#client
      .subscribe(this.#channel(topic), this.#hear, true)
      .catch((error: unknown) => this.fail(`"${topic}" was not subscribed to`, error));
  }

  protected async ignore(topic: string): Promise<void> {
    if (!this.#client.isReady || !this.#heard.delete(topic)) return;
    await this.#client
      .unsubscribe(this.#channel(topic), this.#hear, true)
      .catch((error: unknown) => this.fail(`"${topic}" was not unsubscribed from`, error));
  }

  protected async fetch(topic: string): Promise<BrokerMessage | null> {
    const [version, payload] = await this.#client.hmGet(this.#key(topic), ['version', 'payload']);
    return version && payload ? toMessage(Number(version.toString()), payload) : null;
  }

  async #begin(): Promise<void> {
    await this.#client.connect();
    checkKind(await this.#client.hello());
  }

  #open(): Client {
    const client = this.#make();
    let reason = '';
    const lose = (): void => {
      if (client === this.#client) this.down(reason);
    };
    client.on('error', (error: unknown) => {
      reason = messageOf(error);
      if (!client.isReady) lose();
    });
    client.on('reconnecting', lose);
    client.on('ready', () => {
      this.#wasReady = true;
      this.#unanswered = 0;
      for (const topic of this.#heard) if (!this.isWanted(topic)) void this.ignore(topic);
      this.#disown();
      client.clientId().then(
        (id) => (this.#id = id),
        () => {},
      );
      // Otherwise the client would send what Redis does not know yet once more, behind what came later.
      client.scriptLoad(STORE.SCRIPT).catch(() => {});
      this.up();
    });
    return client;
  }

  /** The client has a timeout as well, which begins anew with all that is written. */
  #ping(): void {
    const client = this.#client;
    if (!client.isReady) return;
    if (this.#unanswered >= MOST_UNANSWERED_PINGS) {
      this.#replace(client);
      return;
    }
    this.#unanswered++;
    client.ping().then(
      () => (this.#unanswered = 0),
      () => {},
    );
  }

  /** Has Redis forget what is left of an earlier connection: those values are older than all that come. */
  #disown(): void {
    if (this.#abandoned === undefined) return;
    this.#client.clientKill({ filter: 'ID', id: this.#abandoned }).catch(() => {
      // It may be gone already, and not everybody may do that.
    });
    this.#abandoned = undefined;
  }

  /** Gives up a connection on which nothing comes, and makes another. */
  #replace(client: Client): void {
    this.#abandoned = this.#id;
    client.destroy();
    this.down('Redis does not answer.');
    if (this.#isClosed) return;
    this.#heard.clear();
    this.#client = this.#open();
    this.#client.connect().catch(() => {
      // It goes on until it was closed.
    });
  }

  readonly #hear = (message: Buffer, channel: Buffer): void => {
    const colon = message.subarray(0, LONGEST_VERSION + 1).indexOf(COLON);
    const told = toMessage(
      Number(message.toString('latin1', 0, colon)),
      message.subarray(colon + 1),
    );
    if (told !== null) this.received(channel.toString().slice(this.#channel('').length), told);
  };

  #channel(topic: string): string {
    return `${this.#prefix}:topic:${topic}`;
  }

  #key(topic: string): string {
    return `${this.#prefix}:retained:${topic}`;
  }
}

function makeClient(
  { hosts: [host], isSecure, user, password, database }: BrokerUrl,
  timeout: number,
  tls: QSslConfiguration | undefined,
  wasReady: () => boolean,
) {
  const socket = {
    host: host!.name,
    port: host!.port,
    connectTimeout: timeout,
    socketTimeout: SILENCE_MS,
    // The first attempt tells its caller; later ones go on for ever, and not all at once.
    reconnectStrategy: (retries: number): number | false =>
      wasReady() && Math.random() * Math.min(LONGEST_DELAY_MS, 50 * 2 ** retries),
  };
  return createClient({
    ...(user !== '' && { username: user }),
    ...(password !== '' && { password }),
    database,
    RESP: 3,
    scripts: { store: STORE },
    // What is published while Redis is away has another place to wait in.
    disableOfflineQueue: true,
    // One timer for each command, which would give up what was never sent and no more.
    commandOptions: { timeout: 0 },
    socket: isSecure
      ? {
          ...socket,
          ...brokerTlsOptions(tls, [host!]),
          tls: true as const,
          // Node names no server by itself.
          ...(isIP(host!.name) === 0 && { servername: host!.name }),
        }
      : socket,
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}

/** @throws Error when `answer` takes longer, in milliseconds. */
async function within<Answer>(time: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`timeout after ${time} ms`)), time);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws Error for what speaks as Redis does, and would lose messages or refuse them. */
function checkKind(told: Record<string, unknown>): void {
  const { mode, role, version } = told;
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  if (String(mode) === 'cluster') {
    throw new Error(
      'It belongs to a Redis Cluster, whose nodes may lose messages between them. Use one Redis, or NATS, which clusters.',
    );
  }
  if (String(mode) === 'sentinel') {
    throw new Error('It is a Redis Sentinel: give the URL of the primary that it watches.');
  }
  if (String(role) !== 'master') {
    throw new Error('It is a replica, which takes no values: give the URL of the primary.');
  }
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new Error(`It is Redis ${String(version)}; 6.2 or later is needed.`);
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** What Redis has told, unless somebody else has written it. */
function toMessage(version: number, payload: Buffer): BrokerMessage | null {
  const content = readPayload(payload);
  if (content === undefined || !Number.isSafeInteger(version) || version < 0) return null;
  return { content, version };
}
