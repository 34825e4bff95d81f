// For the pages: a WebSocket to where the page came from, which comes back whenever it was lost.
//
//   <span data-live="waiting" hidden>
//     <span data-live="countdown" class="faint" aria-hidden="true"></span>
//     <button data-live="reconnect" type="button">Reconnect now</button>
//   </span>
//   <p data-live="state" class="pill" role="status" data-state="connecting">Connecting</p>
import { BackOff } from './back-off.js';

const COUNTDOWN_INTERVAL = 100;

/** Keeps a connection, and shows its state in the elements above. */
export class LiveSocket {
  #url;
  #protocols;
  #slots;
  #elements;
  #backOff = new BackOff();
  #socket;
  #countdown;
  #nextAttempt = 0;

  /**
   * @param path where the server is, seen from the page
   * @param slots `opened()`, `received(data)` and `lost(event)`; binary data is an ArrayBuffer
   * @param options `protocols`, the subprotocols to ask for; `root`, what holds the elements
   */
  constructor(path, slots, { protocols = [], root = document } = {}) {
    this.#url = new URL(path, location.href);
    this.#url.protocol = this.#url.protocol.replace('http', 'ws');
    this.#protocols = protocols;
    this.#slots = slots;
    this.#elements = Object.fromEntries(
      ['state', 'waiting', 'countdown', 'reconnect'].map((name) => [
        name,
        root.querySelector(`[data-live=${name}]`),
      ]),
    );
    this.#elements.reconnect.addEventListener('click', () => this.#connect());
    addEventListener('online', () => {
      if (this.#socket.readyState === WebSocket.CLOSED) this.#connect();
    });
    this.#connect();
  }

  /**
   * Sends a message, unless there is no connection: what is told anew with each one is not lost.
   *
   * @returns whether there is a connection
   */
  send(data) {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  /** Goes on without waiting for a line that seems to be dead: its closing would take long. */
  giveUp() {
    this.#socket.close();
    this.#lose(this.#socket, new CloseEvent('close', { code: 1006 }));
  }

  #connect() {
    clearInterval(this.#countdown);
    this.#show('connecting', 'Connecting');
    const socket = new WebSocket(this.#url, this.#protocols);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('open', () => this.#open(socket));
    socket.addEventListener('message', ({ data }) => this.#receive(socket, data));
    socket.addEventListener('close', (event) => this.#lose(socket, event));
  }

  #open(socket) {
    if (socket !== this.#socket) return;
    this.#show('open', 'Live');
    this.#slots.opened?.();
  }

  #receive(socket, data) {
    if (socket !== this.#socket) return;
    // A server that accepts and closes at once has not let anyone in.
    this.#backOff.succeed();
    this.#slots.received(data);
  }

  #lose(socket, event) {
    if (socket !== this.#socket || this.#elements.state.dataset.state === 'closed') return;
    this.#show('closed', 'Disconnected');
    this.#nextAttempt = performance.now() + this.#backOff.next();
    this.#countdown = setInterval(() => this.#count(), COUNTDOWN_INTERVAL);
    this.#count();
    this.#slots.lost?.(event);
  }

  #count() {
    const left = this.#nextAttempt - performance.now();
    this.#elements.countdown.textContent = `Next attempt in ${Math.max(Math.ceil(left / 1000), 0)} s`;
    if (left <= 0) this.#connect();
  }

  #show(state, text) {
    this.#elements.state.dataset.state = state;
    this.#elements.state.textContent = text;
    this.#elements.waiting.hidden = state !== 'closed';
  }
}
