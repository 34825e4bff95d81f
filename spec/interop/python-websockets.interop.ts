import { itCompressesWith } from './support/compression-contract.ts';
import { itWorksTogetherWith } from './support/interop-contract.ts';
import { PeerProgram } from './support/peer-program.ts';

function start(): Promise<PeerProgram> {
  return PeerProgram.start({
    command: process.env['PYTHON'] ?? '/usr/bin/python3',
    args: ['tools/interop/python-websockets-peer.py'],
    needs: 'Install the package: apt-get install python3-websockets',
  });
}

describe('The Python package websockets', () => {
  itCompressesWith(start);
  itWorksTogetherWith({
    start,
    codeWhenCut: 1006,
    oneAfterAnother: 100,
    atOnce: 50,
  });
});
