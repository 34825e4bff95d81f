import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one Unix-domain socket, with a short name: there is room for about 100 bytes. */
export class LocalPath {
  readonly #folder = mkdtempSync(join(tmpdir(), 'qws-'));
  /** The name for the socket; nobody has it yet. */
  readonly path: string = join(this.#folder, 's');

  /** Removes the folder. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Whether there are sockets in the file system. */
export const hasLocalSockets: boolean = process.platform !== 'win32';
