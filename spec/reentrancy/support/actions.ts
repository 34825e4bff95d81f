import { QNetworkProxy } from '../../../lib/network/qnetworkproxy.ts';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { SlotError } from './play.ts';
import type { World } from './world.ts';

/** What a slot does. */
export interface Action {
  readonly act: (socket: QWebSocket, world: World) => void;
  /** How often a slot does it in one life; open() for ever is what the program wants. */
  readonly times: number;
}

// Messages in bytesWritten would go on for ever.
const MANY = 40;

const every = (act: Action['act']): Action => ({ act, times: MANY });
const once = (act: Action['act']): Action => ({ act, times: 1 });

type Step = (socket: QWebSocket, world: World) => void;

const close: Step = (socket) => socket.close(4001, 'slot');
const abort: Step = (socket) => socket.abort();
const open: Step = (socket, { url }) => socket.open(url);
const send: Step = (socket) => void socket.sendTextMessage('from a slot');
const later: Step = (socket) => socket.deleteLater();
const dispose: Step = (socket) => socket[Symbol.dispose]();
const silence: Step = (socket) => void socket.removeAllListeners();
const all =
  (...steps: readonly Step[]): Step =>
  (socket, world) =>
    steps.forEach((step) => step(socket, world));

/** What a slot may do to the socket that has called it. */
export const ownActions: Readonly<Record<string, Action>> = {
  nothing: every(() => {}),
  'close()': every(close),
  'abort()': every(abort),
  'open() of the same URL': once(open),
  'open() of the same URL, three times': { act: open, times: 3 },
  'open() of a URL where nobody listens': once((socket) => socket.open('ws://127.0.0.1:1/')),
  'open() of an invalid URL': once((socket) => socket.open('')),
  'open() of another scheme': once((socket) => socket.open('http://127.0.0.1/')),
  'open() of a bad resource': once((socket) => socket.open('ws://127.0.0.1/%0D%0A')),
  'deleteLater()': every(later),
  'its end': every(dispose),
  'sendTextMessage()': every(send),
  'sendBinaryMessage()': every((socket) => void socket.sendBinaryMessage(new Uint8Array(300))),
  'a message of many frames': once((socket) => {
    socket.setOutgoingFrameSize(1000);
    socket.sendTextMessage('ä'.repeat(50_000));
  }),
  'ping()': every((socket) => socket.ping(Uint8Array.of(1))),
  'flush()': every((socket) => void (socket.sendTextMessage('flushed'), socket.flush())),
  'an exception': every(() => {
    throw new SlotError('on purpose');
  }),
  'removeAllListeners()': every(silence),
  'disconnect()': every((socket) => void socket.disconnect()),
  'blockSignals()': once((socket) => void socket.blockSignals(true)),
  'ignoreSslErrors()': every((socket) => socket.ignoreSslErrors()),
  'resume()': every((socket) => socket.resume()),
  'continueInterruptedHandshake()': every((socket) => socket.continueInterruptedHandshake()),
  'setProxy()': every((socket) => socket.setProxy(new QNetworkProxy())),
  'setParent()': every((socket) => socket.setParent(null)),
  'tight limits': every((socket) => {
    socket.setMaxAllowedIncomingFrameSize(0);
    socket.setMaxAllowedIncomingMessageSize(0);
    socket.setReadBufferSize(1);
  }),
  'timeouts of 0': every((socket) => {
    socket.setOpenTimeout(0);
    socket.setCloseTimeout(0);
    socket.setIncompleteMessageTimeout(0);
  }),
  'close() and abort()': every(all(close, abort)),
  'abort() and close()': every(all(abort, close)),
  'close() and open()': once(all(close, open)),
  'abort() and open()': once(all(abort, open)),
  'open() and abort()': once(all(open, abort)),
  'open() and close()': once(all(open, close)),
  'open() twice': once(all(open, open)),
  'open() and its end': once(all(open, dispose)),
  'its end and open()': once(all(dispose, open)),
  'deleteLater() and open()': once(all(later, open)),
  'a message and close()': every(all(send, close)),
  'close() and a message': every(all(close, send)),
  'abort() and a message': every(all(abort, send)),
  'open() and a message': once(all(open, send)),
  'a message and its end': every(all(send, dispose)),
  'removeAllListeners() and abort()': every(all(silence, abort)),
  'ignoreSslErrors() and abort()': every(all((socket) => socket.ignoreSslErrors(), abort)),
};

/** What a slot may do to other objects. */
export const otherActions: Readonly<Record<string, Action>> = {
  'the end of the parent': every((_, { family }) => family[Symbol.dispose]()),
  'deleteLater() of the parent': every((_, { family }) => family.deleteLater()),
  'close() of the peer': every((_, { peer }) => peer?.close(4002, 'peer')),
  'abort() of the peer': every((_, { peer }) => peer?.abort()),
  'the end of the peer': every((_, { peer }) => peer?.[Symbol.dispose]()),
  'a message of the peer': every((_, { peer }) => void peer?.sendTextMessage('from the peer')),
  'close() of the server': every((_, { server }) => server.close()),
  'close() and listen() of the server': every((_, { server }) => {
    server.close();
    server.listen('127.0.0.1');
  }),
  'the end of the server': every((_, { server }) => server[Symbol.dispose]()),
  'deleteLater() of the server': every((_, { server }) => server.deleteLater()),
  'pauseAccepting() of the server': every((_, { server }) => server.pauseAccepting()),
  'open() of a sibling': once((_, { sibling, url }) => sibling.open(url)),
  'open() and abort() of a sibling': every((_, { sibling, url }) => {
    sibling.open(url);
    sibling.abort();
  }),
  'close() of peer and client': every((_, { peer, client }) => {
    peer?.close();
    client.close();
  }),
  'abort() of peer and client': every((_, { peer, client }) => {
    peer?.abort();
    client.abort();
  }),
};

/** Those that decide what becomes of the connection: for lives that take long. */
export const decisiveActions: Readonly<Record<string, Action>> = pick([
  'nothing',
  'close()',
  'abort()',
  'open() of the same URL',
  'open() of the same URL, three times',
  'open() of an invalid URL',
  'deleteLater()',
  'its end',
  'sendTextMessage()',
  'an exception',
  'removeAllListeners()',
  'ignoreSslErrors()',
  'resume()',
  'continueInterruptedHandshake()',
  'timeouts of 0',
  'open() and abort()',
  'open() and its end',
  'ignoreSslErrors() and abort()',
  'the end of the parent',
]);

function pick(names: readonly string[]): Readonly<Record<string, Action>> {
  return Object.fromEntries(names.map((name) => [name, { ...ownActions, ...otherActions }[name]!]));
}
