// @ts-expect-error -- The package has no types.
import * as published from 'qwebchannel';

/** A property, signal or method of the host's object, as Qt's client shows it. */
// oxlint-disable-next-line no-explicit-any -- what it has is known when the program runs
export type RemoteObject = Record<string, any>;

/** Qt's client, of the npm package `qwebchannel`. */
export interface QWebChannelClient {
  readonly objects: Record<string, RemoteObject>;
}

interface Published {
  readonly QWebChannel: new (
    transport: object,
    ready: (channel: QWebChannelClient) => void,
  ) => QWebChannelClient;
}

/** Opens a channel of Qt's client; resolves when it knows the objects of the host. */
export function openChannel(transport: object): Promise<QWebChannelClient> {
  const { QWebChannel } = published as Published;
  return new Promise((resolve) => {
    void new QWebChannel(transport, resolve);
  });
}

/** What a signal of a remote object carries when it comes next. */
export function heard(signal: RemoteObject): Promise<unknown[]> {
  return new Promise((resolve) => {
    // It stays connected: what was destroyed has nothing to disconnect from any more.
    signal['connect']((...args: unknown[]) => resolve(args));
  });
}
