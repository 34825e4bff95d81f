#!/usr/bin/python3
"""Runs webchannel-client.qml on Qt's QML engine: qml-webchannel.py URL; see README.md."""
import json
import os
import sys
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QObject, QUrl, pyqtProperty, pyqtSlot
from PyQt6.QtQml import QQmlComponent, QQmlEngine


class Host(QObject):
    @pyqtProperty(str, constant=True)
    def url(self):
        return sys.argv[1]

    @pyqtSlot(str, str)
    def tell(self, what, value):
        print(json.dumps([what, json.loads(value)]), flush=True)

    # Leaving by os._exit keeps the engine from taking down what is connected.
    @pyqtSlot()
    def done(self):
        os._exit(0)

    @pyqtSlot(str)
    def fail(self, reason):
        print(reason, file=sys.stderr, flush=True)
        os._exit(1)


application = QCoreApplication(sys.argv)
engine = QQmlEngine()
host = Host()
engine.rootContext().setContextProperty('host', host)
client = Path(__file__).resolve().parent / 'webchannel-client.qml'
component = QQmlComponent(engine, QUrl.fromLocalFile(str(client)))
root = component.create()
if root is None:
    sys.exit('\n'.join(error.toString() for error in component.errors()))
application.exec()
