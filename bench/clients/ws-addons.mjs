// ws as it is where bufferutil is installed, which it then uses for masks.
import { requireRival } from '../support/rivals.mjs';
import { run } from '../support/ws-client.mjs';

run(requireRival('ws'));
