import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Nothing that it does on its own over the network, and nothing that it asks at first.
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
};

/**
 * Firefox without a window, with a profile of its own, as Debian has it.
 *
 * Nobody steers it: a page says by itself what it has found out.
 */
export class Firefox {
  readonly #profile = mkdtempSync(join(tmpdir(), 'qwebsockets-firefox-'));
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(url: string) {
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    writeFileSync(join(this.#profile, 'user.js'), lines.join('\n'));
    this.#process = spawn(
      process.env['FIREFOX'] ?? '/usr/bin/firefox-esr',
      ['--headless', '--no-remote', '--profile', this.#profile, url],
      { stdio: 'ignore', env: { ...process.env, HOME: this.#profile } },
    );
    this.#ended = once(this.#process, 'exit');
  }

  async close(): Promise<void> {
    this.#process.kill();
    await this.#ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
