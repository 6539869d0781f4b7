// One browser test: gives it servers, tabs and whatever else it needs, ends all of that afterwards,
// fails on console errors that the test did not announce, and on failure shows what was going on.

import { mkdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchChromium } from './chromium.mjs';
import { launchFirefox } from './firefox.mjs';
import { startPageServer } from './page_server.mjs';
import { startServer } from './server.mjs';

const LIMIT_MS = 180_000;
const LOG_LINES = 60;
const FAILURES = fileURLToPath(new URL('../dist/failures/', import.meta.url));

// One browser of each kind serves all tests of a file; it starts with the first that wants it.
const launchers = { chromium: launchChromium, firefox: launchFirefox };
const browsers = new Map();
let pages;

function browser(name) {
  if (!browsers.has(name)) browsers.set(name, launchers[name]());
  return browsers.get(name);
}

after(async () => {
  for (const launched of browsers.values()) await (await launched.catch(() => undefined))?.close();
});

/** Registers a test. `body` gets a Scenario. */
export function scenario(name, body, options = {}) {
  test(name, { timeout: LIMIT_MS, ...options }, async () => {
    const running = new Scenario(name);
    try {
      await body(running);
      running.checkConsoles();
      await running.checkServers();
    } catch (error) {
      await running.report();
      throw error;
    } finally {
      await running.end();
    }
  });
}

class Scenario {
  #name;
  #ends = [];
  #tabs = [];
  #servers = [];

  constructor(name) {
    this.#name = name;
  }

  /** Runs `end` when the test is over, in reverse order. Returns `value`. */
  ending(value, end) {
    this.#ends.push(end);
    return value;
  }

  async server(options) {
    const server = await startServer(options);
    this.#servers.push(server);
    return this.ending(server, () => server.stop());
  }

  /**
   * A browser of this test alone. `devices`: "fake" ones as everywhere, "refused" by the user, or
   * "none" in the computer.
   */
  async launch(kind, options) {
    const launched = await launchers[kind](options);
    return this.ending(launched, () => launched.close());
  }

  /** `kind`: a browser's name, or a browser. */
  async tab(kind, options = {}) {
    const launched = typeof kind === 'string' ? await browser(kind) : kind;
    const tab = await launched.open({ ...options, label: options.label ?? launched.name });
    this.#tabs.push(tab);
    return this.ending(tab, () => tab.close());
  }

  /** URL of the test page. */
  async page(client) {
    pages ??= startPageServer();
    return `${await pages}?client=${client}`;
  }

  checkConsoles() {
    for (const tab of this.#tabs) {
      const problems = tab.unexpectedProblems;
      if (problems.length) throw new Error(`console of ${tab.label}:\n${problems.join('\n')}`);
    }
  }

  async checkServers() {
    for (const server of this.#servers) {
      if (server.died) throw new Error('the server died');
      if (!server.running) continue;
      const { code, signal } = await server.end();
      if (code !== 0) throw new Error(`the server ended with ${signal ?? `exit code ${code}`}`);
    }
  }

  async report() {
    const lines = [`--- ${this.#name}`];
    for (const server of this.#servers) {
      lines.push('--- server', ...server.output.trimEnd().split('\n').slice(-LOG_LINES));
    }
    mkdirSync(FAILURES, { recursive: true });
    for (const tab of this.#tabs) {
      lines.push(`--- ${tab.label}`, ...tab.console.slice(-LOG_LINES), ...tab.problems);
      if (tab.closed) continue;
      const state = await tab
        .evaluate(() => window.client?.summary())
        .catch((error) => error.message);
      if (state) lines.push(state);
      const file = `${FAILURES}${this.#name} ${tab.label}.png`.replace(/[^\w./-]+/g, '_');
      await tab.screenshot(file).then(
        () => lines.push(file),
        () => undefined,
      );
    }
    console.error(lines.join('\n'));
  }

  async end() {
    for (const end of this.#ends.reverse()) {
      await Promise.resolve(end()).catch((error) => console.error(`clean-up: ${error.message}`));
    }
  }
}
