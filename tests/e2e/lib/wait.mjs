// Waiting for something to become true, with a limit. Tests wait with this and never just sleep.

import { setTimeout as delay } from 'node:timers/promises';

/** How long the slow things of a loaded two-core machine may take. */
export const PATIENCE_MS = 30_000;

/**
 * Calls `check` until it returns something truthy, and returns that. `check` may throw: the last
 * error is then part of the message when time is up. `what` completes "waited ... for".
 */
export async function waitFor(what, check, { within = PATIENCE_MS, every = 100 } = {}) {
  const end = Date.now() + within;
  let problem = '';
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
      problem =
        value === undefined || value === false || value === null
          ? ''
          : `last seen: ${String(value)}`;
    } catch (error) {
      problem = error.message;
    }
    if (Date.now() >= end) {
      throw new Error(`waited ${within} ms for ${what}${problem ? ` (${problem})` : ''}`);
    }
    await delay(every);
  }
}

/** Fails when `check` stops being truthy during `during` milliseconds. */
export async function staysTrue(what, check, { during, every = 100 }) {
  const end = Date.now() + during;
  while (Date.now() < end) {
    if (!(await check())) throw new Error(`expected for ${during} ms: ${what}`);
    await delay(every);
  }
}
