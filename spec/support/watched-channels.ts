import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  clientChannels,
  serverChannels,
  socketChannels,
} from '../../lib/node/diagnostics/channels.ts';
import type { DiagnosticsMessages } from '../../lib/node/diagnostics/messages.ts';
import { until } from './until.ts';

export type ChannelName = keyof DiagnosticsMessages;

/** Every channel there is. */
export const CHANNEL_NAMES: readonly ChannelName[] = [
  clientChannels,
  serverChannels,
  socketChannels,
].flatMap((channels) => Object.values(channels).map(({ name }) => name as ChannelName));

/** A message, and where it was published. */
export interface Published {
  readonly channel: ChannelName;
  readonly message: DiagnosticsMessages[ChannelName];
}

/** Keeps what is published on our channels. */
export class WatchedChannels {
  readonly published: Published[] = [];
  readonly #names: readonly ChannelName[];

  constructor(names: readonly ChannelName[] = CHANNEL_NAMES) {
    this.#names = names;
    for (const name of names) subscribe(name, this.#keep);
  }

  /** What has come on one channel. */
  on<Name extends ChannelName>(name: Name): DiagnosticsMessages[Name][] {
    const own = this.published.filter(({ channel }) => channel === name);
    return own.map(({ message }) => message as DiagnosticsMessages[Name]);
  }

  /** Waits for a message on `name`; returns the first one. */
  async first<Name extends ChannelName>(name: Name): Promise<DiagnosticsMessages[Name]> {
    await until(() => this.on(name).length > 0);
    return this.on(name)[0]!;
  }

  /** The channels on which the connection `id` was told of, in order, without their prefix. */
  steps(id: number): string[] {
    const own = this.published.filter(({ message }) => message.id === id);
    return own.map(({ channel }) => channel.slice('qwebsockets:'.length));
  }

  stop(): void {
    for (const name of this.#names) unsubscribe(name, this.#keep);
  }

  readonly #keep = (message: unknown, channel: string | symbol): void => {
    this.published.push({ channel, message } as Published);
  };
}
