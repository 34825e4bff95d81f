import { WebSocketServer } from 'ws';
import { serve } from '../support/ws-server.mjs';

serve(WebSocketServer);
