#!/usr/bin/python3
"""The Python package websockets behind a pipe, for the interoperation specs; see README.md."""
import asyncio
import hashlib
import json
import os
import ssl
import sys
import traceback

import websockets
from websockets.extensions import permessage_deflate

sockets = {}
fragment_sizes = {}
tasks = set()


def tell(event, **more):
    print(json.dumps({'event': event, **more}), flush=True)


def start(coroutine):
    # The loop itself does not keep tasks alive.
    task = asyncio.ensure_future(coroutine)
    tasks.add(task)
    task.add_done_callback(done)


def done(task):
    tasks.discard(task)
    if task.exception() is not None:
        traceback.print_exception(task.exception())
        os._exit(1)


def fragments(name, message):
    """The message, in pieces where that was asked for."""
    size = fragment_sizes.get(name)
    if size is None or len(message) <= size:
        return message
    return [message[at:at + size] for at in range(0, len(message), size)]


async def converse(name, socket, on_message):
    sockets[name] = socket
    tell('open', id=name, subprotocol=socket.subprotocol or '')
    try:
        async for message in socket:
            await on_message(message)
    except websockets.ConnectionClosed:
        pass
    await socket.wait_closed()
    del sockets[name]
    tell('closed', id=name, code=socket.close_code, reason=socket.close_reason)


async def serve(socket):
    name = f'port {socket.remote_address[1]}'
    await converse(name, socket, lambda message: socket.send(fragments(name, message)))


def compression(command, factory):
    """The extensions to ask for or to agree to, by RFC 7692's names."""
    if 'deflate' not in command:
        return {}
    wanted = command['deflate']
    return {'compression': None, 'extensions': [factory(
        server_no_context_takeover=wanted.get('serverNoContextTakeover', False),
        client_no_context_takeover=wanted.get('clientNoContextTakeover', False),
        server_max_window_bits=wanted.get('serverMaxWindowBits'),
        client_max_window_bits=wanted.get(
            'clientMaxWindowBits',
            True if factory is permessage_deflate.ClientPerMessageDeflateFactory else None),
    )]}


async def do_listen(command):
    context = None
    if 'tls' in command:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(command['tls']['cert'], command['tls']['key'])
    server = await websockets.serve(serve, '127.0.0.1', 0, ssl=context, max_size=None,
                                    backlog=256, subprotocols=command['subprotocols'] or None,
                                    **compression(
                                        command, permessage_deflate.ServerPerMessageDeflateFactory))
    tell('listening', port=server.sockets[0].getsockname()[1])


async def do_open(command):
    name = command['id']
    context = {}
    if 'ca' in command:
        context['ssl'] = ssl.create_default_context(cafile=command['ca'])
    try:
        socket = await websockets.connect(command['url'], max_size=None, **context,
                                          subprotocols=command['subprotocols'] or None,
                                          **compression(
                                              command,
                                              permessage_deflate.ClientPerMessageDeflateFactory))
    except Exception as error:
        tell('failed', id=name, description=str(error))
        return

    async def report(message):
        kind = 'text' if isinstance(message, str) else 'binary'
        data = message.encode() if kind == 'text' else message
        tell('message', id=name, kind=kind, size=len(data), sha1=hashlib.sha1(data).hexdigest())

    await converse(name, socket, report)


async def do_fragment(command):
    fragment_sizes[command['id']] = command['size']
    tell('fragmenting', id=command['id'])


async def do_send(command):
    name, unit = command['id'], command['unit']
    message = (unit if command['kind'] == 'text' else bytes.fromhex(unit)) * command['times']
    await sockets[name].send(fragments(name, message))


async def do_ping(command):
    payload = command['payload']
    await (await sockets[command['id']].ping(payload))
    tell('pong', id=command['id'], payload=payload)


async def do_close(command):
    await sockets[command['id']].close(command['code'], command['reason'])


async def do_abort(command):
    sockets[command['id']].transport.abort()


async def main():
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    tell('ready', version=f'websockets {websockets.version.version}')
    while line := await reader.readline():
        command = json.loads(line)
        start(globals()['do_' + command['do']](command))


asyncio.run(main())
