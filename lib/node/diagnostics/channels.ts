import { DiagnosticsChannel } from './diagnostics-channel.ts';
import type { DiagnosticsMessages } from './messages.ts';

/** A channel for each name that begins with `Prefix`, under the rest of it. */
type Channels<Prefix extends string> = {
  readonly [
    Name in keyof DiagnosticsMessages as Name extends `${Prefix}${infer Step}` ? Step : never
  ]: DiagnosticsChannel<Name>;
};

/** What a client does before its connection is open. */
export const clientChannels: Channels<'qwebsockets:client:'> = {
  start: new DiagnosticsChannel('qwebsockets:client:start'),
  route: new DiagnosticsChannel('qwebsockets:client:route'),
  lookup: new DiagnosticsChannel('qwebsockets:client:lookup'),
  connect: new DiagnosticsChannel('qwebsockets:client:connect'),
  tunnel: new DiagnosticsChannel('qwebsockets:client:tunnel'),
  secured: new DiagnosticsChannel('qwebsockets:client:secured'),
  request: new DiagnosticsChannel('qwebsockets:client:request'),
  response: new DiagnosticsChannel('qwebsockets:client:response'),
  challenge: new DiagnosticsChannel('qwebsockets:client:challenge'),
  failed: new DiagnosticsChannel('qwebsockets:client:failed'),
};

/** What a server does with a client before there is a socket. */
export const serverChannels: Channels<'qwebsockets:server:'> = {
  connection: new DiagnosticsChannel('qwebsockets:server:connection'),
  secured: new DiagnosticsChannel('qwebsockets:server:secured'),
  request: new DiagnosticsChannel('qwebsockets:server:request'),
  refused: new DiagnosticsChannel('qwebsockets:server:refused'),
};

/** What becomes of an open connection, on either side. */
export const socketChannels: Channels<'qwebsockets:socket:'> = {
  open: new DiagnosticsChannel('qwebsockets:socket:open'),
  messageReceived: new DiagnosticsChannel('qwebsockets:socket:messageReceived'),
  messageSent: new DiagnosticsChannel('qwebsockets:socket:messageSent'),
  pingReceived: new DiagnosticsChannel('qwebsockets:socket:pingReceived'),
  pingSent: new DiagnosticsChannel('qwebsockets:socket:pingSent'),
  pongReceived: new DiagnosticsChannel('qwebsockets:socket:pongReceived'),
  pongSent: new DiagnosticsChannel('qwebsockets:socket:pongSent'),
  closing: new DiagnosticsChannel('qwebsockets:socket:closing'),
  end: new DiagnosticsChannel('qwebsockets:socket:end'),
};
