import { expect } from 'chai';
import { MqttClient, type IClientOptions } from 'mqtt';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { toDuplex } from '../../lib/node/to-duplex.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { describeWith } from '../support/describe-with.ts';
import { freePort } from '../support/ports.ts';
import { RunningProgram } from '../support/program-in-path.ts';

describe('MQTT.js over toDuplex()', () => {
  describeWith('mosquitto', 'apt-get install mosquitto', (path) => {
    let directory: string;
    let port: number;
    let broker: RunningProgram;
    let clients: MqttClient[];
    let sockets: QWebSocket[];

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'qwebsockets-'));
      port = await freePort();
      const lines = [
        'user root',
        // With WebSockets alone, 2.0 says that it cannot listen.
        `listener 0 ${join(directory, 'mqtt.sock')}`,
        `listener ${port} 127.0.0.1`,
        'protocol websockets',
        'allow_anonymous true',
        'persistence false',
        'log_type none',
      ];
      await writeFile(join(directory, 'mosquitto.conf'), `${lines.join('\n')}\n`);
      await startBroker();
      clients = [];
      sockets = [];
    });

    afterEach(async () => {
      for (const client of clients) client.end(true);
      await broker.stop();
      await rm(directory, { recursive: true });
    });

    async function startBroker(): Promise<void> {
      const file = join(directory, 'mosquitto.conf');
      broker = await RunningProgram.start(path, ['-c', file], port);
    }

    function newClient(options: IClientOptions = {}): MqttClient {
      const client = new MqttClient(
        () => {
          const socket = new QWebSocket();
          sockets.push(socket);
          const handshakeOptions = new QWebSocketHandshakeOptions();
          handshakeOptions.setSubprotocols(['mqtt']);
          socket.open(`ws://127.0.0.1:${port}/mqtt`, handshakeOptions);
          return toDuplex(socket);
        },
        { reconnectPeriod: 0, ...options },
      );
      clients.push(client);
      return client;
    }

    /** The next message that `client` gets. */
    function received(client: MqttClient): Promise<[topic: string, payload: Buffer]> {
      return new Promise((resolve) => {
        client.once('message', (topic, payload) => resolve([topic, payload]));
      });
    }

    /** The next time that `client` is connected, or is not any more. */
    function changed(client: MqttClient, event: 'connect' | 'close'): Promise<void> {
      return new Promise((resolve) => client.once(event, () => resolve()));
    }

    async function connected(options?: IClientOptions): Promise<MqttClient> {
      const client = newClient(options);
      await changed(client, 'connect');
      return client;
    }

    /**
     * A client that needs no WebSocket. To those that have one, mosquitto 2.0 sends about 40 KB a
     * second, whatever library they use.
     */
    async function connectedLocally(): Promise<MqttClient> {
      const client = new MqttClient(() => connect(join(directory, 'mqtt.sock')), {
        reconnectPeriod: 0,
      });
      clients.push(client);
      await changed(client, 'connect');
      return client;
    }

    for (const protocolVersion of [4, 5] as const) {
      for (const qos of [0, 1, 2] as const) {
        it(`publishes with MQTT ${protocolVersion} and QoS ${qos}`, async () => {
          const [one, other] = [
            await connected({ protocolVersion }),
            await connected({ protocolVersion }),
          ];
          expect(sockets[0]?.subprotocol()).to.equal('mqtt');
          await other.subscribeAsync('room/+', { qos });
          const message = received(other);
          await one.publishAsync('room/1', 'Hello', { qos });

          const [topic, payload] = await message;
          expect([topic, payload.toString()]).to.deep.equal(['room/1', 'Hello']);
        });
      }
    }

    it('carries 8 MiB in one packet', async () => {
      const [one, other] = [await connected(), await connectedLocally()];
      const content = randomBytes(8 * 1024 * 1024);
      await other.subscribeAsync('large');
      const message = received(other);
      await one.publishAsync('large', content, { qos: 1 });

      const [, payload] = await message;
      expect(payload.equals(content)).to.equal(true);
    });

    for (const [title, senderOf, receiverOf] of [
      ['sends', connected, connectedLocally],
      ['gets', connectedLocally, connected],
    ] as const) {
      it(`${title} 500 packets in their order`, async () => {
        const [one, other] = [await senderOf(), await receiverOf()];
        const numbers = Array.from({ length: 500 }, (_, i) => String(i));
        const got: string[] = [];
        await other.subscribeAsync('count', { qos: 1 });
        const all = new Promise<void>((resolve) => {
          other.on('message', (_, payload) => {
            if (got.push(payload.toString()) === numbers.length) resolve();
          });
        });
        await Promise.all(numbers.map((number) => one.publishAsync('count', number, { qos: 1 })));
        await all;

        expect(got).to.deep.equal(numbers);
      });
    }

    it('ends in order', async () => {
      const client = await connected();
      const errors: unknown[] = [];
      client.on('error', (error) => errors.push(error));
      await client.endAsync();

      expect(errors).to.deep.equal([]);
      expect(sockets[0]?.isValid()).to.equal(false);
    });

    it('says that the broker is gone, and comes back with it', async () => {
      const client = await connected({ reconnectPeriod: 20 });
      // While there is none, each attempt is refused.
      client.on('error', () => {});
      const closed = changed(client, 'close');
      await broker.stop();
      await closed;

      const back = changed(client, 'connect');
      await startBroker();
      await back;
      await client.publishAsync('again', 'Hello', { qos: 1 });
      expect(sockets.length).to.be.greaterThan(1);
    });
  });
});
