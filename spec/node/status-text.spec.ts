import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { statusText } from '../../lib/node/status-text.ts';

describe('statusText()', () => {
  it('tells what HTTP calls a status', () => {
    expect(statusText(404)).to.equal('Not Found');
  });

  it('is empty for a status without a name', () => {
    expect(statusText(599)).to.equal('');
  });

  it('is what loads node:http, and not the package', () => {
    const program = `
      await import('qwebsockets');
      console.log(process.moduleLoadList.filter((name) => /NativeModule (?:http|http2)$/.test(name)).join());
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });

    expect(output.trim()).to.equal('');
  });
});
