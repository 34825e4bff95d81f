import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { Peer } from '../examples/support/peer.ts';
import { Qws } from './support/qws.ts';

const FULL = '/dev/full';

describe('main of qws', function () {
  this.timeout(60_000);

  afterEach(() => {
    Peer.killAll();
    Qws.killAll();
  });

  it('lets a server go on when nobody reads its log any more', async () => {
    const { qws, url } = await Qws.serve('echo', '--verbose');
    qws.closeLog();
    for (let i = 0; i < 2; i++) {
      const peer = await Peer.connect(url);
      peer.send('Still there?');
      expect(await peer.next()).to.equal('Still there?');
    }
  });

  it('ends with 1 and says why when its output cannot be written', function () {
    // Only Linux has a device that is always full.
    if (!existsSync(FULL)) this.skip();
    const full = openSync(FULL, 'w');
    const args = ['build/lib/cli/main.js', '--version'];
    const { status, stderr } = spawnSync(process.execPath, args, {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);

    expect(status).to.equal(1);
    expect(stderr).to.match(/^error: standard output: ENOSPC.*\n$/);
  });
});
