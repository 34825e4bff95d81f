import { loadOf } from './client-load.mjs';
import { ready, seen } from './measured.mjs';

/** A program that uses the client of ws. */
export function run(WebSocket) {
  const { url, direction, content, connections, inFlight } = loadOf(process.argv);
  let open = 0;
  const connectOne = () => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const sendAll = () => {
      for (let i = 1; i < inFlight; i++) socket.send(content());
      socket.send(content(), direction === 'send' ? () => setImmediate(sendAll) : undefined);
    };
    socket.on('message', () => {
      seen.messages++;
      if (direction === 'echo') socket.send(content());
    });
    socket.on('open', () => {
      if (direction !== 'receive') sendAll();
      if (++open === connections) ready({});
    });
  };
  for (let i = 0; i < connections; i++) connectOne();
}
