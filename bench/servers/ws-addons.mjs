// ws as it is where bufferutil is installed, which it then uses for masks.
import { requireRival } from '../support/rivals.mjs';
import { serve } from '../support/ws-server.mjs';

serve(requireRival('ws').WebSocketServer);
