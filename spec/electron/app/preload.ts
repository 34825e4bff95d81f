// The preload script of the scenarios; see scenarios.ts.
import { contextBridge, ipcRenderer } from 'electron';
import { exposeBridge } from '../../../lib/electron/expose-bridge.ts';

exposeBridge({ contextBridge, ipcRenderer });
contextBridge.exposeInMainWorld('outside', {
  startPeer: (): Promise<unknown> => ipcRenderer.invoke('startPeer'),
  stopPeer: (url: string): Promise<unknown> => ipcRenderer.invoke('stopPeer', url),
  report: (outcome: unknown): Promise<unknown> => ipcRenderer.invoke('report', outcome),
});
