/** Something to know before it is ported. */
export interface Topic {
  readonly title: string;
  readonly advice: string;
  /** Where more of it stands. */
  readonly page: string;
}

/** Names for what needs care. */
export type TopicName =
  | 'threads'
  | 'waiting'
  | 'object-life'
  | 'closing'
  | 'close-codes'
  | 'error-signal'
  | 'signal-strings'
  | 'sender'
  | 'subclasses'
  | 'bytes'
  | 'json'
  | 'origins'
  | 'limits'
  | 'tls'
  | 'resources'
  | 'masking'
  | 'http'
  | 'verifiers'
  | 'webchannel'
  | 'qobject'
  | 'qml';

/** What needs care, the hardest first. */
export const TOPICS: Readonly<Record<TopicName, Topic>> = {
  threads: {
    title: 'Threads',
    advice: 'One thread runs all sockets. Leave the thread out, or move the work to a Worker.',
    page: 'docs/porting-from-qt.md#threads',
  },
  waiting: {
    title: 'Blocking waits',
    advice: 'Nothing blocks until a signal comes: await it, and make the callers async.',
    page: 'docs/porting-from-qt.md#waiting',
  },
  'object-life': {
    title: 'Object life',
    advice: 'Objects do not die by themselves: give them a parent, or call deleteLater().',
    page: 'docs/porting-from-qt.md#object-life',
  },
  closing: {
    title: 'close() takes its time',
    advice: 'The closing handshake comes before `disconnected`, which in Qt comes within close().',
    page: 'docs/differences-from-qt.md#closing',
  },
  'close-codes': {
    title: 'Close codes',
    advice: 'A lost connection has 1006 and a Close frame without a code 1005, where Qt says 1000.',
    page: 'docs/differences-from-qt.md#closing',
  },
  'error-signal': {
    title: 'The signal error',
    advice: 'Take errorOccurred: `error` is the getter, and no overload has to be chosen.',
    page: 'docs/qt-surface.md#what-javascript-cannot-have',
  },
  'signal-strings': {
    title: 'SIGNAL() and SLOT()',
    advice: "connect(socket, 'connected', receiver, 'onConnected') takes names, which are checked.",
    page: 'docs/porting-from-qt.md#connect',
  },
  sender: {
    title: 'sender()',
    advice: 'It is there until the first await; a slot that is given its socket needs none.',
    page: 'docs/porting-from-qt.md#habits-of-c-and-what-becomes-of-them',
  },
  subclasses: {
    title: 'Subclasses',
    advice: 'They work with extends. Override destroy() instead of a destructor.',
    page: 'docs/porting-from-qt.md#habits-of-c-and-what-becomes-of-them',
  },
  bytes: {
    title: 'Bytes and text',
    advice: 'A QByteArray is a Uint8Array and no text: convert where C++ did it by itself.',
    page: 'docs/porting-from-qt.md#bytes-and-text',
  },
  json: {
    title: 'JSON',
    advice: 'JSON.parse() throws where QJsonDocument::fromJson() returned null.',
    page: 'docs/porting-by-example.md#5-json-by-type-and-by-id',
  },
  origins: {
    title: 'Origins',
    advice: 'Without a slot on originAuthenticationRequired, local servers refuse foreign pages.',
    page: 'docs/origins.md#what-happens-by-default',
  },
  limits: {
    title: 'Size limits',
    advice: 'Messages have 64 MiB at most, 16 MiB on servers, unless you set it; Qt has 2 GiB.',
    page: 'docs/differences-from-qt.md#messages',
  },
  tls: {
    title: 'Unchecked certificates',
    advice: 'Trust an authority of yours with addCaCertificate() rather than to check nothing.',
    page: 'docs/how-to/tls.md#ignoring-errors',
  },
  resources: {
    title: 'Resources',
    advice: 'There is no ":/": read certificates and keys from files.',
    page: 'docs/porting-from-qt.md#habits-of-c-and-what-becomes-of-them',
  },
  masking: {
    title: 'Mask generators',
    advice: 'They are for tests: masking keys must not be foreseeable. Leave it out.',
    page: 'docs/differences-from-qt.md#messages',
  },
  http: {
    title: 'HTTP on the same port',
    advice: 'Use attach() or handleUpgrade(): an http.Server has read the request already.',
    page: 'docs/how-to/sharing-a-port.md',
  },
  verifiers: {
    title: 'Upgrade verifiers',
    advice:
      'They belong to a QWebSocketServer, which shares the port of an http.Server by attach().',
    page: 'docs/porting-by-example.md#9-one-port-for-http-and-websockets',
  },
  webchannel: {
    title: 'QWebChannel',
    advice:
      "It is in qwebsockets/webchannel, with the wrapper and transport of Qt's examples; a description of the object takes the place of moc.",
    page: 'docs/webchannel.md',
  },
  qobject: {
    title: 'Members of QObject that are not here',
    advice: 'Properties by name, event filters and the like belong to the object system of Qt.',
    page: 'docs/porting-from-qt.md#object-life',
  },
  qml: {
    title: 'QML',
    advice: 'Elements are made with new, their children and other types are not here.',
    page: 'docs/porting-qml.md#how-things-translate',
  },
};

/** Words that call for a look wherever they stand in a file that uses WebSockets. */
export const TOPIC_WORDS: ReadonlyMap<string, TopicName> = new Map<string, TopicName>([
  ...all(
    'threads',
    'moveToThread QThread QThreadPool QtConcurrent QMutex BlockingQueuedConnection',
  ),
  ...all('waiting', 'QEventLoop processEvents QSignalSpy qWait qWaitFor'),
  ...all('waiting', 'QTRY_VERIFY QTRY_COMPARE QTRY_VERIFY_WITH_TIMEOUT QTRY_COMPARE_WITH_TIMEOUT'),
  ...all('signal-strings', 'SIGNAL SLOT'),
  ...all('bytes', 'QDataStream'),
  ...all('json', 'fromJson'),
  ...all('tls', 'VerifyNone'),
  ...all('http', 'QHttpServer'),
  ...all('webchannel', 'QWebChannel QWebChannelAbstractTransport WebSocketClientWrapper'),
  ...all('qml', 'createQmlObject'),
]);

/** Members that call for a look, as `Type.member`. */
export const TOPIC_MEMBERS: ReadonlyMap<string, TopicName> = new Map<string, TopicName>([
  ['QWebSocket.close', 'closing'],
  ['QWebSocket.closeCode', 'close-codes'],
  ['QWebSocket.sendBinaryMessage', 'bytes'],
  ['QWebSocket.binaryMessageReceived', 'bytes'],
  ['QWebSocket.binaryFrameReceived', 'bytes'],
  ['QWebSocket.ignoreSslErrors', 'tls'],
  ['QWebSocket.setMaskGenerator', 'masking'],
  ['QWebSocket.setMaxAllowedIncomingFrameSize', 'limits'],
  ['QWebSocket.setMaxAllowedIncomingMessageSize', 'limits'],
  ['QWebSocketServer.listen', 'origins'],
  ['QWebSocketServer.originAuthenticationRequired', 'origins'],
  ['QWebSocketServer.handleConnection', 'http'],
  ['QAbstractHttpServer.addWebSocketUpgradeVerifier', 'verifiers'],
]);

function all(topic: TopicName, words: string): [string, TopicName][] {
  return words.split(' ').map((word) => [word, topic]);
}
