#!/usr/bin/python3
"""Run oracle scenarios against the real Qt (PyQt6) and store their traces.

  run_qt.py [--runs N] [--out DIR] [--filter REGEX] [--check] PATH...

PATH is a scenario file or a directory searched for *.json. A scenario stored as
.../scenarios/THEME/NAME.json gets its trace in .../traces/THEME/NAME.json unless --out is given.
Each scenario is run N times (default 3); what differs between the runs is marked in the trace
and is not asserted. --check runs once and compares with the stored trace instead of writing.
"""
import argparse
import ctypes
import hashlib
import json
import os
import queue
import re
import select
import shutil
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIO_LIMIT_S = 20.0
FIXED_KEY = 'AQIDBAUGBwgJCgsMDQ4PEA=='

# ------------------------------------------------------------------------------ the worker side


def worker_main():
    os.environ.setdefault('QT_LOGGING_RULES', '*.debug=false;qt.network.ssl.warning=false')
    from PyQt6 import QtCore, QtNetwork, QtWebSockets, sip
    from PyQt6.QtCore import QByteArray, QEventLoop, QProcess, QTimer, QUrl
    from PyQt6.QtNetwork import (QAbstractSocket, QAuthenticator, QHostAddress, QNetworkProxy,
                                 QNetworkRequest, QSsl, QSslCertificate, QSslConfiguration,
                                 QSslError, QSslKey, QSslSocket)
    from PyQt6.QtWebSockets import (QMaskGenerator, QWebSocket, QWebSocketCorsAuthenticator,
                                    QWebSocketHandshakeOptions, QWebSocketProtocol,
                                    QWebSocketServer)
    from enum import Enum

    app = QtCore.QCoreApplication(['oracle'])
    QtCore.qInstallMessageHandler(lambda *a: None)
    shim = load_shim()

    # ---------------------------------------------------------------- payloads and trace values
    def payload_bytes(spec):
        if spec is None:
            return b''
        if isinstance(spec, str):
            return spec.encode()
        if 'text' in spec:
            return spec['text'].encode()
        if 'hex' in spec:
            return bytes.fromhex(spec['hex'])
        if 'fill' in spec:
            return (spec['fill'] * spec['n']).encode()
        if 'seq' in spec:
            return bytes(i & 255 for i in range(spec['seq']))
        if 'concat' in spec:
            return b''.join(payload_bytes(s) for s in spec['concat'])
        raise ValueError('bad payload spec %r' % (spec,))

    def payload_text(spec):
        if isinstance(spec, str):
            return spec
        if 'u16' in spec:
            return b''.join(int(h, 16).to_bytes(2, 'little') for h in spec['u16']).decode('utf-16-le', 'surrogatepass')
        if 'concat' in spec:
            return ''.join(payload_text(s) for s in spec['concat'])
        return payload_bytes(spec).decode()

    def trace_bytes(b):
        b = bytes(b)
        return {'hex': b.hex()} if len(b) <= 64 else {'len': len(b), 'sha1': hashlib.sha1(b).hexdigest()}

    def trace_text(s):
        try:
            b = s.encode()
        except UnicodeEncodeError:
            u = s.encode('utf-16-le', 'surrogatepass')
            return {'u16': ' '.join('%02x%02x' % (u[i + 1], u[i]) for i in range(0, len(u), 2))}
        return s if len(b) <= 200 else {'utf8': len(b), 'sha1': hashlib.sha1(b).hexdigest()}

    def norm(v):
        if v is None or isinstance(v, (bool, int, float)):
            return v
        if isinstance(v, str):
            return trace_text(v)
        if isinstance(v, Enum):
            return norm(v.value)
        if isinstance(v, QByteArray):
            return trace_bytes(v.data())
        if isinstance(v, (bytes, bytearray)):
            return trace_bytes(v)
        if isinstance(v, QUrl):
            return bytes(v.toEncoded()).decode()
        if isinstance(v, QHostAddress):
            return v.toString()
        if isinstance(v, QSslError):
            return {'sslError': v.error().value}
        if isinstance(v, QWebSocketCorsAuthenticator):
            return {'origin': v.origin(), 'allowed': v.allowed()}
        if isinstance(v, QNetworkProxy):
            return {'proxyType': v.type().value, 'host': v.hostName(), 'port': v.port()}
        if isinstance(v, QAuthenticator):
            return {'realm': v.realm(), 'user': v.user()}
        if isinstance(v, QNetworkRequest):
            return {'url': norm(v.url()), 'headers': [[norm_latin(n), norm_header(norm_latin(n), norm_latin(v.rawHeader(n)))]
                                                      for n in v.rawHeaderList()]}
        if isinstance(v, QWebSocketHandshakeOptions):
            return {'subprotocols': v.subprotocols()}
        if isinstance(v, (list, tuple)):
            return [norm(x) for x in v]
        if isinstance(v, QWebSocket):
            return {'object': 'QWebSocket'}
        if isinstance(v, QtNetwork.QSslSocket):
            return {'object': 'QSslSocket'}
        if isinstance(v, QSslConfiguration):
            return {'null': v.isNull(), 'peerVerifyMode': v.peerVerifyMode().value}
        return {'object': type(v).__name__}

    def norm_latin(b):
        return bytes(b).decode('latin1')

    def norm_header(name, value):
        if name.lower() != 'sec-websocket-key':
            return value
        if value == FIXED_KEY:
            return '<fixed key>'
        return '<key>' if re.fullmatch(r'[A-Za-z0-9+/]{22}==', value) else '<bad key: %s>' % value

    # ------------------------------------------------------------------------- building arguments
    def read_cert(name, suffix):
        with open(os.path.join(HERE, 'certs', name + suffix), 'rb') as f:
            return f.read()

    def make_cert(name):
        return QSslCertificate(QByteArray(read_cert(name, '.crt')), QSsl.EncodingFormat.Pem)

    def make_ssl_config(o):
        c = QSslConfiguration.defaultConfiguration() if not o.get('empty') else QSslConfiguration()
        if 'cert' in o:
            c.setLocalCertificate(make_cert(o['cert']))
            c.setPrivateKey(QSslKey(QByteArray(read_cert(o['cert'], '.key')), QSsl.KeyAlgorithm.Rsa,
                                    QSsl.EncodingFormat.Pem, QSsl.KeyType.PrivateKey))
        if 'ca' in o:
            c.setCaCertificates([make_cert(n) for n in o['ca']])
        if 'verify' in o:
            c.setPeerVerifyMode(QSslSocket.PeerVerifyMode(o['verify']))
        if 'interrupt' in o:
            c.setHandshakeMustInterruptOnError(o['interrupt'])
        if 'protocol' in o:
            c.setProtocol(QSsl.SslProtocol(o['protocol']))
        return c

    def make_proxy(o):
        if o is None:
            return QNetworkProxy(QNetworkProxy.ProxyType.NoProxy)
        types = {'http': QNetworkProxy.ProxyType.HttpProxy, 'socks5': QNetworkProxy.ProxyType.Socks5Proxy,
                 'none': QNetworkProxy.ProxyType.NoProxy, 'default': QNetworkProxy.ProxyType.DefaultProxy,
                 'caching': QNetworkProxy.ProxyType.HttpCachingProxy}
        return QNetworkProxy(types[o['type']], o.get('host', ''), int(o.get('port', 0)), o.get('user', ''), o.get('password', ''))

    def make_request(o):
        r = QNetworkRequest(QUrl(o['url']))
        for n, val in o.get('headers', []):
            r.setRawHeader(QByteArray(n.encode()), QByteArray(val.encode()))
        return r

    class FixedMasks(QMaskGenerator):
        def __init__(self, masks):
            super().__init__()
            self.masks, self.i = masks, 0

        def seed(self):
            return True

        def nextMask(self):
            m = self.masks[self.i % len(self.masks)]
            self.i += 1
            return m

    ENUM_ARGS = {
        ('QWebSocket', 'close', 0): QWebSocketProtocol.CloseCode,
        ('QWebSocket', 'setPauseMode', 0): QAbstractSocket.PauseMode,
    }
    URL_ARGS = {('QWebSocket', 'open', 0)}

    SOCK_SIGNALS = ['aboutToClose', 'alertReceived', 'alertSent', 'binaryFrameReceived',
                    'binaryMessageReceived', 'bytesWritten', 'connected', 'disconnected', 'error',
                    'handshakeInterruptedOnError', 'peerVerifyError', 'pong',
                    'preSharedKeyAuthenticationRequired', 'proxyAuthenticationRequired',
                    'readChannelFinished', 'sslErrors', 'stateChanged', 'textFrameReceived',
                    'textMessageReceived']
    SERVER_SIGNALS = ['acceptError', 'alertReceived', 'alertSent', 'closed',
                      'handshakeInterruptedOnError', 'newConnection', 'originAuthenticationRequired',
                      'peerVerifyError', 'preSharedKeyAuthenticationRequired', 'serverError',
                      'sslErrors']
    QUIET = {'bytesWritten', 'alertSent', 'alertReceived'}
    SNAP_SOCK = ['state', 'isValid', 'error', 'errorString', 'closeCode', 'closeReason',
                 'subprotocol', 'resourceName', 'requestUrl', 'origin', 'version', 'bytesToWrite',
                 'localAddress', 'localPort', 'peerAddress', 'peerPort', 'peerName']
    SNAP_SERVER = ['isListening', 'serverAddress', 'serverPort', 'serverUrl', 'serverName',
                   'secureMode', 'maxPendingConnections', 'hasPendingConnections', 'error',
                   'errorString', 'supportedSubprotocols', 'handshakeTimeoutMS']
    FINAL_SOCK = ['state', 'isValid', 'error', 'errorString', 'closeCode', 'closeReason']
    FINAL_SERVER = ['isListening', 'hasPendingConnections', 'error', 'errorString']

    # ------------------------------------------------------------------- the raw peers' process
    class RawHost:
        def __init__(self):
            self.proc = QProcess()
            self.proc.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
            self.buf = b''
            self.next_id = 0
            self.answers = {}
            self.wake = lambda: None
            self.proc.readyReadStandardOutput.connect(self.on_out)
            self.proc.start('node', [os.path.join(HERE, 'lib', 'rawpeer-host.mjs')])
            if not self.proc.waitForStarted(5000):
                raise RuntimeError('cannot start node')

        def on_out(self):
            self.buf += bytes(self.proc.readAllStandardOutput())
            while b'\n' in self.buf:
                line, self.buf = self.buf.split(b'\n', 1)
                m = json.loads(line)
                self.answers[m['id']] = m
            self.wake()

        def send(self, msg):
            self.next_id += 1
            msg['id'] = self.next_id
            self.proc.write(json.dumps(msg).encode() + b'\n')
            return self.next_id

    host = RawHost()

    # ---------------------------------------------------------------------------- one scenario
    class Tracked:
        """An object under test with its trace."""

        def __init__(self, run, name, obj, cls, cfg):
            self.run, self.name, self.obj, self.cls, self.cfg = run, name, obj, cls, cfg
            self.events = run.traces.setdefault(name, [])
            self.counts, self.taken = {}, {}
            self.live = True
            self.quiet = QUIET - set(cfg.get('record', []))
            for s in (SOCK_SIGNALS if cls == 'QWebSocket' else SERVER_SIGNALS):
                getattr(obj, s).connect(self.slot('errorOccurred' if s == 'error' else s))

        def slot(self, signal):
            def handler(*args):
                if self.live:
                    try:
                        self.on_signal(signal, args)
                    except Exception as e:      # must not escape into Qt
                        self.run.problem('handler of %s.%s: %r' % (self.name, signal, e))
            return handler

        def on_signal(self, signal, args):
            self.counts[signal] = self.counts.get(signal, 0) + 1
            if signal not in self.quiet:
                e = {'ev': 'signal', 'name': signal}
                if args:
                    e['args'] = [norm(a) for a in args]
                    if signal == 'pong':
                        e['args'][0] = '<ms>' if isinstance(args[0], int) and args[0] >= 0 else e['args'][0]
                if self.run.calls:
                    e['during'] = self.run.calls[-1]
                sample = self.cfg.get('sample', {})
                fields = sample.get(signal, sample.get('*'))
                self.events.append(e)
                if fields:
                    e['at'] = self.snap(fields)
            for step in self.cfg.get('on', {}).get(signal, []):
                if isinstance(step, dict) and step.get('nth', self.counts[signal]) == self.counts[signal]:
                    self.run.sync_step(step, self, args)
            if self.cls == 'QWebSocketServer' and signal == 'newConnection' and self.cfg.get('accept', 'auto') == 'auto':
                while True:
                    s = self.obj.nextPendingConnection()
                    if s is None:
                        break
                    self.run.adopt(self, s)
            self.run.wake()

        def get(self, field):
            if field.startswith('static:'):
                v = getattr(type(self.obj), field[7:])()
            elif field == 'supportedVersions':
                v = shim.supported_versions(self.obj) if shim else '<no shim>'
            elif field == 'handshakeTimeout':
                v = self.obj.handshakeTimeoutMS()
            else:
                v = getattr(self.obj, field)()
            if field in ('localPort', 'peerPort', 'serverPort'):
                names = {p: n for n, p in reversed(self.run.ports.items())}
                return 0 if v == 0 else '${%s.port}' % names[v] if v in names else '<port>'
            if field == 'socketDescriptor':
                return int(v) >= 0 if v is not None and int(v) < 2 ** 63 else False
            if field == 'maskGenerator':
                return 'null' if v is None else 'same' if v is self.run.masks else 'other'
            return norm(v)

        def snap(self, fields):
            return {f: self.get(f) for f in fields}

    class Run:
        def __init__(self, scenario):
            self.s = scenario
            self.traces, self.objects, self.ports, self.problems = {}, {}, {}, []
            self.calls = []
            self.loop = None
            self.masks = None

        def problem(self, text):
            self.problems.append(text)

        def wake(self):
            if self.loop is not None:
                self.loop.quit()

        def until(self, cond, ms):
            if cond():
                return True
            end = time.monotonic() + ms / 1000
            timer = QTimer()
            timer.setSingleShot(True)
            timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
            while not cond():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self.loop = QEventLoop()
                timer.timeout.connect(self.loop.quit)
                timer.start(max(1, int(left * 1000)))
                self.loop.exec()
                timer.timeout.disconnect()
                self.loop = None
            return True

        def raw(self, msg, ms=8000):
            host.wake = self.wake
            i = host.send(msg)
            if not self.until(lambda: i in host.answers, ms):
                raise RuntimeError('raw peer does not answer: %r' % (msg,))
            a = host.answers.pop(i)
            if 'error' in a:
                raise RuntimeError('raw peer: ' + a['error'])
            return a

        # ---- substitution of ${p.port} and decoding of tagged values
        def subst(self, v):
            if isinstance(v, str):
                return re.sub(r'\$\{([\w.]+)\.port\}', lambda m: str(self.ports.get(m.group(1), 0)), v)
            if isinstance(v, list):
                return [self.subst(x) for x in v]
            if isinstance(v, dict):
                return {k: self.subst(x) for k, x in v.items()}
            return v

        def value(self, v, sig_args):
            if isinstance(v, dict):
                if '$arg' in v:
                    return sig_args[v['$arg']]
                if '$port' in v:
                    return self.ports.get(v['$port'], 0)
                if '$text' in v:
                    return payload_text(v['$text'])
                if '$bytes' in v:
                    return QByteArray(payload_bytes(v['$bytes']))
                if '$request' in v:
                    return make_request(v['$request'])
                if '$options' in v:
                    o = QWebSocketHandshakeOptions()
                    o.setSubprotocols(v['$options'])
                    return o
                if '$host' in v:
                    specials = {'LocalHost': QHostAddress.SpecialAddress.LocalHost, 'Any': QHostAddress.SpecialAddress.Any,
                                'LocalHostIPv6': QHostAddress.SpecialAddress.LocalHostIPv6,
                                'AnyIPv4': QHostAddress.SpecialAddress.AnyIPv4, 'AnyIPv6': QHostAddress.SpecialAddress.AnyIPv6,
                                'Null': QHostAddress.SpecialAddress.Null}
                    return QHostAddress(specials.get(v['$host'], v['$host']))
                if '$proxy' in v:
                    return make_proxy(v['$proxy'])
                if '$sslConfig' in v:
                    return make_ssl_config(v['$sslConfig'])
                if '$sslErrors' in v:
                    return [QSslError(QSslError.SslError(e['error']), make_cert(e['cert'])) if 'cert' in e
                            else QSslError(QSslError.SslError(e['error'])) for e in v['$sslErrors']]
                if '$masks' in v:
                    self.masks = FixedMasks([int(m, 16) for m in v['$masks']])
                    return self.masks
                if '$null' in v:
                    return None
            return v

        def make(self, name, cfg):
            if cfg['kind'] == 'qt-client':
                version = QWebSocketProtocol.Version(cfg.get('version', 13))
                obj = QWebSocket(cfg.get('origin', ''), version) if ('origin' in cfg or 'version' in cfg) else QWebSocket()
                self.objects[name] = Tracked(self, name, obj, 'QWebSocket', cfg)
            elif cfg['kind'] == 'qt-server':
                mode = QWebSocketServer.SslMode.SecureMode if cfg.get('secure') else QWebSocketServer.SslMode.NonSecureMode
                self.objects[name] = Tracked(self, name, QWebSocketServer(cfg.get('serverName', 'oracle'), mode), 'QWebSocketServer', cfg)

        def adopt(self, server, sock):
            n = 1
            while '%s.%d' % (server.name, n) in self.objects:
                n += 1
            name = '%s.%d' % (server.name, n)
            cfg = {**server.cfg.get('sockets', {})}
            t = self.objects[name] = Tracked(self, name, sock, 'QWebSocket', cfg)
            fields = cfg.get('adoptSnap')
            t.events.append({'ev': 'adopted', **({'v': t.snap(fields)} if fields else {})})
            return t

        # ---- steps
        def target(self, ref, owner=None):
            name, member = ref.rsplit('.', 1)
            if name == '@':
                return owner, member
            return self.objects.get(name), member

        def sync_step(self, step, owner=None, sig_args=()):
            if 'call' in step:
                self.do_call(self.subst(step), owner, sig_args)
            elif 'snap' in step:
                t = owner if step['snap'] == '@' else self.objects.get(step['snap'])
                if t is None:
                    self.traces.setdefault(step['snap'], []).append({'ev': 'noObject', 'for': 'snap'})
                    return
                t.events.append({'ev': 'snap', 'v': t.snap(step.get('fields', SNAP_SOCK if t.cls == 'QWebSocket' else SNAP_SERVER))})
            else:
                raise ValueError('not a synchronous step: %r' % (step,))

        def do_call(self, step, owner, sig_args):
            ref = step['call']
            if ref.startswith('$arg'):
                idx, member = ref[4:].split('.')
                args = [self.value(a, sig_args) for a in step.get('args', [])]
                getattr(sig_args[int(idx)], member)(*args)
                owner.events.append({'ev': 'call', 'm': ref})
                return
            t, member = self.target(ref, owner)
            if t is None:
                self.traces.setdefault(ref.rsplit('.', 1)[0], []).append({'ev': 'noObject', 'for': member})
                return
            args = []
            for i, a in enumerate(step.get('args', [])):
                v = self.value(a, sig_args)
                if (t.cls, member, i) in URL_ARGS and isinstance(v, str):
                    v = QUrl(v)
                conv = ENUM_ARGS.get((t.cls, member, i))
                if conv is not None and isinstance(v, int):
                    v = conv(v)
                args.append(v)
            e = {'ev': 'call', 'm': member}
            t.events.append(e)
            self.calls.append(member)
            ret = None
            try:
                if member == 'sendTextMessage' and shim:
                    ret = shim.send_text(t.obj, args[0])
                else:
                    ret = getattr(t.obj, member)(*args)
            except Exception as x:
                e['threw'] = '%s: %s' % (type(x).__name__, x)
            finally:
                self.calls.pop()
            if t.cls == 'QWebSocketServer' and member == 'listen':
                self.ports[t.name] = t.obj.serverPort()
            if isinstance(ret, QWebSocket):
                child = self.adopt(t, ret)
                e['ret'] = {'object': child.name}
            elif ret is not None or member == 'nextPendingConnection':
                e['ret'] = norm(ret)

        def step(self, step):
            if 'call' in step or 'snap' in step:
                self.sync_step(step)
                if step.get('call', '').endswith('.listen'):
                    self.raw({'cmd': 'ports', 'ports': self.ports})
            elif 'wait' in step:
                ref = step['wait']
                name, signal = ref.rsplit('.', 1)
                n = step.get('count', 1)

                def ready():
                    t = self.objects.get(name)
                    return t is not None and t.counts.get(signal, 0) >= t.taken.get(signal, 0) + n
                if self.until(ready, step.get('timeout', 3000)):
                    t = self.objects[name]
                    t.taken[signal] = t.taken.get(signal, 0) + n
                else:
                    self.traces.setdefault(name, []).append({'ev': 'timeout', 'what': signal})
            elif 'waitState' in step:
                t = self.objects.get(step['waitState'])
                t2 = step.get('timeout', 3000)
                if t is None or not self.until_poll(lambda: t.obj.state().value == step['state'], t2):
                    self.traces.setdefault(step['waitState'], []).append({'ev': 'timeout', 'what': 'state %d' % step['state']})
            elif 'settle' in step:
                self.until(lambda: False, step['settle'])
            elif 'raw' in step:
                self.raw({'cmd': 'step', 'step': self.subst(step)}, step.get('timeout', 3000) + 5000)
            elif 'delete' in step:
                t = self.objects.get(step['delete'])
                if t:
                    t.events.append({'ev': 'delete'})
                    sip.delete(t.obj)
                    t.obj = None
            else:
                raise ValueError('unknown step %r' % (step,))

        def until_poll(self, cond, ms):
            end = time.monotonic() + ms / 1000
            while not cond():
                if time.monotonic() > end:
                    return False
                self.until(cond, 5)
            return True

        def go(self):
            try:
                self.ports = self.raw({'cmd': 'begin', 'actors': {n: c for n, c in self.s['actors'].items() if c['kind'].startswith('raw-')}})['ports']
                for n, c in self.s['actors'].items():
                    self.make(n, c)
                for i, step in enumerate(self.s['steps']):
                    try:
                        self.step(step)
                    except Exception as e:
                        self.problem('step %d %s: %r' % (i, json.dumps(step)[:120], e))
                self.until(lambda: False, self.s.get('tail', 60))
                for t in self.objects.values():
                    t.live = False
                    if t.obj is not None:
                        t.events.append({'ev': 'final', 'v': t.snap(FINAL_SOCK if t.cls == 'QWebSocket' else FINAL_SERVER)})
                self.traces.update(self.raw({'cmd': 'finish'})['traces'])
            except Exception as e:
                self.problem('engine: %r' % (e,))
            finally:
                for t in self.objects.values():
                    t.live = False
                    if t.obj is None:
                        continue
                    if t.cls == 'QWebSocketServer':
                        t.obj.close()
                for t in self.objects.values():
                    if t.obj is not None and t.cls == 'QWebSocket':
                        t.obj.abort()
                for t in list(self.objects.values()):
                    if t.obj is not None and t.cls == 'QWebSocket' and '.' not in t.name:
                        sip.delete(t.obj)
                for t in list(self.objects.values()):
                    if t.obj is not None and t.cls == 'QWebSocketServer':
                        sip.delete(t.obj)
                app.processEvents()
            return {'actors': blank_ports(self.traces, self.ports), 'problems': self.problems}

    def blank_ports(v, ports):
        if isinstance(v, str):
            for n, p in ports.items():
                if p and str(p) in v:
                    v = re.sub(r'(?<!\d)%d(?!\d)' % p, '${%s.port}' % n, v)
            return v
        if isinstance(v, list):
            return [blank_ports(x, ports) for x in v]
        if isinstance(v, dict):
            out = {}
            for k, x in v.items():
                if k in ('hex', 'sha1'):
                    out[k] = x
                elif k == 'port' and x in ports.values() and x:
                    out[k] = '${%s.port}' % next(n for n, p in ports.items() if p == x)
                elif k == 'errorString' and isinstance(x, str):
                    # a random accept value, in the text about one that does not match
                    out[k] = blank_ports(re.sub(r'[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{22}==', '<base64>', x), ports)
                else:
                    out[k] = blank_ports(x, ports)
            return out
        return v

    sys.excepthook = lambda *a: sys.stderr.write('slot exception: %r\n' % (a[1],))
    print(json.dumps({'ready': True, 'qt': QtCore.qVersion(), 'pyqt': QtCore.PYQT_VERSION_STR,
                      'tls': QSslSocket.sslLibraryVersionString(), 'shim': bool(shim)}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        with open(job['file']) as f:
            scenario = json.load(f)
        print(json.dumps(Run(scenario).go()), flush=True)
    host.proc.closeWriteChannel()
    host.proc.waitForFinished(2000)
    os._exit(0)


def load_shim():
    """The few members PyQt6 cannot express, through a small C++ library (None if not built)."""
    path = os.path.join(HERE, '..', '..', 'build', 'oracle', 'libqtshim.so')
    if not os.path.exists(path):
        return None
    lib = ctypes.CDLL(path)
    lib.shim_supportedVersions.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int), ctypes.c_int]
    lib.shim_sendTextMessage.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_longlong]
    lib.shim_sendTextMessage.restype = ctypes.c_longlong

    class Shim:
        @staticmethod
        def supported_versions(server):
            from PyQt6 import sip
            out = (ctypes.c_int * 16)()
            n = lib.shim_supportedVersions(sip.unwrapinstance(server), out, 16)
            return list(out[:n])

        @staticmethod
        def send_text(socket, text):
            from PyQt6 import sip
            units = text.encode('utf-16-le', 'surrogatepass')
            return lib.shim_sendTextMessage(sip.unwrapinstance(socket), units, len(units) // 2)
    return Shim


def build_shim():
    src = os.path.join(HERE, 'qtshim.cpp')
    lib = os.path.join(HERE, '..', '..', 'build', 'oracle', 'libqtshim.so')
    if not os.path.exists(src) or (os.path.exists(lib) and os.path.getmtime(lib) >= os.path.getmtime(src)):
        return
    inc = '/usr/include/x86_64-linux-gnu/qt6'
    if not shutil.which('g++') or not os.path.exists(inc + '/QtWebSockets'):
        sys.stderr.write('note: no g++ or Qt headers, going on without the C++ shim\n')
        return
    os.makedirs(os.path.dirname(lib), exist_ok=True)
    cmd = ['g++', '-std=c++17', '-shared', '-fPIC', '-O1', '-I' + inc, '-o', lib, src,
           '-lQt6WebSockets', '-lQt6Network', '-lQt6Core']
    cmd[5:5] = ['-I%s/%s' % (inc, m) for m in ('QtCore', 'QtNetwork', 'QtWebSockets')]
    if subprocess.call(cmd) != 0:
        sys.stderr.write('note: the C++ shim does not build, going on without it\n')


# ------------------------------------------------------------------------------ the parent side


class Worker:
    """A child process that runs scenarios; replaced when it crashes or hangs."""

    def __init__(self, netns):
        cmd = [sys.executable, os.path.abspath(__file__), '--worker']
        if netns:
            cmd = ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] + cmd
        self.p = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.buf = b''
        self.info = self.read(20)

    def read(self, limit):
        end = time.monotonic() + limit
        while b'\n' not in self.buf:
            left = end - time.monotonic()
            if left <= 0:
                return None
            if select.select([self.p.stdout], [], [], left)[0]:
                d = os.read(self.p.stdout.fileno(), 1 << 16)
                if not d:
                    return None
                self.buf += d
        line, self.buf = self.buf.split(b'\n', 1)
        return json.loads(line)

    def run(self, file):
        self.p.stdin.write(json.dumps({'file': file}).encode() + b'\n')
        self.p.stdin.flush()
        return self.read(SCENARIO_LIMIT_S)

    def stop(self, kill=False):
        try:
            self.p.stdin.close()
        except OSError:
            pass
        if kill:
            self.p.kill()
        try:
            self.p.wait(5)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()


