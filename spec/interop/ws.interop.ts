import { itWorksTogetherWith } from './support/interop-contract.ts';
import { PeerProgram } from './support/peer-program.ts';

describe('The package ws', () => {
  itWorksTogetherWith({
    start: () =>
      PeerProgram.start({
        command: process.execPath,
        args: ['tools/interop/ws-peer.mjs'],
        needs: 'Install the packages: npm ci',
      }),
    codeWhenCut: 1006,
    oneAfterAnother: 100,
    atOnce: 50,
  });
});
