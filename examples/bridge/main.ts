import { CommandLine, wholeNumber } from '../support/command-line.ts';
import { createPageServer } from '../support/page-server.ts';
import { PROMETHEUS_TYPE, prometheusText, type Metered } from '../support/prometheus.ts';
import { numberOption, runWebProgram, webOptions } from '../support/web-program.ts';
import { Channel } from './channel.ts';
import { PollUpstream } from './poll-upstream.ts';
import { TcpUpstream } from './tcp-upstream.ts';
import { Thermostat } from './thermostat.ts';

const parser = new CommandLine(
  'bridge',
  'Passes the news of a service that knows no WebSockets on to pages and programs that do. ' +
    'Without --tcp and --poll it shows that with a service of its own.',
  {
    ...webOptions,
    tcp: { value: 'host:port', help: 'A service that speaks in lines over TCP, for /tcp.' },
    'two-way': { help: 'What clients of /tcp send goes to the service, each as a line.' },
    poll: { value: 'url', help: 'A resource to ask for over HTTP, for /poll.' },
    interval: {
      value: 'ms',
      help: 'Milliseconds between two requests for it [default: 1000].',
      default: '1000',
    },
  },
).process();

const channels: Channel[] = [];
let thermostat: Thermostat | undefined;

if (parser.isSet('tcp')) channels.push(tcpChannel(parser.value('tcp')));
if (parser.isSet('poll')) channels.push(pollChannel(parser.value('poll')));
if (channels.length === 0) {
  thermostat = new Thermostat();
  const port = await thermostat.start();
  channels.push(new Channel('/tcp', new TcpUpstream('127.0.0.1', port), true));
}

const list = channels.map(({ path, name, isTwoWay }) => ({ path, name, isTwoWay }));
const http = createPageServer({ '/': 'index.html' }, import.meta.url, {
  '/channels.json': { type: 'application/json', body: JSON.stringify(list) },
  '/metrics': () => ({ type: PROMETHEUS_TYPE, body: prometheusText(channels.map(metered)) }),
});
runWebProgram(parser, {
  title: 'Bridge',
  http,
  start: () => {
    for (const channel of channels) channel.start(http, (line) => console.error(`bridge: ${line}`));
  },
  shutDown: async () => {
    await Promise.all(channels.map((channel) => channel.shutDown()));
    thermostat?.stop();
  },
});

function metered(channel: Channel): Metered {
  return { labels: { path: channel.path }, statistics: channel.statistics() };
}

function tcpChannel(place: string): Channel {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(place) ?? [];
  const host = bracketed ?? plain;
  const port = wholeNumber(digits, 1, 65_535);
  if (host === undefined || port === undefined) {
    return parser.fail(`"${place}" is no host:port, such as localhost:7000 or [::1]:7000.`);
  }
  return new Channel('/tcp', new TcpUpstream(host, port), parser.isSet('two-way'));
}

function pollChannel(url: string): Channel {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    return parser.fail(`"${url}" is no http:// or https:// URL.`);
  }
  // fetch() refuses them anyway, with a message that quotes them.
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') {
    return parser.fail('The URL of --poll cannot have a user or a password.');
  }
  const interval = numberOption(parser, 'interval', 10, 86_400_000)!;
  return new Channel('/poll', new PollUpstream(url, interval), false);
}
