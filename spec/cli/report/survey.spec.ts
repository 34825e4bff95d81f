import { expect } from 'chai';
import { surveyOf, usesIn } from '../support/survey-of.ts';

/** The header says what the names are. */
const DECLARED = `
  QWebSocket *socket; QWebSocketServer server; QList<QWebSocket *> all;
  QMap<QString, QPointer<QWebSocket>> named; std::unique_ptr<QWebSocket> owned;
`;

describe('survey()', () => {
  describe('of C++', () => {
    const cases: Record<string, [source: string, uses: string[]]> = {
      'a call through a pointer': ['socket->ping();', ['QWebSocket.ping method']],
      'a call of a value': ['server.listen();', ['QWebSocketServer.listen method']],
      'a call through this': ['this->socket->ping();', ['QWebSocket.ping method']],
      'a member of QObject': ['socket->deleteLater();', ['QObject.deleteLater method']],
      'a smart pointer': ['owned->ping(); owned.reset();', ['QWebSocket.ping method']],
      'an element of a list': ['all[0]->ping();', ['QWebSocket.ping method']],
      'the first of a list': ['all.first()->ping();', ['QWebSocket.ping method']],
      'an element of a map': ['named["a"]->ping();', ['QWebSocket.ping method']],
      'a loop': ['for (auto *each : all) each->ping();', ['QWebSocket.ping method']],
      'a loop over a constant view': [
        'for (auto each : std::as_const(all)) each->ping();',
        ['QWebSocket.ping method'],
      ],
      'a loop with a name that a socket has elsewhere': [
        'for (auto *socket : all) socket->ping();',
        ['QWebSocket.ping method'],
      ],
      'what a function returns': [
        'QWebSocket *find(int id); void f() { find(1)->ping(); }',
        ['QWebSocket.ping method'],
      ],
      'the next connection': [
        'auto next = server.nextPendingConnection(); next->ping();',
        ['QWebSocketServer.nextPendingConnection method', 'QWebSocket.ping method'],
      ],
      'the next connection, at once': [
        'server.nextPendingConnection()->ping();',
        ['QWebSocketServer.nextPendingConnection method', 'QWebSocket.ping method'],
      ],
      'a cast': ['qobject_cast<QWebSocket *>(sender())->ping();', ['QWebSocket.ping method']],
      'a cast variable': [
        'auto *from = qobject_cast<QWebSocket *>(sender()); from->ping();',
        ['QWebSocket.ping method'],
      ],
      'a parameter': [
        'void f(QWebSocket *peer, int n) { peer->ping(); }',
        ['QWebSocket.ping method'],
      ],
      'two pointers': [
        'QWebSocket *a, *b; void f() { a->ping(); b->flush(); }',
        ['QWebSocket.ping method', 'QWebSocket.flush method'],
      ],
      'what new makes': [
        'auto made = new QWebSocket(); made->ping();',
        ['QWebSocket.QWebSocket constructor', 'QWebSocket.ping method'],
      ],
      'what an initializer makes': [
        'Chat::Chat() : m_made(new QWebSocket), n(0) { m_made->ping(); }',
        ['QWebSocket.QWebSocket constructor', 'QWebSocket.ping method'],
      ],
      'the address of a signal': [
        'connect(socket, &QWebSocket::pong, f);',
        ['QWebSocket.pong signal'],
      ],
      'the signal of two names': [
        'QOverload<int>::of(&QWebSocket::error)',
        ['QWebSocket.error signal'],
      ],
      'the getter of that name': ['socket->error();', ['QWebSocket.error method']],
      'a signal as a string': [
        'connect(socket, SIGNAL(pong(quint64,QByteArray)), this, SLOT(f()));',
        ['QWebSocket.pong signal'],
      ],
      'a signal as a string of whoever': [
        'connect(&other(), SIGNAL(textMessageReceived(QString)), this, SLOT(f()));',
        ['QWebSocket.textMessageReceived signal'],
      ],
      enumerators: [
        'QWebSocketProtocol::CloseCodeNormal, QWebSocketProtocol::CloseCode::CloseCodeNormal',
        [
          'QWebSocketProtocol.CloseCodeNormal enumerator',
          'QWebSocketProtocol.CloseCodeNormal enumerator',
        ],
      ],
      'enumerators beside the module': [
        'QAbstractSocket::ConnectedState',
        ['QAbstractSocket.ConnectedState enumerator'],
      ],
      'a static function': [
        'QWebSocket::maxIncomingFrameSize()',
        ['QWebSocket.maxIncomingFrameSize static'],
      ],
      'a server of HTTP that takes WebSockets': [
        `QHttpServer http;
         http.addWebSocketUpgradeVerifier(&http, [](const QHttpServerRequest &request) {
           if (request.url().path() != "/live") return QHttpServerWebSocketUpgradeResponse::passToNext();
           return request.method() == QHttpServerRequest::Method::Get
             ? QHttpServerWebSocketUpgradeResponse::accept() : QHttpServerWebSocketUpgradeResponse::deny(401);
         });
         connect(&http, &QHttpServer::newWebSocketConnection, this, f);
         auto next = http.nextPendingWebSocketConnection(); next->ping();`,
        [
          'QAbstractHttpServer.addWebSocketUpgradeVerifier method',
          'QHttpServerRequest.url method',
          'QHttpServerWebSocketUpgradeResponse.passToNext static',
          'QHttpServerRequest.method method',
          'QHttpServerRequest.Get enumerator',
          'QHttpServerWebSocketUpgradeResponse.accept static',
          'QHttpServerWebSocketUpgradeResponse.deny static',
          'QAbstractHttpServer.newWebSocketConnection signal',
          'QAbstractHttpServer.nextPendingWebSocketConnection method',
          'QWebSocket.ping method',
        ],
      ],
      'nothing of what else such a server does': [
        'QHttpServer http; http.route("/", [](const QHttpServerRequest &request) { return request.body(); });',
        [],
      ],
      'a channel of objects': [
        `QWebChannel channel; channel.registerObject("chat", &chat); channel.own();
         QObject::connect(&wrapper, &Wrapper::clientConnected, &channel, &QWebChannel::connectTo);`,
        ['QWebChannel.registerObject method', 'QWebChannel.connectTo method'],
      ],
      'a transport': [
        'QWebChannelAbstractTransport *transport; void f() { transport->sendMessage(m); }',
        ['QWebChannelAbstractTransport.sendMessage method'],
      ],
      'no comment': ['// socket->ping();', []],
      'no string': ['"socket->ping();" R"(socket->ping();)"', []],
      'nothing of another type with the name': [
        'void f() { QTcpSocket *socket = g(); socket->ping(); socket->write(1); }',
        [],
      ],
    };
    for (const [what, [source, uses]] of Object.entries(cases)) {
      it(`sees ${what}`, () => {
        const found = surveyOf({ 'a.h': DECLARED, 'a.cpp': `#include "a.h"\n${source}` });

        const own = { ...found, uses: found.uses.filter(({ file }) => file === 'a.cpp') };
        expect(usesIn(own)).to.deep.equal(uses);
        expect(found.doubts).to.deep.equal([]);
      });
    }

    it('tells files and lines', () => {
      const { uses } = surveyOf({ 'src/a.cpp': 'QWebSocket *a;\n\nvoid f() {\n  a->ping();\n}\n' });

      expect(uses).to.deep.equal([
        { file: 'src/a.cpp', line: 4, type: 'QWebSocket', member: 'ping', kind: 'method' },
      ]);
    });

    it('knows what headers declare that headers include', () => {
      const found = surveyOf({
        'c.h': 'class C { QWebSocket *deep; };',
        'b.h': '#include "sub/c.h"',
        'a.cpp': '#include "b.h"\nvoid f() { deep->ping(); }',
      });

      expect(usesIn(found)).to.deep.equal(['QWebSocket.ping method']);
    });

    it('doubts names that the module does not have', () => {
      const found = surveyOf({
        'a.cpp': 'QWebSocket *a;\nvoid f() { a->sendMessage(); }\nQWebSocketServer::Secure x;',
      });

      expect(found.doubts.map(({ type, member }) => `${type}::${member}`)).to.deep.equal([
        'QWebSocket::sendMessage',
        'QWebSocketServer::Secure',
      ]);
    });

    it('takes classes of the program for what they are derived from, and their members for its own', () => {
      const found = surveyOf({
        'gate.h': 'class EXPORT Gate final : public QObject, public QWebSocketServer {};',
        'a.cpp': '#include "gate.h"\nGate *gate;\nvoid f() { gate->listen(); gate->own(); }',
      });

      expect(usesIn(found)).to.deep.equal(['QWebSocketServer.listen method']);
      expect(found.doubts).to.deep.equal([]);
      expect(found.concerns).to.deep.include({
        file: 'gate.h',
        line: 1,
        topic: 'subclasses',
        found: 'Gate : QWebSocketServer',
      });
    });

    const concerns: Record<string, string[]> = {
      'socket->moveToThread(thread);': ['threads moveToThread'],
      'QEventLoop loop;': ['waiting QEventLoop'],
      'connect(socket, SIGNAL(connected()), a, SLOT(b()));': [
        'signal-strings SIGNAL',
        'signal-strings SLOT',
      ],
      'qobject_cast<QWebSocket *>(sender())': ['sender sender()'],
      '&QWebSocket::error': ['error-signal &QWebSocket::error'],
      'socket->close();': ['closing close'],
      'socket->setMaskGenerator(g);': ['masking setMaskGenerator'],
      'socket->ignoreSslErrors();': ['tls ignoreSslErrors'],
      'QFile f(":/cert.pem");': ['resources ":/cert.pem"'],
      'socket->setProperty("a", 1);': ['qobject setProperty'],
      'QWebSocket here;': ['object-life QWebSocket here'],
      'server.handleConnection(tcp);': ['http handleConnection'],
      'WebSocketClientWrapper wrapper(&server);': ['webchannel WebSocketClientWrapper'],
      'QAbstractHttpServer *own; own->addWebSocketUpgradeVerifier(this, f);': [
        'verifiers addWebSocketUpgradeVerifier',
      ],
      'socket->ping();': [],
      '}\n#include <QThread>\nclass QEventLoop;\nvoid g() {': [],
    };
    for (const [source, found] of Object.entries(concerns)) {
      it(`is ${found.length === 0 ? 'not ' : ''}concerned about ${source.replaceAll('\n', ' ')}`, () => {
        const { concerns: all } = surveyOf({
          'a.h': DECLARED,
          'a.cpp': `#include "a.h"\nvoid f() { socket->ping(); ${source} }`,
        });

        const own = all.filter(({ file }) => file === 'a.cpp');
        expect(own.map((concern) => `${concern.topic} ${concern.found}`)).to.deep.equal(found);
      });
    }

    it('knows a file by what it asks a server of HTTP for', () => {
      const { users } = surveyOf({
        'a.cpp': 'void f(QHttpServer &http) { http.addWebSocketUpgradeVerifier(&http, g); }',
        'b.cpp': 'void f(QHttpServer &http) { http.route("/", g); }',
      });

      expect(users).to.deep.equal(['a.cpp']);
    });

    it('says nothing of files that have nothing to do with WebSockets', () => {
      const { users, concerns: all } = surveyOf({ 'a.cpp': 'QEventLoop loop; QUrl url;' });

      expect([users, all]).to.deep.equal([[], []]);
    });
  });

  describe('of QML', () => {
    const cases: Record<string, [source: string, uses: string[], doubts?: string[]]> = {
      properties: [
        'WebSocket { url: "ws://a"; active: true }',
        ['WebSocket.WebSocket constructor', 'WebSocket.url property', 'WebSocket.active property'],
      ],
      handlers: [
        'WebSocket {\n onTextMessageReceived: m => m\n onStatusChanged: {}\n}',
        [
          'WebSocket.WebSocket constructor',
          'WebSocket.textMessageReceived signal',
          'WebSocket.statusChanged signal',
        ],
      ],
      'what is reached by its id': [
        'Item { WebSocket { id: s }\n Button { onClicked: s.sendTextMessage("a") } }',
        ['WebSocket.WebSocket constructor', 'WebSocket.sendTextMessage method'],
      ],
      'its own members within it': [
        'WebSocket {\n onStatusChanged: if (status === WebSocket.Open) sendTextMessage("a")\n}',
        [
          'WebSocket.WebSocket constructor',
          'WebSocket.statusChanged signal',
          'WebSocket.status property',
          'WebSocket.sendTextMessage method',
          'WebSocket.Open enumerator',
        ],
      ],
      'the client of a server': [
        'WebSocketServer {\n onClientConnected: peer => {\n peer.onTextMessageReceived.connect(f) }\n}',
        [
          'WebSocketServer.WebSocketServer constructor',
          'WebSocketServer.clientConnected signal',
          'WebSocket.textMessageReceived signal',
        ],
      ],
      'properties of the program': [
        'WebSocket {\n property int tries: 0\n tries: 1\n onTriesChanged: {}\n}',
        ['WebSocket.WebSocket constructor'],
      ],
      'names that the types do not have': [
        'WebSocket {\n onOpened: {}\n property bool b: status == WebSocket.Connected\n}',
        ['WebSocket.WebSocket constructor', 'WebSocket.status property'],
        ['WebSocket::onOpened', 'WebSocket::Connected'],
      ],
      'nothing of a type of the same name in another module': ['Other.WebSocket { url: "a" }', []],
    };
    for (const [what, [source, uses, doubts = []]] of Object.entries(cases)) {
      it(`sees ${what}`, () => {
        const found = surveyOf({ 'A.qml': `import QtQuick\nimport QtWebSockets\n${source}` });

        expect(usesIn(found)).to.deep.equal(uses);
        expect(found.doubts.map(({ type, member }) => `${type}::${member}`)).to.deep.equal(doubts);
      });
    }

    it('sees types behind the name that the module is imported as', () => {
      const found = surveyOf({ 'A.qml': 'import QtWebSockets 1.1 as WS\nWS.WebSocket {}' });

      expect(usesIn(found)).to.deep.equal(['WebSocket.WebSocket constructor']);
    });

    it('sees nothing without the import', () => {
      expect(usesIn(surveyOf({ 'A.qml': 'WebSocket { active: true }' }))).to.deep.equal([]);
    });
  });

  describe('of Python', () => {
    it('sees members, signals and enumerators', () => {
      const found = surveyOf({
        'a.py': [
          'from PySide6.QtWebSockets import QWebSocket, QWebSocketServer',
          'class A:',
          '  def __init__(self, peer: QWebSocket):',
          '    self.server = QWebSocketServer("", QWebSocketServer.SslMode.NonSecureMode)',
          '    self.server.newConnection.connect(self.on)',
          '    peer.pongReceived.connect(print)',
          '  def on(self):',
          '    socket = self.server.nextPendingConnection()',
          '    socket.ping()  # socket.abort()',
        ].join('\n'),
      });

      expect(usesIn(found)).to.deep.equal([
        'QWebSocketServer.QWebSocketServer constructor',
        'QWebSocketServer.NonSecureMode enumerator',
        'QWebSocketServer.newConnection signal',
        'QWebSocketServer.nextPendingConnection method',
        'QWebSocket.ping method',
      ]);
      expect(found.doubts.map(({ member }) => member)).to.deep.equal(['pongReceived']);
    });
  });

  it('tells where project files ask for the module', () => {
    const { modules } = surveyOf({
      'a.pro': '# websockets\nQT += core websockets\n',
      'CMakeLists.txt': 'find_package(Qt6 COMPONENTS WebSockets)\n',
    });

    expect(modules).to.deep.equal([
      { file: 'CMakeLists.txt', line: 1 },
      { file: 'a.pro', line: 2 },
    ]);
  });

  it('reads UTF-16, and passes over what is no text', () => {
    const wide = Buffer.from('\ufeffQWebSocket *a; void f() { a->ping(); }', 'utf16le');
    const noise = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256);

    const found = surveyOf({ 'wide.cpp': wide, 'noise.cpp': noise, 'noise.qml': noise });

    expect(usesIn(found)).to.deep.equal(['QWebSocket.ping method']);
  });
});
