// A host of executor plugins, written from the pages of the protocol of v4 alone. It starts a plugin, has it execute a job, and
// prints what went over the wire, one line each: who sent it, what it is, and its bytes.
//
//	node host.js PLUGIN JOB KEY=VALUE...
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { field, message, map, framed, onMessages, serve, connect, open, call } = require('./wire.js');

const [binary, job, ...pairs] = process.argv.slice(2);
const config = Object.fromEntries(pairs.map((p) => p.split(/=(.*)/s, 2)));
const say = (...words) => console.log(words.join(' '));
const hex = (bytes) => framed(bytes).toString('hex');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'host'));
const socket = path.join(dir, 'status');
const plugin = spawn(binary, [], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    PATH: process.env.PATH,
    DKRON_PLUGIN_MAGIC_COOKIE: 'b29a76488b6f3ca7955c5f769b50641f0fcd88748d8cedecda313d516320ca19',
    PLUGIN_MIN_PORT: '10000',
    PLUGIN_MAX_PORT: '25000',
    PLUGIN_PROTOCOL_VERSIONS: '1',
  },
});
const ended = new Promise((resolve) => plugin.on('exit', (code, signal) => resolve(signal ?? code)));
process.on('exit', () => {
  plugin.kill('SIGKILL');
  fs.rmSync(dir, { recursive: true, force: true });
});

async function line() {
  let text = '';
  for await (const chunk of plugin.stdout) {
    text += chunk;
    if (text.includes('\n')) return text.split('\n')[0];
  }
  throw new Error('no handshake');
}

async function main() {
  const handshake = await line();
  const [core, app, network, address, protocol] = handshake.split('|');
  say('plugin', 'handshake', handshake.replace(address, 'SOCKET'));
  if (core !== '1' || app !== '1' || protocol !== 'grpc') throw new Error('an unknown protocol');
  const session = connect(network, address);
  say('plugin', 'Health', hex(await call(session, '/grpc.health.v1.Health/Check', message(field(1, 'plugin')))));

  const status = serve({
    '/types.v1.StatusHelperService/Update': (bytes) => {
      say('plugin', 'Update', hex(bytes));
      return message(); // r is 0
    },
  });
  await new Promise((resolve) => status.listen(socket, resolve));
  const broker = open(session, '/plugin.GRPCBroker/StartStream');
  onMessages(broker, () => {});
  broker.write(framed(message(field(1, 1), field(2, 'unix'), field(3, socket))));

  const request = message(field(1, job), map(2, config), field(3, 1));
  say('host', 'Execute', hex(request));
  say('plugin', 'Executed', hex(await call(session, '/types.v1.ExecutorService/Execute', request)));
  await call(session, '/plugin.GRPCController/Shutdown', message()).catch(() => {}); // it may end before it has answered
  say('plugin', 'ended', await ended);
}

main().then(
  () => process.exit(0),
  (err) => {
    console.error(err.message);
    process.exit(1);
  },
);
