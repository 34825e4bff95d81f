import { QHostAddress, QWebSocketServer } from '../../../lib/index.ts';
import { QWebChannel } from '../../../lib/webchannel/qwebchannel.ts';
import { WebSocketClientWrapper } from '../../../lib/webchannel/websocket-client-wrapper.ts';
import { Chat, chat, Room, room } from './chat.ts';

/** A channel with a {@link Chat} on a server of ours. */
export class OurHost {
  readonly chat: Chat = new Chat();
  readonly channel: QWebChannel = new QWebChannel();
  readonly server: QWebSocketServer = new QWebSocketServer('Chat');
  readonly url: string;

  constructor() {
    this.channel.registerType(Room, room);
    this.channel.registerObject('chat', this.chat, chat);
    const clients = new WebSocketClientWrapper(this.server, this.server);
    clients.clientConnected.connect(this.channel, this.channel.connectTo);
    if (!this.server.listen(QHostAddress.LocalHost)) throw new Error(this.server.errorString());
    this.url = this.server.serverUrl().toString();
  }

  stop(): void {
    this.server[Symbol.dispose]();
    this.channel[Symbol.dispose]();
  }
}
