#!/usr/bin/python3
"""Qt's WebSockets behind a pipe, for the interoperation specs; see README.md."""
import hashlib
import sys

from PyQt6 import QtCore
from PyQt6.QtCore import QByteArray, QCoreApplication, QUrl
from PyQt6.QtNetwork import (QHostAddress, QNetworkRequest, QSsl, QSslCertificate,
                             QSslConfiguration, QSslKey)
from PyQt6.QtWebSockets import (QWebSocket, QWebSocketHandshakeOptions, QWebSocketProtocol,
                                QWebSocketServer)

from qt_pipe import Commanded, tell


def read(name):
    with open(name, 'rb') as file:
        return QByteArray(file.read())


def message_of(command):
    """The text or bytes that are to be sent."""
    if command['kind'] == 'text':
        return command['unit'] * command['times']
    return bytes.fromhex(command['unit']) * command['times']


class Peer(Commanded):
    def __init__(self):
        super().__init__()
        self.sockets = {}
        self.servers = []

    def do_listen(self, command):
        tls = command.get('tls')
        mode = QWebSocketServer.SslMode
        server = QWebSocketServer('interop', mode.SecureMode if tls else mode.NonSecureMode)
        if tls:
            configuration = QSslConfiguration()
            configuration.setLocalCertificate(QSslCertificate(read(tls['cert'])))
            configuration.setPrivateKey(QSslKey(read(tls['key']), QSsl.KeyAlgorithm.Ec))
            server.setSslConfiguration(configuration)
        server.setSupportedSubprotocols(command['subprotocols'])
        server.newConnection.connect(lambda: self.welcome(server))
        if not server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost)):
            sys.exit(server.errorString())
        self.servers.append(server)
        tell('listening', port=server.serverPort())

    def welcome(self, server):
        while server.hasPendingConnections():
            socket = server.nextPendingConnection()
            name = f'port {socket.peerPort()}'
            self.watch(name, socket)
            socket.textMessageReceived.connect(socket.sendTextMessage)
            socket.binaryMessageReceived.connect(socket.sendBinaryMessage)
            tell('open', id=name, subprotocol=socket.subprotocol())

    def do_open(self, command):
        name = command['id']
        socket = QWebSocket()
        self.watch(name, socket)
        socket.connected.connect(lambda: tell('open', id=name, subprotocol=socket.subprotocol()))
        socket.textMessageReceived.connect(
            lambda text: self.on_message(name, 'text', text.encode()))
        socket.binaryMessageReceived.connect(
            lambda data: self.on_message(name, 'binary', bytes(data)))
        # The signal has had its new name since Qt 6.5.
        failed = getattr(socket, 'errorOccurred', socket.error)
        failed.connect(lambda _: tell('failed', id=name, description=socket.errorString()))
        if 'ca' in command:
            configuration = QSslConfiguration.defaultConfiguration()
            configuration.setCaCertificates([QSslCertificate(read(command['ca']))])
            socket.setSslConfiguration(configuration)
        options = QWebSocketHandshakeOptions()
        options.setSubprotocols(command['subprotocols'])
        socket.open(QNetworkRequest(QUrl(command['url'])), options)

    def watch(self, name, socket):
        self.sockets[name] = socket
        socket.pong.connect(
            lambda _, payload: tell('pong', id=name, payload=bytes(payload).decode()))
        socket.disconnected.connect(lambda: self.on_disconnected(name, socket))

    def on_message(self, name, kind, data):
        tell('message', id=name, kind=kind, size=len(data), sha1=hashlib.sha1(data).hexdigest())

    def on_disconnected(self, name, socket):
        if self.sockets.pop(name, None) is None:
            return
        code = socket.closeCode()
        tell('closed', id=name, code=getattr(code, 'value', code), reason=socket.closeReason())
        socket.deleteLater()

    def do_fragment(self, command):
        self.sockets[command['id']].setOutgoingFrameSize(command['size'])
        tell('fragmenting', id=command['id'])

    def do_send(self, command):
        socket = self.sockets[command['id']]
        send = socket.sendTextMessage if command['kind'] == 'text' else socket.sendBinaryMessage
        send(message_of(command))

    def do_ping(self, command):
        self.sockets[command['id']].ping(command['payload'].encode())

    def do_close(self, command):
        code = QWebSocketProtocol.CloseCode(command['code'])
        self.sockets[command['id']].close(code, command['reason'])

    def do_abort(self, command):
        self.sockets[command['id']].abort()


app = QCoreApplication(['qt-peer'])
peer = Peer()
tell('ready', version=f'Qt {QtCore.qVersion()}')
sys.exit(app.exec())