def find(paths, pattern):
    out = []
    for p in paths:
        if os.path.isfile(p):
            out.append(os.path.abspath(p))
            continue
        for d, subs, names in os.walk(p):
            subs[:] = [s for s in subs if not s.endswith('traces')]
            out += [os.path.abspath(os.path.join(d, n)) for n in names if n.endswith('.json')]
    return sorted(f for f in out if not pattern or re.search(pattern, f))


def trace_path(file, out):
    parts = file.split(os.sep)
    if 'scenarios' in parts:
        i = len(parts) - 1 - parts[::-1].index('scenarios')
        rest = parts[i + 1:]
        base = out or os.sep.join(parts[:i] + ['traces'])
        return os.path.join(base, *rest)
    return os.path.join(out or os.path.join(os.path.dirname(file), 'traces'), os.path.basename(file))


MISSING = '<absent>'


def same_shape(a, b):
    """Two runs of one actor have the same events, whatever their field values."""
    key = [(e['ev'], e.get('name'), e.get('m'), e.get('what')) for e in a]
    return key == [(e['ev'], e.get('name'), e.get('m'), e.get('what')) for e in b]


def fold(values, path, notes):
    """Merge the values seen for one place; what differs becomes {"$unstable": [...]}."""
    first = values[0]
    if all(v == first for v in values):
        return first
    if all(isinstance(v, dict) for v in values):
        keys = []
        for v in values:
            keys += [k for k in v if k not in keys]
        return {k: fold([v.get(k, MISSING) for v in values], path + [k], notes) for k in keys}
    if all(isinstance(v, list) for v in values) and len({len(v) for v in values}) == 1:
        return [fold([v[i] for v in values], path + [i], notes) for i in range(len(first))]
    seen = []
    for v in values:
        if v not in seen:
            seen.append(v)
    notes.append('.'.join(str(p) for p in path))
    return {'$unstable': seen}


