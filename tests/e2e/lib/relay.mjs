// The project's UDP relay between browsers and a media port of the server.

import { Process } from './process.mjs';
import { program } from './server.mjs';

/**
 * `impairments`: loss, reorder (percent), delay, jitter (ms), bandwidth (kbit/s), each way. They hold
 * until `lift` is called, and again after `impose`.
 */
export async function startRelay(s, targetPort, impairments) {
  const options = { seed: 1, ...impairments };
  const args = ['--listen', '127.0.0.1:0', '--target', `127.0.0.1:${targetPort}`];
  for (const [name, value] of Object.entries(options)) args.push(`--${name}`, String(value));
  const relay = new Process(program('sluice_relay'), args);
  s.ending(relay, () => relay.stop());
  const [, port] = await relay.line(/listening on .*:(\d+)/);
  return {
    port: Number(port),
    lift: () => relay.signal('SIGUSR1'),
    impose: () => relay.signal('SIGUSR2'),
    stop: () => relay.stop(),
    process: relay,
  };
}
