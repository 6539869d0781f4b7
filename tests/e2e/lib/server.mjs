// The server under test, of the release build or of that which SLUICE_BINARY lies in.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Process } from './process.mjs';

/** The path of one of the programs of the build under test. */
export function program(name) {
  const server =
    process.env.SLUICE_BINARY ??
    fileURLToPath(new URL('../../../build/release/sluice', import.meta.url));
  const path = name === 'sluice' ? server : join(dirname(server), name);
  if (!existsSync(path)) throw new Error(`${path} is missing: build the target ${name}`);
  return path;
}

const START_MS = 20_000;

/** Both lines that tell the port: the drop-in mode's (foundryvtt 3.6) and the URL to open. */
const READY = /(?:server listening on |https?:\/\/)\S*?:(\d+)/;

/**
 * Starts a server on loopback and on any free port. `dialect`: the drop-in mode of that name, or the
 * whole server when there is none. `host`: where to listen. `env`: more variables. `bare`: only these
 * variables. `dotEnv`: text of a file `.env` in its directory. `inside`: command line prefix that runs
 * it elsewhere.
 */
export async function startServer(options = {}) {
  const server = new Server(options);
  await server.start();
  return server;
}

class Server {
  #options;
  #directory = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
  #process;
  #earlier = '';
  #asked = false;
  port = 0;

  constructor({
    dialect,
    host = '127.0.0.1',
    env = {},
    bare = false,
    dotEnv = undefined,
    inside = [],
  }) {
    this.host = host;
    this.#options = { dialect, env, bare, inside };
    if (dotEnv !== undefined) writeFileSync(join(this.#directory, '.env'), dotEnv);
  }

  async start() {
    const { dialect, env, bare, inside } = this.#options;
    const [command, ...args] = [...inside, program('sluice'), 'serve', ...(dialect ? [dialect] : [])];
    this.#process = new Process(command, args, {
      // An empty directory: no .env and no configuration file of the developer's.
      cwd: this.#directory,
      env: {
        PATH: process.env.PATH,
        ...pick(process.env, /^(ASAN|UBSAN|TSAN|LSAN)_OPTIONS$/),
        ...(bare ? {} : this.#ownVariables()),
        ...env,
      },
    });
    this.#asked = false;
    const [, port] = await this.#process.line(READY, START_MS);
    this.port = Number(port);
  }

  #ownVariables() {
    return {
      SLUICE_HTTP_HOST: this.host,
      SLUICE_HTTP_PORT: String(this.port),
      MEDIASOUP_LISTEN_ADDR: `${this.host}:${this.port}`,
      // A restart must not wait for the players to go.
      SLUICE_SHUTDOWN_DRAIN_SECONDS: '0',
    };
  }

  /** Of the process that the command line prefix, if any, has become. */
  get pid() {
    return this.#process.pid;
  }

  /** Ends it and starts another on the same port. */
  async restart(signal = 'SIGTERM') {
    await this.end(signal);
    await this.start();
  }

  /** Ends the process; the port stays this server's own. */
  async end(signal = 'SIGTERM') {
    this.#asked = this.running;
    const result = await this.#process.stop(signal);
    this.#earlier += `${this.#process.output}--- ended: ${JSON.stringify(result)}\n`;
    return result;
  }

  get output() {
    return this.#earlier + (this.#process.ended ? '' : this.#process.output);
  }

  get running() {
    return !this.#process.ended;
  }

  /** It ended without being asked to. */
  get died() {
    return !this.running && !this.#asked;
  }

  /** Of the page or of `GET` requests. */
  get url() {
    return `http://${this.host}:${this.port}/`;
  }

  /** Of the WebSocket; `query` e.g. `{room: 'a'}`. */
  ws(query = {}, { host = this.host, port = this.port } = {}) {
    const path = this.#options.dialect ? '/' : '/foundry';
    const url = new URL(`ws://${host}:${port}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.toString();
  }

  /** Ends it for good. Returns `{code, signal}`. */
  async stop() {
    const result = await this.#process.stop();
    rmSync(this.#directory, { recursive: true, force: true });
    return result;
  }
}

function pick(object, pattern) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => pattern.test(name)));
}
