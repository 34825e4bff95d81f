import { expect } from 'chai';
import {
  BrokerServer,
  NATS,
  REDIS,
  secureNats,
  secureRedis,
  type BrokerKind,
} from '../brokers/support/broker-server.ts';
import { ChildProgram } from '../support/child-program.ts';
import { describeWith } from '../support/describe-with.ts';

const AUTHORITY = 'spec/oracle/certs/ca.crt';

const remedy = 'npm run test:runtimes';

describeWith('node', remedy, () => itHasBrokers(process.execPath));
describeWith('deno', remedy, () => itHasBrokers('deno', 'run', '-A'));
describeWith('bun', remedy, () => itHasBrokers('bun'));

function itHasBrokers(...command: [string, ...string[]]): void {
  for (const kind of [NATS, REDIS, secureNats(), secureRedis()]) {
    describeWith(kind.program, `apt-get install ${kind.program}`, () => itHasBroker(kind, command));
  }
}

function itHasBroker(kind: BrokerKind, command: [string, ...string[]]): void {
  const isSecure = kind.scheme === 'tls' || kind.scheme === 'rediss';
  let broker: BrokerServer;

  beforeEach(async () => {
    broker = await BrokerServer.start(kind);
  });

  afterEach(async () => {
    ChildProgram.killAll();
    await BrokerServer.killAll();
  });

  function run(...args: string[]): ChildProgram {
    return new ChildProgram('../spec/runtimes/brokers.mjs', args, process.env, command);
  }

  it(`shares topics over ${kind.scheme}://, also after a loss`, async () => {
    const program = run(broker.url, ...(isSecure ? [AUTHORITY] : []));

    await program.prints(/values/);
    await broker.kill();
    await program.prints(/away/);
    await broker.start();

    expect(await program.ended).to.include({ code: 0, stdout: 'values\naway\nback\nleft\n' });
  });

  if (isSecure) {
    it(`refuses an authority over ${kind.scheme}:// that it does not know`, async () => {
      const { code, stderr } = await run(broker.url).ended;

      expect(code).not.to.equal(0);
      expect(stderr).to.match(/cannot be used: .*certificate/);
    });
  }
}
