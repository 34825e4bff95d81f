"""The pipe of a program of Qt: commands come as lines of JSON, events go as such."""
import json
import os

from PyQt6.QtCore import QObject, QSocketNotifier


def tell(event, **more):
    print(json.dumps({'event': event, **more}), flush=True)


class Commanded(QObject):
    """Calls its do_NAME() for each command NAME, and ends with its input."""

    def __init__(self):
        super().__init__()
        self.rest = b''
        self.input = QSocketNotifier(0, QSocketNotifier.Type.Read)
        self.input.activated.connect(self.on_input)

    def on_input(self):
        data = os.read(0, 1 << 16)
        if not data:
            os._exit(0)
        *lines, self.rest = (self.rest + data).split(b'\n')
        for line in lines:
            command = json.loads(line)
            getattr(self, 'do_' + command['do'])(command)
