// Assertions about what a page plays: pictures decoded at the right rate and size, sound with energy.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CAMERA } from './browser.mjs';
import { PATIENCE_MS, waitFor } from './wait.mjs';

const sample = (tab, selector) => tab.evaluate((s) => window.probe.inbound(s), selector);

/** A continuous tone or beep of the fake devices is far above this, coded silence far below. */
const AUDIBLE_ENERGY = 1e-4;

/**
 * Waits until the video element shows decoded frames of the right size, or of one of `sizes`, at `fps`
 * or more over a whole window of `over` milliseconds. Returns the rate.
 */
export async function showsVideo(
  tab,
  selector,
  {
    width = CAMERA.width,
    height = CAMERA.height,
    sizes = [{ width, height }],
    fps = 10,
    over = 2000,
    within = PATIENCE_MS,
  } = {},
) {
  const samples = [];
  let rate = 0;
  let last = null;
  const expected = sizes.map((size) => `${size.width}x${size.height}`).join(' or ');
  return waitFor(
    `${expected} at ${fps} frames/s or more in ${selector} (${tab.label})`,
    async () => {
      last = await sample(tab, selector);
      if (!last || (samples.length && last.frames < samples.at(-1).frames)) samples.length = 0;
      if (!last) throw new Error('nothing plays there');
      samples.push(last);
      const first = samples.findLast((s) => last.at - s.at >= over);
      rate = first ? ((last.frames - first.frames) * 1000) / (last.at - first.at) : 0;
      const fits = sizes.some((size) => size.width === last.width && size.height === last.height);
      if (rate < fps || !fits || !last.playing) {
        throw new Error(
          `last seen: ${last.width}x${last.height}, ${rate.toFixed(1)} frames/s, ` +
            `${last.frames} frames, ${last.packets} packets, ${last.lost} lost`,
        );
      }
      return rate;
    },
    { within, every: 250 },
  );
}

/** Waits until sound, not silence, comes out of the audio element. */
export async function hearsAudio(tab, selector, { within = PATIENCE_MS } = {}) {
  let first;
  return waitFor(
    `sound in ${selector} (${tab.label})`,
    async () => {
      const now = await sample(tab, selector);
      if (!now) throw new Error('nothing plays there');
      if (!first || now.energy < first.energy) first = now;
      const gained = now.energy - first.energy;
      if (gained < AUDIBLE_ENERGY || !now.playing) {
        throw new Error(`energy gained: ${gained}, ${now.packets} packets`);
      }
      return gained;
    },
    { within, every: 250 },
  );
}

/** Waits until `field` (frames or packets) does not change for `quiet` milliseconds. */
export async function stops(tab, selector, field, { quiet, within }) {
  let last;
  let since = 0;
  await waitFor(
    `${field} of ${selector} to stop (${tab.label})`,
    async () => {
      const now = await sample(tab, selector);
      if (!now) throw new Error('nothing plays there');
      if (!last || now[field] !== last[field]) {
        last = now;
        since = now.at;
      }
      return now.at - since >= quiet;
    },
    { within: within + quiet, every: 50 },
  );
}

/** Waits until `field` grows, and by how much is at least `by`. */
export async function grows(tab, selector, field, { by = 1, within }) {
  const first = await sample(tab, selector);
  assert.ok(first, `nothing plays in ${selector} (${tab.label})`);
  await waitFor(
    `${field} of ${selector} to grow (${tab.label})`,
    async () => (await sample(tab, selector))[field] - first[field] >= by,
    { within, every: 50 },
  );
}

const pairsOf = (people) =>
  people.flatMap((one) => people.filter((other) => other !== one).map((other) => [one, other]));

/** Waits until each of some players or guests receives everybody else. */
export async function receiveEachOther(people, options) {
  await Promise.all(pairsOf(people).map(([one, other]) => one.receives(other.name, options)));
}

/**
 * What is still a call on a busy machine: over this long, so many new frames, so many of the 50 audio
 * packets a second, and sound.
 */
const CALL = { window: 4000, frames: 12, packets: 80 };

/**
 * Runs `act`, during which all of the people must go on receiving each other without a gap. Returns
 * what it returns.
 */
export async function undisturbed(people, act) {
  let over = false;
  const watch = async (one, other) => {
    const seen = [];
    while (!over) {
      const [video, audio] = await Promise.all([
        sample(one.tab, one.videoOf(other.name)),
        sample(one.tab, one.audioOf(other.name)),
      ]);
      assert.ok(video && audio, `${one.name} lost ${other.name}`);
      seen.push({ at: video.at, frames: video.frames, packets: audio.packets, energy: audio.energy });
      const now = seen.at(-1);
      const then = seen.findLast(({ at }) => now.at - at >= CALL.window);
      if (then) {
        const gained = (field) => now[field] - then[field];
        const what =
          `${one.name} got ${gained('frames')} frames, ${gained('packets')} audio packets and ` +
          `${gained('energy')} of sound of ${other.name} in ${Math.round(now.at - then.at)} ms`;
        assert.ok(gained('frames') >= CALL.frames, what);
        assert.ok(gained('packets') >= CALL.packets, what);
        assert.ok(gained('energy') >= AUDIBLE_ENERGY, what);
      }
      await delay(250);
    }
    assert.ok(
      seen.at(-1).at - seen[0].at >= CALL.window,
      'the act was too short for the call to be judged',
    );
  };
  const watches = pairsOf(people).map(([one, other]) => watch(one, other));
  // A watch that fails ends the test at once; otherwise they end after the act.
  const failure = new Promise((_, reject) => watches.forEach((w) => w.catch(reject)));
  failure.catch(() => undefined);
  try {
    return await Promise.race([act(), failure]);
  } finally {
    over = true;
    await Promise.all(watches);
  }
}
