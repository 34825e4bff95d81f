// What is played on the real QML types by tools/record-qml.py and on ours by traces.spec.ts.
//
// A scenario is a generator that yields conditions to wait for. It runs in Qt's QML engine, whose
// JavaScript is that of 2016, as well as in Node; `stage` is what it acts on:
//
//   client(id, properties), server(id, properties)   make an element; its signals are written down
//   set(id, property, value), send(id, method, data) act on it; what happens meanwhile is told apart
//   destroy(id)                                      destroys it
//   turns()                                          some turns of the event loop; to be yielded
//
// The WebSockets that a server accepts are watched as peer1, peer2, …

const Status = { Connecting: 0, Open: 1, Closing: 2, Closed: 3, Error: 4 };

/** The properties that are written down when they have changed. */
export const properties = {
  WebSocket: ['active', 'status', 'errorString', 'url', 'negotiatedSubprotocol'],
  WebSocketServer: ['listen', 'host', 'port', 'url', 'accept', 'name', 'errorString'],
};

export const signals = {
  WebSocket: [
    'activeChanged',
    'binaryMessageReceived',
    'errorStringChanged',
    'negotiatedSubprotocolChanged',
    'requestedSubprotocolsChanged',
    'statusChanged',
    'textMessageReceived',
    'urlChanged',
  ],
  WebSocketServer: [
    'acceptChanged',
    'clientConnected',
    'errorStringChanged',
    'hostChanged',
    'listenChanged',
    'nameChanged',
    'portChanged',
    'supportedSubprotocolsChanged',
    'urlChanged',
  ],
};

function* opened(stage, ofServer = {}, ofClient = {}) {
  const server = stage.server('server', Object.assign({ listen: true }, ofServer));
  const described = Object.assign({ url: `${server.url}`, active: true }, ofClient);
  stage.client('client', described);
  yield open(stage, 'client', 'peer1');
  return server;
}

function open(stage, ...ids) {
  return () => ids.every((id) => stage.find(id) && stage.find(id).status === Status.Open);
}

function closed(stage, ...ids) {
  return () => ids.every((id) => stage.find(id).status === Status.Closed);
}

