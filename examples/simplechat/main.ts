import { ChatServer } from './chatserver.ts';

const server = new ChatServer(1234);

// Qt's example stays silent and does nothing for ever when the port is taken.
if (server.port() === 0) {
  console.error(`simplechat: Cannot listen on port 1234: ${server.errorString()}`);
  process.exitCode = 1;
}