def merge(runs):
    """Merge the traces of several runs of one scenario."""
    notes, actors = [], {}
    names = []
    for r in runs:
        names += [n for n in r['actors'] if n not in names]
    for n in names:
        lists = [r['actors'].get(n, [{'ev': 'absent'}]) for r in runs]
        if all(same_shape(lists[0], x) for x in lists):
            actors[n] = [fold([x[i] for x in lists], [n, i], notes) for i in range(len(lists[0]))]
        else:
            groups = []
            for x in lists:
                for g in groups:
                    if same_shape(g[0], x):
                        g.append(x)
                        break
                else:
                    groups.append([x])
            groups.sort(key=len, reverse=True)
            notes.append('%s (order or number of events, %d forms)' % (n, len(groups)))
            actors[n] = {'$variants': [[fold([x[i] for x in g], [n, i], notes) for i in range(len(g[0]))] for g in groups],
                         'seen': [len(g) for g in groups]}
    return actors, notes


def dump(o):
    """JSON with one event per line."""
    def events(lst, pad):
        return '[' + ','.join('\n' + pad + '  ' + json.dumps(e, ensure_ascii=True) for e in lst) + ('\n' + pad if lst else '') + ']'
    head = {k: v for k, v in o.items() if k != 'actors'}
    out = '{' + ','.join('\n  %s: %s' % (json.dumps(k), json.dumps(v)) for k, v in head.items()) + ',\n  "actors": {'
    parts = []
    for n, a in o['actors'].items():
        if isinstance(a, list):
            parts.append('\n    %s: %s' % (json.dumps(n), events(a, '    ')))
        else:
            v = ',\n      '.join(events(x, '      ') for x in a['$variants'])
            parts.append('\n    %s: {"seen": %s, "$variants": [\n      %s\n    ]}' % (json.dumps(n), json.dumps(a['seen']), v))
    return out + ','.join(parts) + '\n  }\n}\n'


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('paths', nargs='*')
    ap.add_argument('--runs', type=int, default=3)
    ap.add_argument('--jobs', type=int, default=4, help='scenarios under way at once, each in its own process (they mostly wait)')
    ap.add_argument('--out')
    ap.add_argument('--filter')
    ap.add_argument('--check', action='store_true', help='run once, report scenarios whose stored trace no longer fits')
    ap.add_argument('--netns', choices=['auto', 'yes', 'no'], default='auto', help='run in a network namespace that has only loopback (needs root)')
    ap.add_argument('--keep-runs', help='also write every single run below this directory')
    ap.add_argument('--worker', action='store_true', help=argparse.SUPPRESS)
    a = ap.parse_args()
    if a.worker:
        return worker_main()
    if not a.paths:
        ap.error('no PATH given')
    build_shim()
    netns = a.netns == 'yes' or (a.netns == 'auto' and subprocess.call(
        ['unshare', '-n', 'ip', 'link', 'set', 'lo', 'up'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
        if shutil.which('unshare') and shutil.which('ip') else a.netns == 'yes')
    files = find(a.paths, a.filter)
    runs = 1 if a.check else a.runs
    started = time.monotonic()
    first = Worker(netns)
    info = first.info
    results = {f: [None] * runs for f in files}
    trouble, slow = [], []
    todo = queue.Queue()
    for r in range(runs):
        for f in files:
            todo.put((r, f))

    def serve(w):
        while True:
            try:
                r, f = todo.get_nowait()
            except queue.Empty:
                break
            t0 = time.monotonic()
            res = w.run(f)
            if res is None:
                w.stop(kill=True)
                w = Worker(netns)
                res = {'actors': {}, 'problems': ['the Qt process crashed or hung']}
            results[f][r] = res
            slow.append((time.monotonic() - t0, f))
            trouble.extend('%s: run %d: %s' % (f, r + 1, p) for p in res['problems'])
            if a.keep_runs:
                t = trace_path(f, os.path.join(a.keep_runs, 'run%d' % (r + 1)))
                os.makedirs(os.path.dirname(t), exist_ok=True)
                with open(t, 'w') as fh:
                    fh.write(dump(res))
        w.stop()

    crew = [first] + [Worker(netns) for _ in range(min(a.jobs, len(files) * runs) - 1)]
    threads = [threading.Thread(target=serve, args=(w,)) for w in crew]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

    stable = 0
    changed = []
    for f in files:
        with open(f) as fh:
            scenario = json.load(fh)
        actors, notes = merge(results[f])
        timeouts = ['%s: %s' % (n, e['what']) for n, evs in actors.items() if isinstance(evs, list)
                    for e in evs if e['ev'] == 'timeout' and not scenario.get('expectTimeouts')]
        trouble += ['%s: wait timed out for %s' % (f, t) for t in timeouts]
        stable += not notes
        out = {'name': scenario['name'], 'qt': info['qt'], 'pyqt': info['pyqt'], 'tls': info['tls'],
               'runs': runs, 'unstable': notes}
        problems = sorted({p for r in results[f] for p in r['problems']})
        if problems:
            out['problems'] = problems
        out['actors'] = actors
        t = trace_path(f, a.out)
        if a.check:
            try:
                with open(t) as fh:
                    old = json.load(fh)
                if not fits(old['actors'], actors):
                    changed.append(f)
            except OSError:
                changed.append(f + ' (no stored trace)')
        else:
            os.makedirs(os.path.dirname(t), exist_ok=True)
            with open(t, 'w') as fh:
                fh.write(dump(out))
        if notes:
            print('unstable %s: %s' % (os.path.relpath(f), '; '.join(notes)))
    for t in trouble:
        print('TROUBLE ' + t)
    if a.check:
        for c in changed:
            print('CHANGED ' + os.path.relpath(c))
        print('%d/%d scenarios fit their stored trace' % (len(files) - len(changed), len(files)))
    slow.sort(reverse=True)
    print('%d scenarios x %d runs in %.1f s (Qt %s, %s), %d stable; slowest: %s' % (
        len(files), runs, time.monotonic() - started, info['qt'], info['tls'], stable,
        ', '.join('%s %.1f s' % (os.path.basename(f), s) for s, f in slow[:3])))
    return 1 if trouble or changed else 0


def fits(want, got):
    """Does a single run fit a stored trace, unstable places apart?"""
    if isinstance(want, dict) and '$unstable' in want:
        return True
    if isinstance(want, dict) and '$variants' in want:
        return any(fits(v, got) for v in want['$variants'])
    if isinstance(want, dict):
        return isinstance(got, dict) and all(
            (k in got and k in want and fits(want[k], got[k])) or
            (k not in got and isinstance(want.get(k), dict) and '$unstable' in want[k]) for k in {**want, **got})
    if isinstance(want, list):
        return isinstance(got, list) and len(want) == len(got) and all(fits(x, y) for x, y in zip(want, got))
    return want == got


if __name__ == '__main__':
    sys.exit(main())
