// ws as a program uses it that works with text: it reads and sends strings.
import { WebSocketServer } from 'ws';
import { serve } from '../support/ws-server.mjs';

serve(WebSocketServer, true);
