#!/usr/bin/python3
"""Plays the scenarios of spec/qml/traces on the QML types of Qt and writes down what they do.

    apt-get install python3-pyqt6.qtqml qml6-module-qtwebsockets qml6-module-qtqml \
        qml6-module-qtqml-models qml6-module-qtqml-workerscript
    /usr/bin/python3 tools/record-qml.py

The traces go to spec/qml/traces/qt.json. Each scenario has a process of its own, because
QQmlWebSocketServer spoils the heap of Qt 6.4 when it is destroyed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from PyQt6.QtCore import QT_VERSION_STR, QCoreApplication, QObject, QUrl, pyqtSlot
from PyQt6.QtQml import QQmlComponent, QQmlEngine

TRACES = Path(__file__).resolve().parent.parent / 'spec' / 'qml' / 'traces'
LISTED = 'list'

PLAYER = '''
import QtQml
import "scenarios.mjs" as Play
import "stage.mjs" as Stage

QtObject {
    id: root

    property var listener
    property var stage
    property var steps
    property var condition: () => true
    property int ticks: 0

    function make(type, id, properties, listener) {
        root.listener = listener
        const values = Object.keys(properties).map(
            name => `${name}: ${JSON.stringify(properties[name])}`)
        const handlers = Play.signals[type].map(name =>
            `on${name[0].toUpperCase()}${name.slice(1)}: function () {`
            + ` root.listener("${id}", "${name}", Array.from(arguments), self) }`)
        const body = ['id: self', ...values, ...handlers].join('; ')
        return Qt.createQmlObject(`import QtWebSockets; ${type} { ${body} }`, root)
    }

    function start() {
        if (scenario === "list") return host.done(JSON.stringify(Object.keys(Play.scenarios)))
        stage = Stage.createStage(Play, make, element => host.drop(element))
        steps = Play.scenarios[scenario](stage)
    }

    function advance() {
        if (++ticks > 5000) throw new Error(`Nothing comes after ${JSON.stringify(stage.traces())}`)
        if (!condition()) return
        const step = steps.next()
        if (step.done) host.done(JSON.stringify(stage.traces()))
        condition = step.value
    }

    function guarded(action) {
        try { action() } catch (error) { host.fail(String(error)) }
    }

    property Timer timer: Timer {
        interval: 1; repeat: true; running: steps !== undefined
        onTriggered: guarded(advance)
    }
    Component.onCompleted: guarded(start)
}
'''


class Host(QObject):
    @pyqtSlot(QObject)
    def drop(self, element):
        element.deleteLater()

    # Leaving by os._exit keeps the engine from taking down what a scenario has left.
    @pyqtSlot(str)
    def done(self, result):
        print(result, flush=True)
        os._exit(0)

    @pyqtSlot(str)
    def fail(self, reason):
        print(reason, file=sys.stderr, flush=True)
        os._exit(1)


def play(scenario):
    application = QCoreApplication(sys.argv)
    engine = QQmlEngine()
    host = Host()
    engine.rootContext().setContextProperty('host', host)
    engine.rootContext().setContextProperty('scenario', scenario)
    component = QQmlComponent(engine)
    component.setData(PLAYER.encode(), QUrl.fromLocalFile(str(TRACES / 'player.qml')))
    player = component.create()
    if player is None:
        sys.exit('\n'.join(error.toString() for error in component.errors()))
    sys.exit(application.exec())


def played(scenario):
    command = [sys.executable, __file__, scenario]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def record():
    traces = {scenario: played(scenario) for scenario in played(LISTED)}
    text = json.dumps({'qt': QT_VERSION_STR, 'traces': traces}, indent=2, ensure_ascii=False)
    (TRACES / 'qt.json').write_text(text + '\n')


if len(sys.argv) == 1:
    record()
else:
    play(sys.argv[1])
