// No WebSocket at all: sends frames that were masked before, and counts bytes.
import { connect } from 'node:net';
import { loadOf } from '../support/client-load.mjs';
import { BINARY, batchOf, TEXT } from '../support/frames.mjs';
import { ready, seen } from '../support/measured.mjs';

const { port, direction, isText, payloads, connections, inFlight } = loadOf(process.argv);
const batch = batchOf(isText ? TEXT : BINARY, payloads, true);
const size = batch.length / inFlight;
// What a server sends is not masked.
const replySize = size - 4;
let open = 0;

function connectOne() {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let bytes = 0;
  const sendAll = () => {
    socket.write(batch, direction === 'send' ? () => setImmediate(sendAll) : undefined);
  };
  socket.write('GET / HTTP/1.1\r\n\r\n');
  socket.once('data', (head) => {
    bytes = head.length - (head.indexOf('\r\n\r\n') + 4);
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      const messages = Math.floor(bytes / replySize);
      if (messages === 0) return;
      bytes -= messages * replySize;
      seen.messages += messages;
      if (direction === 'echo') socket.write(batch.subarray(0, messages * size));
    });
    if (direction !== 'receive') sendAll();
    if (++open === connections) ready({});
  });
}

for (let i = 0; i < connections; i++) connectOne();
