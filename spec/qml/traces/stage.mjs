// Where a scenario is played: makes elements and writes down what they say, each on its own.
//
// A line is a signal with its arguments and the properties that have changed since the element
// spoke last. What happens within a call is indented under the call.

/**
 * `make(type, id, properties, listener)` makes an element that tells `listener` its signals, and
 * `destroy(element)` destroys one on a later turn.
 */
export function createStage(play, make, destroy) {
  const elements = new Map();
  const types = new Map();
  const lines = new Map();
  const seen = new Map();
  const ports = [];
  let peers = 0;
  let depth = 0;

  function write(id, line) {
    lines.get(id).push('  '.repeat(depth) + line);
  }

  function enter(type, id) {
    types.set(id, type);
    lines.set(id, []);
    seen.set(id, {});
  }

  function changes(id, element) {
    const before = seen.get(id);
    return play.properties[types.get(id)].map((name) => {
      const value = name === 'url' ? String(element.url) : element[name];
      // QML cannot read an element that is being destroyed.
      if (element[name] === undefined) return '';
      if (name === 'port' && value > 0 && !ports.includes(value)) ports.push(value);
      if (before[name] === value) return '';
      before[name] = value;
      return ` ${name}=${written(value)}`;
    });
  }

  function say(id, text, element) {
    write(id, text + changes(id, element).join(''));
  }

  function act(id, line, action) {
    write(id, line);
    depth++;
    const result = action();
    depth--;
    return result;
  }

  function hear(id, signal, args, element) {
    const isClient = signal === 'clientConnected';
    const carried = isClient ? 'peer' : args.map(written).join(', ');
    say(id, `${signal}(${carried})`, element);
    if (isClient) watch(`peer${++peers}`, args[0]);
  }

  function watch(id, element) {
    enter('WebSocket', id);
    elements.set(id, element);
    say(id, 'is', element);
    for (const name of play.signals.WebSocket) {
      element[name].connect((...args) => hear(id, name, args, element));
    }
  }

  function create(type, id, properties) {
    enter(type, id);
    const element = act(id, `new ${type}(${written(properties)})`, () =>
      make(type, id, properties, hear),
    );
    elements.set(id, element);
    say(id, 'is', element);
    return element;
  }

  return {
    client: (id, properties) => create('WebSocket', id, properties),
    server: (id, properties) => create('WebSocketServer', id, properties),
    find: (id) => elements.get(id),
    has: (id, signal) => lines.get(id).some((line) => line.trim().startsWith(`${signal}(`)),

    set(id, property, value) {
      act(id, `${property} = ${written(value)}`, () => {
        elements.get(id)[property] = value;
      });
    },

    send(id, method, data) {
      const sent = act(id, `${method}(${written(data)})`, () => elements.get(id)[method](data));
      write(id, `returns ${sent}`);
    },

    destroy(id) {
      const element = elements.get(id);
      elements.delete(id);
      act(id, 'destroy()', () => destroy(element));
    },

    turns() {
      let left = 20;
      return () => --left === 0;
    },

    /** The lines of every element, with names for the ports. */
    traces() {
      const named = (line) =>
        ports.reduce((text, port, index) => text.split(port).join(`PORT${index + 1}`), line);
      const result = {};
      for (const [id, said] of lines) result[id] = said.map(named);
      return result;
    },

    end() {
      for (const [id, element] of elements) if (!id.startsWith('peer')) destroy(element);
    },
  };
}

function written(value) {
  if (value instanceof ArrayBuffer) return `bytes ${Array.from(new Uint8Array(value)).join(' ')}`;
  return JSON.stringify(value);
}
