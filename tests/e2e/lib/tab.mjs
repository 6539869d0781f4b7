// What both browsers have in common: one tab, as the tests use it.

import { waitFor } from './wait.mjs';
import { installProbe } from './probe.mjs';

/**
 * A tab. The drivers make it from their page object, which both libraries give the same methods for
 * what is used here.
 */
export class Tab {
  /** Console errors and uncaught exceptions since the start; none is harmless by itself. */
  problems = [];
  #allowed = [];

  constructor(page, { label, close, crash }) {
    this.page = page;
    this.label = label;
    this.console = [];
    this.closed = false;
    this.close = async () => {
      if (this.closed) return;
      this.closed = true;
      await close();
    };
    /** Kills the tab's process; in Firefox the whole browser's. */
    this.crash = async () => {
      this.closed = true;
      await crash();
    };
    page.on('console', (message) => {
      const line = `${message.type()}: ${message.text()}`;
      this.console.push(line);
      if (message.type() === 'error') this.problems.push(line);
    });
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.message}`));
  }

  /** Says that console errors like this one belong to what the test does. */
  allow(...patterns) {
    this.#allowed.push(...patterns);
  }

  get unexpectedProblems() {
    return this.problems.filter((line) => !this.#allowed.some((pattern) => pattern.test(line)));
  }

  goto(url) {
    return this.page.goto(url, { waitUntil: 'load' });
  }

  reload() {
    return this.page.reload({ waitUntil: 'load' });
  }

  /** Runs a function in the page. */
  evaluate(fn, argument) {
    return this.page.evaluate(fn, argument);
  }

  /** Waits until a function gives something truthy in the page, and returns that. */
  until(what, fn, argument, options) {
    return waitFor(`${what} (${this.label})`, () => this.evaluate(fn, argument), options);
  }

  has(selector) {
    return this.evaluate((s) => document.querySelector(s) !== null, selector);
  }

  appears(selector, options) {
    return this.until(
      `${selector} to appear`,
      (s) => document.querySelector(s) !== null,
      selector,
      options,
    );
  }

  disappears(selector, options) {
    return this.until(
      `${selector} to go`,
      (s) => document.querySelector(s) === null,
      selector,
      options,
    );
  }

  /** Clicks as a user does; waits for the element. */
  async click(selector) {
    await this.appears(selector);
    await (await this.page.$(selector)).click();
  }

  async fill(selector, text) {
    await this.appears(selector);
    await this.evaluate((s) => {
      const field = document.querySelector(s);
      field.focus();
      field.select();
    }, selector);
    await this.page.keyboard.press('Backspace');
    await this.page.keyboard.type(text);
  }

  screenshot(path) {
    return this.page.screenshot({ path });
  }
}

export { installProbe };
