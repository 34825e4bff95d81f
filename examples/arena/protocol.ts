// The messages of the arena: all binary, numbers big-endian. The page runs this file as well.
//
//   Steer     client → server   1   x: i8   y: i8
//   Welcome   server → client   16  player: u8   width: u16   height: u16   interval: u8
//   Snapshot  server → client   17  tick: u32   players: u8   gems: u8
//                                   players × (id: u8   x: u16   y: u16   score: u16)
//                                   gems × (x: u16   y: u16)
//
// Steering goes from -127 to 127 in each direction; -128 means nothing. Places are in 1/32 of a
// unit, measured from the upper left corner.

/** Where a player wants to go: its share of the full speed to the right and down, -1 to 1. */
export interface Steering {
  readonly x: number;
  readonly y: number;
}

/** What the server says first. */
export interface Welcome {
  readonly type: 'welcome';
  /** The id of the player that the connection is. */
  readonly player: number;
  readonly width: number;
  readonly height: number;
  /** Milliseconds between two ticks. */
  readonly interval: number;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Player extends Place {
  /** From 1 to 255. */
  readonly id: number;
  readonly score: number;
}

/** All there is to see at one tick. */
export interface Snapshot {
  readonly type: 'snapshot';
  readonly tick: number;
  readonly players: readonly Player[];
  readonly gems: readonly Place[];
}

/** No client has anything longer to say, in bytes. */
export const STEER_LENGTH = 3;

const STEER = 1;
const WELCOME = 16;
const SNAPSHOT = 17;

const WELCOME_LENGTH = 7;
const HEAD_LENGTH = 7;
const PLAYER_LENGTH = 7;
const GEM_LENGTH = 4;

const FULL_SPEED = 127;
const STEPS_PER_UNIT = 32;

export function writeSteer({ x, y }: Steering): Uint8Array {
  const view = new DataView(new ArrayBuffer(STEER_LENGTH));
  view.setUint8(0, STEER);
  view.setInt8(1, Math.round(clamp(x, -1, 1) * FULL_SPEED));
  view.setInt8(2, Math.round(clamp(y, -1, 1) * FULL_SPEED));
  return new Uint8Array(view.buffer);
}

/** Reads a client's message; undefined when it is none. */
export function readSteer(bytes: Uint8Array): Steering | undefined {
  const view = viewOf(bytes);
  if (bytes.length !== STEER_LENGTH || view.getUint8(0) !== STEER) return undefined;
  const [x, y] = [view.getInt8(1), view.getInt8(2)];
  if (x < -FULL_SPEED || y < -FULL_SPEED) return undefined;
  return { x: x / FULL_SPEED, y: y / FULL_SPEED };
}

export function writeWelcome({ player, width, height, interval }: Omit<Welcome, 'type'>) {
  const view = new DataView(new ArrayBuffer(WELCOME_LENGTH));
  view.setUint8(0, WELCOME);
  view.setUint8(1, player);
  view.setUint16(2, width);
  view.setUint16(4, height);
  view.setUint8(6, interval);
  return new Uint8Array(view.buffer);
}

export function writeSnapshot({ tick, players, gems }: Omit<Snapshot, 'type'>): Uint8Array {
  const length = HEAD_LENGTH + players.length * PLAYER_LENGTH + gems.length * GEM_LENGTH;
  const view = new DataView(new ArrayBuffer(length));
  view.setUint8(0, SNAPSHOT);
  view.setUint32(1, tick);
  view.setUint8(5, players.length);
  view.setUint8(6, gems.length);
  let at = HEAD_LENGTH;
  for (const { id, x, y, score } of players) {
    view.setUint8(at, id);
    setPlace(view, at + 1, { x, y });
    view.setUint16(at + 5, score);
    at += PLAYER_LENGTH;
  }
  for (const gem of gems) {
    setPlace(view, at, gem);
    at += GEM_LENGTH;
  }
  return new Uint8Array(view.buffer);
}

/** Reads a server's message; undefined when it is none. */
export function readServerMessage(bytes: Uint8Array): Welcome | Snapshot | undefined {
  if (bytes[0] === WELCOME && bytes.length === WELCOME_LENGTH) return readWelcome(viewOf(bytes));
  if (bytes[0] === SNAPSHOT && bytes.length >= HEAD_LENGTH) return readSnapshot(viewOf(bytes));
  return undefined;
}

function readWelcome(view: DataView): Welcome {
  return {
    type: 'welcome',
    player: view.getUint8(1),
    width: view.getUint16(2),
    height: view.getUint16(4),
    interval: view.getUint8(6),
  };
}

function readSnapshot(view: DataView): Snapshot | undefined {
  const [playerCount, gemCount] = [view.getUint8(5), view.getUint8(6)];
  const gemsAt = HEAD_LENGTH + playerCount * PLAYER_LENGTH;
  if (view.byteLength !== gemsAt + gemCount * GEM_LENGTH) return undefined;

  const players = Array.from({ length: playerCount }, (_, index) => {
    const at = HEAD_LENGTH + index * PLAYER_LENGTH;
    return { id: view.getUint8(at), ...getPlace(view, at + 1), score: view.getUint16(at + 5) };
  });
  const gems = Array.from({ length: gemCount }, (_, index) =>
    getPlace(view, gemsAt + index * GEM_LENGTH),
  );
  return { type: 'snapshot', tick: view.getUint32(1), players, gems };
}

function setPlace(view: DataView, at: number, { x, y }: Place): void {
  view.setUint16(at, Math.round(x * STEPS_PER_UNIT));
  view.setUint16(at + 2, Math.round(y * STEPS_PER_UNIT));
}

function getPlace(view: DataView, at: number): Place {
  return { x: view.getUint16(at) / STEPS_PER_UNIT, y: view.getUint16(at + 2) / STEPS_PER_UNIT };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
