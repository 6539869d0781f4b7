// A child process whose output is kept, for the server, the relay and nginx.

import { spawn } from 'node:child_process';
import { waitFor } from './wait.mjs';

const STOP_MS = 10_000;

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Process {
  #child;
  #output = '';
  exit;

  constructor(command, args, options = {}) {
    this.name = command.split('/').pop();
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(this.#child);
    const keep = (chunk) => (this.#output += chunk);
    this.#child.stdout.setEncoding('utf8').on('data', keep);
    this.#child.stderr.setEncoding('utf8').on('data', keep);
    this.exit = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#output += `${error.message}\n`;
        resolve({ code: -1, signal: null });
      });
      this.#child.on('close', (code, signal) => resolve({ code, signal }));
    }).then((result) => {
      running.delete(this.#child);
      this.ended = result;
      return result;
    });
  }

  get pid() {
    return this.#child.pid;
  }

  get output() {
    return this.#output;
  }

  /** Writes to its input, for those started with `stdio: 'pipe'`. */
  write(text) {
    this.#child.stdin.write(text);
  }

  /** Waits for a line that matches, and returns the match. */
  async line(pattern, within) {
    const match = () => this.#output.match(pattern);
    await waitFor(`"${pattern.source}" from ${this.name}`, () => match() || this.ended, {
      within,
      every: 20,
    }).catch((error) => {
      throw new Error(`${error.message}; its output:\n${this.#output}`);
    });
    if (match()) return match();
    throw new Error(`${this.name} ended with ${JSON.stringify(this.ended)}:\n${this.#output}`);
  }

  /** Ends its input; for those started with `stdio: 'pipe'`. */
  endInput() {
    this.#child.stdin.end();
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Ends it, the hard way when it does not end by itself. Returns `{code, signal}`. */
  async stop(signal = 'SIGTERM') {
    if (this.ended) return this.ended;
    this.#child.kill(signal);
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const result = await this.exit;
    clearTimeout(killer);
    return result;
  }
}
