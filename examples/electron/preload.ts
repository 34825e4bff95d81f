import { contextBridge, ipcRenderer } from 'electron';
import { exposeBridge } from 'qwebsockets/electron/preload';

exposeBridge({ contextBridge, ipcRenderer });
