import { itCompressesWith } from './support/compression-contract.ts';
import { itWorksTogetherWith } from './support/interop-contract.ts';
import { PeerProgram } from './support/peer-program.ts';

function start(): Promise<PeerProgram> {
  return PeerProgram.start({
    command: process.execPath,
    args: ['tools/interop/ws-peer.mjs'],
    needs: 'Install the packages: npm ci',
  });
}

describe('The package ws', () => {
  itCompressesWith(start);
  itWorksTogetherWith({
    start,
    codeWhenCut: 1006,
    oneAfterAnother: 100,
    atOnce: 50,
  });
});
