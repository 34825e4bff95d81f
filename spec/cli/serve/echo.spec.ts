import { expect } from 'chai';
import { createServer } from 'node:net';
import { Peer } from '../../examples/support/peer.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { Qws } from '../support/qws.ts';

describe('qws echo', function () {
  this.timeout(60_000);

  afterEach(() => {
    Peer.killAll();
    Qws.killAll();
  });

  it('sends texts and bytes back', async () => {
    const { url } = await Qws.serve('echo');
    const peer = await Peer.connect(url);
    const bytes = Buffer.from([0, 127, 255]);

    peer.send('Hällo');
    peer.send(bytes);

    expect([await peer.next(), await peer.next()]).to.deep.equal(['Hällo', bytes]);
  });

  it('listens on 127.0.0.1 alone unless it is told another address', async () => {
    const { url } = await Qws.serve('echo');

    expect(url).to.match(/^ws:\/\/127\.0\.0\.1:\d+$/);
  });

  it('keeps foreign pages out, as the library does', async () => {
    const { url } = await Qws.serve('echo');

    const refusal = await Peer.connect(url, 'https://evil.example').catch(String);

    expect(refusal).to.include('403');
  });

  it('lets in the pages that it is told to, and no others', async () => {
    const { url } = await Qws.serve('echo', '--allow-origin', 'https://app.example');

    const peer = await Peer.connect(url, 'https://app.example');
    const refusal = await Peer.connect(url, 'http://localhost').catch(String);

    peer.send('here');
    expect(await peer.next()).to.equal('here');
    expect(refusal).to.include('403');
  });

  it('closes a client that sends more than --max-message', async () => {
    const { url } = await Qws.serve('echo', '--max-message', '4');
    const peer = await Peer.connect(url);

    peer.send('12345');

    expect((await peer.closed)[0]).to.equal(1009);
  });

  it('refuses more clients than --max-connections', async () => {
    const { url } = await Qws.serve('echo', '--max-connections', '1');
    await Peer.connect(url);

    expect(await Peer.connect(url).catch(String)).to.include('503');
  });

  it('tells who comes and goes with --verbose, with nothing that a terminal would obey', async () => {
    const { qws, url } = await Qws.serve('echo', '--verbose');
    const peer = await Peer.connect(`${url}/a%1bb?token=s3cret`);
    await qws.prints(/connected: 127\.0\.0\.1 port \d+, \/a.*b\n/);

    peer.socket.close(4000, '\x1b[2J');
    await qws.prints(/disconnected: 127\.0\.0\.1 port \d+, 4000 \\x1b\[2J\n/);

    qws.signal('SIGTERM');
    const { stderr } = await qws.ended;
    expect(stderr.replaceAll('\n', '')).to.not.match(/s3cret|\p{Cc}/u);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`leaves its clients with 1001 and ends with 0 on ${signal}`, async () => {
      const { qws, url } = await Qws.serve('echo');
      const peer = await Peer.connect(url);

      qws.signal(signal);

      expect(await peer.closed).to.deep.equal([1001, 'The server is shutting down.']);
      expect((await qws.ended).code).to.equal(0);
    });
  }

  it('ends with 1 and says why when the port is taken', async () => {
    const other = createServer();
    const port = await listenOnLoopback(other);

    const { code, stdout, stderr } = await new Qws(['echo', '--port', `${port}`]).ended;

    other.close();
    expect([code, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.match(/^error: .*EADDRINUSE/);
  });

  it('speaks TLS with a certificate and its key', async () => {
    const certs = 'spec/oracle/certs';
    const { url } = await Qws.serve(
      'echo',
      '--cert',
      `${certs}/server.crt`,
      '--key',
      `${certs}/server.key`,
    );
    expect(url).to.match(/^wss:/);

    const client = new Qws(['connect', url, '--ca', `${certs}/ca.crt`, '--wait', '0']);
    client.type('hi\n');
    await client.prints(/^hi\n/);
    client.type();

    expect(await client.ended).to.deep.equal({ code: 0, stdout: 'hi\n', stderr: '' });
  });

  it('does not start with a key that is not that of the certificate', async () => {
    const certs = 'spec/oracle/certs';
    const { code, stderr } = await new Qws([
      'echo',
      '--cert',
      `${certs}/server.crt`,
      '--key',
      `${certs}/client.key`,
    ]).ended;

    expect(code).to.equal(1);
    expect(stderr).to.match(/^error: .*TLS.*key/i);
  });
});
