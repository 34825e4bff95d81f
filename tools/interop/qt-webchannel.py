#!/usr/bin/python3
"""Qt's QWebChannel over its QWebSocketServer, for the interoperation specs; see README.md."""
import sys
from enum import Enum

from PyQt6 import sip
from PyQt6.QtCore import (QT_VERSION_STR, QCoreApplication, QJsonDocument, QObject, pyqtEnum,
                          pyqtProperty, pyqtSignal, pyqtSlot)
from PyQt6.QtNetwork import QHostAddress
from PyQt6.QtWebChannel import QWebChannel, QWebChannelAbstractTransport
from PyQt6.QtWebSockets import QWebSocketServer

from qt_pipe import Commanded, tell


class Transport(QWebChannelAbstractTransport):
    def __init__(self, socket):
        super().__init__(socket)
        self.socket = socket
        socket.textMessageReceived.connect(self.receive)
        socket.disconnected.connect(self.deleteLater)

    def receive(self, text):
        document = QJsonDocument.fromJson(text.encode())
        if document.isObject():
            self.messageReceived.emit(document.object(), self)

    def sendMessage(self, message):
        form = QJsonDocument.JsonFormat.Compact
        self.socket.sendTextMessage(bytes(QJsonDocument(message).toJson(form)).decode())


class Room(QObject):
    said = pyqtSignal(str)
    nameChanged = pyqtSignal(str)

    def __init__(self, name, parent):
        super().__init__(parent)
        self._name = name

    @pyqtProperty(str, notify=nameChanged)
    def name(self):
        return self._name

    @name.setter
    def name(self, name):
        if name != self._name:
            self._name = name
            self.nameChanged.emit(name)

    @pyqtSlot(str)
    def say(self, text):
        self.said.emit(text)


class Chat(QObject):
    @pyqtEnum
    class Kind(Enum):
        Open = 0
        Closed = 5

    newMessage = pyqtSignal(str, str)
    topicChanged = pyqtSignal(str)
    usersHaveChanged = pyqtSignal()

    def __init__(self):
        super().__init__()
        self._topic = 'weather'
        self._users = []
        self._lobby = Room('lobby', self)

    @pyqtProperty(str, notify=topicChanged)
    def topic(self):
        return self._topic

    @topic.setter
    def topic(self, topic):
        if topic != self._topic:
            self._topic = topic
            self.topicChanged.emit(topic)

    @pyqtProperty('QStringList', notify=usersHaveChanged)
    def users(self):
        return self._users

    @pyqtProperty(QObject, constant=True)
    def lobby(self):
        return self._lobby

    @pyqtProperty(str, constant=True)
    def greeting(self):
        return 'Grüße, 再见 😀'

    @pyqtSlot(str, result=bool)
    def login(self, name):
        if name in self._users:
            return False
        self._users.append(name)
        self.usersHaveChanged.emit()
        return True

    @pyqtSlot(str, str)
    def say(self, name, text):
        self.newMessage.emit(name, text)

    @pyqtSlot(float, float, result=float)
    def add(self, one, other):
        return one + other

    @pyqtSlot('QVariant', result='QVariant')
    def same(self, value):
        return value

    @pyqtSlot(str, result=QObject)
    def openRoom(self, name):
        return Room(name, self)

    @pyqtSlot(QObject, result=str)
    def nameOf(self, room):
        return room.name

    @pyqtSlot(QObject)
    def closeRoom(self, room):
        sip.delete(room)


class OverloadedChat(Chat):
    """What JavaScript cannot express, and is not compared with ours."""

    @pyqtSlot(int, result=str)
    @pyqtSlot(str, result=str)
    @pyqtSlot(int, str, result=str)
    def describe(self, *values):
        return ', '.join(f'{type(value).__name__} {value}' for value in values)


class Host(Commanded):
    def __init__(self):
        super().__init__()
        self.channel = QWebChannel()
        self.chat = Chat()
        self.overloaded = OverloadedChat()
        self.channel.registerObject('chat', self.chat)
        self.channel.registerObject('overloaded', self.overloaded)
        self.server = QWebSocketServer('interop', QWebSocketServer.SslMode.NonSecureMode)
        self.server.newConnection.connect(self.welcome)

    def do_listen(self, _command):
        if not self.server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost)):
            sys.exit(self.server.errorString())
        tell('listening', port=self.server.serverPort())

    def welcome(self):
        while self.server.hasPendingConnections():
            self.channel.connectTo(Transport(self.server.nextPendingConnection()))


application = QCoreApplication(sys.argv)
host = Host()
tell('ready', version=f'Qt {QT_VERSION_STR}')
application.exec()
