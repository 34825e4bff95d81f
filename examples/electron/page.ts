import { QWebSocket, Reconnector, SocketState } from 'qwebsockets/electron/renderer';

/** As much of the page as is used; the types of the DOM are not for programs that run in Node. */
interface Field {
  value: string;
  textContent: string;
  className: string;
  disabled: boolean;
  content: string;
  scrollTop: number;
  readonly scrollHeight: number;
  readonly childElementCount: number;
  readonly firstChild: { remove(): void };
  readonly dataset: Record<string, string>;
  append(child: Field): void;
  addEventListener(type: 'submit', listener: (event: { preventDefault(): void }) => void): void;
}

interface Page {
  readonly document: { getElementById(id: string): Field; createElement(name: string): Field };
}

const LONGEST_LOG = 1000;

const { document } = globalThis as unknown as Page;
const [state, log, form, text, send] = ['state', 'log', 'form', 'text', 'send'].map((id) =>
  document.getElementById(id),
) as [Field, Field, Field, Field, Field];
const roomUrl = document.getElementById('room').content;

const socket = new QWebSocket();
socket.stateChanged.connect(() => showState());
socket.textMessageReceived.connect((message) => say(message, 'message'));
socket.errorOccurred.connect(() => say(socket.errorString(), 'error'));
const reconnector = new Reconnector(socket);
reconnector.gaveUp.connect((reason) => say(`There is no way back: ${reason}`, 'error'));
socket.open(roomUrl);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (text.value === '' || socket.sendTextMessage(text.value) === 0) return;
  text.value = '';
});

function showState(): void {
  const isOpen = socket.state() === SocketState.ConnectedState;
  const isConnecting = socket.state() === SocketState.ConnectingState;
  state.dataset['state'] = isOpen ? 'open' : isConnecting ? 'connecting' : 'closed';
  state.textContent = isOpen ? 'Open' : isConnecting ? 'Connecting' : 'Closed';
  send.disabled = !isOpen;
}

function say(words: string, kind: 'message' | 'error'): void {
  const line = document.createElement('div');
  line.className = kind;
  line.textContent = words;
  log.append(line);
  if (log.childElementCount > LONGEST_LOG) log.firstChild.remove();
  log.scrollTop = log.scrollHeight;
}
