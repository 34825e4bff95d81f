import { WebSocket } from 'ws';
import { run } from '../support/ws-client.mjs';

run(WebSocket);
