import { QWebSocket } from 'qwebsockets';
import { loadOf } from '../support/client-load.mjs';
import { ready, seen } from '../support/measured.mjs';

const { url, direction, isText, content, connections, inFlight } = loadOf(process.argv);
let open = 0;

function connectOne() {
  const socket = new QWebSocket();
  const send = () => {
    if (isText) socket.sendTextMessage(content());
    else socket.sendBinaryMessage(content());
  };
  const sendAll = () => {
    for (let i = 0; i < inFlight; i++) send();
  };
  const received = isText ? socket.textMessageReceived : socket.binaryMessageReceived;
  received.connect(() => {
    seen.messages++;
    if (direction === 'echo') send();
  });
  if (direction === 'send') {
    socket.bytesWritten.connect(() => {
      if (socket.isValid() && socket.bytesToWrite() === 0) setImmediate(sendAll);
    });
  }
  socket.connected.connect(() => {
    if (direction !== 'receive') sendAll();
    if (++open === connections) ready({});
  });
  socket.open(url);
}

for (let i = 0; i < connections; i++) connectOne();
