// The main process: Electron is started with this file.
import * as electron from 'electron';
import { startApplication } from './application.ts';

// Not with `await`: Electron is not ready before this module has been run.
startApplication(electron).catch((error: unknown) => {
  console.error(error);
  electron.app.exit(1);
});