export const scenarios = {
  *'text both ways'(stage) {
    yield* opened(stage);

    stage.send('client', 'sendTextMessage', 'hé😀');
    yield () => stage.has('peer1', 'textMessageReceived');
    stage.send('peer1', 'sendTextMessage', 'hello');
    yield () => stage.has('client', 'textMessageReceived');

    stage.set('client', 'active', false);
    yield closed(stage, 'client', 'peer1');
  },

  *'binary both ways'(stage) {
    yield* opened(stage);

    stage.send('client', 'sendBinaryMessage', new Uint8Array([42, 43]).buffer);
    yield () => stage.has('peer1', 'binaryMessageReceived');
    stage.send('peer1', 'sendBinaryMessage', 'hé');
    yield () => stage.has('client', 'binaryMessageReceived');
  },

  *'a subprotocol'(stage) {
    yield* opened(
      stage,
      { supportedSubprotocols: ['chat', 'superchat'] },
      { requestedSubprotocols: ['superchat', 'chat'] },
    );

    stage.set('client', 'active', false);
    yield closed(stage, 'client', 'peer1');
    stage.set('client', 'requestedSubprotocols', ['chat']);
    stage.set('client', 'requestedSubprotocols', ['chat']);
    stage.set('client', 'active', true);
    yield open(stage, 'client', 'peer2');
  },

  *'sending while closed'(stage) {
    stage.client('client', {});

    stage.send('client', 'sendTextMessage', 'hello');
    stage.send('client', 'sendBinaryMessage', 'hello');
    yield stage.turns();
  },

  *'sending while connecting'(stage) {
    const server = stage.server('server', { listen: true });
    stage.client('client', { url: `${server.url}`, active: true });

    stage.send('client', 'sendTextMessage', 'hello');
    yield open(stage, 'client', 'peer1');
  },

  *'a refused connection'(stage) {
    const server = stage.server('server', { listen: true });
    const url = `${server.url}`;
    stage.set('server', 'listen', false);
    yield stage.turns();

    const client = stage.client('client', { url, active: true });
    yield () => client.status === Status.Error;
    yield stage.turns();
  },

  *'an unknown scheme'(stage) {
    stage.client('client', { url: 'http://localhost', active: true });
    yield stage.turns();
  },

  *'a url without a scheme'(stage) {
    stage.client('client', { url: 'localhost', active: true });
    yield stage.turns();
  },

  *'an invalid url'(stage) {
    stage.client('client', { url: 'ws://a b', active: true });
    yield stage.turns();
  },

  *activating(stage) {
    const server = stage.server('server', { listen: true });
    stage.client('client', {});

    stage.set('client', 'url', `${server.url}`);
    stage.set('client', 'url', `${server.url}`);
    stage.set('client', 'active', true);
    stage.set('client', 'active', true);
    yield open(stage, 'client', 'peer1');
  },

  *'deactivating while connecting'(stage) {
    const server = stage.server('server', { listen: true });
    stage.client('client', { url: `${server.url}`, active: true });

    stage.set('client', 'active', false);
    yield stage.turns();
  },

  *'the peer closes'(stage) {
    yield* opened(stage);

    stage.set('peer1', 'active', false);
    yield closed(stage, 'client', 'peer1');
    yield stage.turns();
    stage.set('client', 'active', true);
    yield stage.turns();
    stage.set('client', 'active', false);
    stage.set('client', 'active', true);
    yield open(stage, 'client', 'peer2');
  },

  *'toggling active while open'(stage) {
    yield* opened(stage);

    stage.set('client', 'active', false);
    stage.set('client', 'active', true);
    yield open(stage, 'client', 'peer2');
    yield closed(stage, 'peer1');
  },

  *'another url while open'(stage) {
    const server = yield* opened(stage);

    stage.set('client', 'url', `${server.url}/other`);
    yield open(stage, 'client', 'peer2');
    yield closed(stage, 'peer1');
  },

  *'another url while connecting'(stage) {
    const server = stage.server('server', { listen: true });
    stage.client('client', { url: `${server.url}/one`, active: true });

    stage.set('client', 'url', `${server.url}/two`);
    yield open(stage, 'client', 'peer1');
  },

  *'an invalid url while open'(stage) {
    yield* opened(stage);

    stage.set('client', 'url', '');
    yield closed(stage, 'client', 'peer1');
  },

  *'the peer is destroyed'(stage) {
    yield* opened(stage);

    stage.destroy('peer1');
    yield closed(stage, 'client');
  },

  *'the server is destroyed'(stage) {
    yield* opened(stage);

    stage.destroy('server');
    yield closed(stage, 'client');
  },

  *'a peer that dials again'(stage) {
    yield* opened(stage);

    stage.set('peer1', 'active', false);
    yield closed(stage, 'client', 'peer1');
    stage.set('peer1', 'active', true);
    yield open(stage, 'peer1', 'peer2');
  },

  *'a server that does not listen'(stage) {
    stage.server('server', {});
    yield stage.turns();
    stage.set('server', 'port', 65536);
    stage.set('server', 'port', -1);
    stage.set('server', 'supportedSubprotocols', ['chat']);
    stage.set('server', 'name', 'unheard');
    yield stage.turns();
  },

  *'listening later'(stage) {
    stage.server('server', {});

    stage.set('server', 'listen', true);
    yield stage.turns();
  },

  *'a port that is taken'(stage) {
    const first = stage.server('first', { listen: true });

    stage.server('server', { listen: true, port: first.port });
    yield stage.turns();
  },

  *'another port while listening'(stage) {
    const spare = stage.server('spare', { listen: true });
    const { port } = spare;
    stage.server('server', { listen: true });
    stage.destroy('spare');
    yield stage.turns();

    stage.set('server', 'port', port);
    yield stage.turns();
  },

  *'another host while listening'(stage) {
    stage.server('server', { listen: true });

    stage.set('server', 'host', '0.0.0.0');
    yield stage.turns();
  },

  *'the host localhost'(stage) {
    stage.server('server', { host: 'localhost', listen: true });
    yield stage.turns();
  },

  *'listening again at once'(stage) {
    stage.server('server', { listen: true });

    stage.set('server', 'listen', false);
    stage.set('server', 'listen', true);
    yield stage.turns();
  },

  *'no longer listening'(stage) {
    yield* opened(stage);

    stage.set('server', 'listen', false);
    yield stage.turns();
    stage.send('client', 'sendTextMessage', 'still here');
    yield () => stage.has('peer1', 'textMessageReceived');
    stage.set('client', 'active', false);
    yield closed(stage, 'client', 'peer1');
  },

  *'another name while open'(stage) {
    yield* opened(stage, { name: 'one' });

    stage.set('server', 'name', 'two');
    yield closed(stage, 'client', 'peer1');
    yield stage.turns();
  },

  *'not accepting for a while'(stage) {
    const server = stage.server('server', { listen: true });
    stage.set('server', 'accept', false);

    stage.client('client', { url: `${server.url}`, active: true });
    yield stage.turns();
    stage.set('server', 'accept', true);
    yield open(stage, 'client', 'peer1');
  },

  *'not accepting from the start'(stage) {
    const server = stage.server('server', { listen: true, accept: false });

    stage.client('client', { url: `${server.url}`, active: true });
    yield stage.turns();
    stage.set('server', 'accept', true);
    yield open(stage, 'client', 'peer1');
  },
};
