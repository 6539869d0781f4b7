// The built-in client, used as people use it: what they see and hear of each other.

import assert from 'node:assert/strict';
import { joinRoom } from '../lib/guest.mjs';
import { grows, hearsAudio, receiveEachOther, showsVideo, stops } from '../lib/media.mjs';
import { scenario } from '../lib/scenario.mjs';

/** A lost connection is what these tests cause; browsers put it on the console. */
const LOST = [
  /WebSocket connection to .* failed/,
  /can.t establish a connection to the server/,
  /Failed to load resource: net::ERR_CONNECTION/,
  /Cross-Origin Request Blocked/,
];
/** What others must see of a click. */
const SOON = { within: 1000 };

/** Ann in Chromium and Ben in Firefox, unless said otherwise. */
async function annAndBen(s, { anns = 'chromium', bens = 'firefox' } = {}) {
  const server = await s.server();
  const ann = await joinRoom(s, server, { name: 'Ann', browser: anns });
  const ben = await joinRoom(s, server, { name: 'Ben', browser: bens });
  await receiveEachOther([ann, ben]);
  return { server, ann, ben };
}

for (const [anns, bens] of [
  ['chromium', 'chromium'],
  ['chromium', 'firefox'],
  ['firefox', 'firefox'],
]) {
  scenario(`built-in client: two participants, ${anns} and ${bens}`, async (s) => {
    const { ann, ben } = await annAndBen(s, { anns, bens });
    for (const [guest, other] of [
      [ann, ben],
      [ben, ann],
    ]) {
      await guest.showsOnly('Ann', 'Ben');
      await guest.reads('.count', /^2 people$/);
      // One's own picture, and no sound of oneself.
      await guest.picture(guest.name, true);
      const own = await guest.tab.evaluate(
        (audio) => document.querySelector(audio).srcObject,
        guest.audioOf(guest.name),
      );
      assert.equal(own, null);
      // Firefox does not run an AudioContext on a machine without a sound card.
      if (guest.browser === 'chromium') await guest.speaking(guest.name);
      await guest.speaking(other.name);
      await guest.press('Statistics');
      await guest.reads(`${guest.tile(other.name)} .stats`, /VP8 320×240 [12]\d fps/);
      await guest.reads(`${guest.tile(guest.name)} .stats`, /VP8 320×240 [12]\d fps/);
    }
  });
}

for (const browser of ['chromium', 'firefox']) {
  scenario(`built-in client: a third participant joins late, in ${browser}`, async (s) => {
    const { server, ann, ben } = await annAndBen(s);
    const phone = { width: 390, height: 844 };
    const cleo = await joinRoom(s, server, { name: 'Cleo', browser, viewport: phone });
    await receiveEachOther([ann, ben, cleo]);
    for (const guest of [ann, ben, cleo]) {
      await guest.showsOnly('Ann', 'Ben', 'Cleo');
      await guest.reads('.count', /^3 people$/);
    }
  });
}

scenario('built-in client: leaving goes back to the lobby and frees the place', async (s) => {
  const { ann, ben } = await annAndBen(s);
  for (const [leaver, other] of [
    [ben, ann],
    [ann, ben],
  ]) {
    await leaver.press('Leave');
    await other.tab.disappears(other.tile(leaver.name), SOON);
    await other.reads('.invitation output', /\?room=garden$/);
    await leaver.lobbyReady();
    const room = await leaver.tab.evaluate(() => document.querySelector('[name=room]').value);
    assert.equal(room, 'garden');
    await leaver.join();
    await receiveEachOther([ann, ben]);
  }
});

scenario('built-in client: a killed tab is gone for the others within a second', async (s) => {
  const { server, ann, ben } = await annAndBen(s, { bens: 'chromium' });
  await ben.tab.crash();
  await ann.tab.disappears(ann.tile('Ben'), SOON);

  const doomed = await s.launch('firefox');
  const cleo = await joinRoom(s, server, { name: 'Cleo', browser: doomed });
  await ann.receives('Cleo');
  await cleo.tab.crash();
  await ann.tab.disappears(ann.tile('Cleo'), SOON);
  await ann.showsOnly('Ann');
});

scenario('built-in client: a reload keeps the name, and one tile', async (s) => {
  const { ann, ben } = await annAndBen(s);
  for (const guest of [ann, ben]) {
    await guest.tab.reload();
    await guest.lobbyReady();
    const name = await guest.tab.evaluate(() => document.querySelector('[name=name]').value);
    assert.equal(name, guest.name);
    await guest.join();
    await receiveEachOther([ann, ben]);
    for (const one of [ann, ben]) await one.showsOnly('Ann', 'Ben');
  }
});

scenario(
  'built-in client: everybody comes back by themselves after a restart of the server',
  async (s) => {
    const { server, ann, ben } = await annAndBen(s);
    for (const guest of [ann, ben]) guest.tab.allow(...LOST);
    const restart = async (signal) => {
      await server.end(signal);
      for (const guest of [ann, ben]) await guest.reads('.banner', /Reconnecting/);
      await server.start();
      for (const guest of [ann, ben]) await guest.connected();
    };
    await restart('SIGTERM');
    await receiveEachOther([ann, ben]);
    for (const guest of [ann, ben]) await guest.showsOnly('Ann', 'Ben');

    // Whoever was muted and hidden before is so afterwards.
    for (const guest of [ann, ben]) {
      await guest.press('Mute');
      await guest.press('Camera off');
    }
    await restart('SIGKILL');
    for (const [guest, other] of [
      [ann, ben],
      [ben, ann],
    ]) {
      await guest.tab.appears(guest.tile(other.name));
      await guest.muted(other.name, true);
      await guest.picture(other.name, false);
    }
    for (const guest of [ann, ben]) {
      await guest.press('Unmute');
      await guest.press('Camera on');
    }
    await receiveEachOther([ann, ben]);
  },
);

scenario('built-in client: camera off and on', async (s) => {
  const { ann, ben } = await annAndBen(s);
  for (const [guest, other] of [
    [ann, ben],
    [ben, ann],
  ]) {
    await guest.press('Camera off');
    await other.picture(guest.name, false, SOON);
    await guest.picture(guest.name, false, SOON);
    await hearsAudio(other.tab, other.audioOf(guest.name));
    await guest.press('Camera on');
    await other.picture(guest.name, true, { within: 5000 });
    await showsVideo(other.tab, other.videoOf(guest.name));
    await guest.picture(guest.name, true);
  }
});

scenario('built-in client: mute and unmute', async (s) => {
  const { ann, ben } = await annAndBen(s);
  for (const [guest, other] of [
    [ann, ben],
    [ben, ann],
  ]) {
    await guest.press('Mute');
    await other.muted(guest.name, true, SOON);
    await stops(other.tab, other.audioOf(guest.name), 'packets', { quiet: 1000, within: 1000 });
    await showsVideo(other.tab, other.videoOf(guest.name));
    // The key does what the button does.
    await guest.tab.page.keyboard.press('m');
    await other.muted(guest.name, false, SOON);
    await grows(other.tab, other.audioOf(guest.name), 'packets', { by: 10, within: 3000 });
    await hearsAudio(other.tab, other.audioOf(guest.name));
  }
});

scenario('built-in client: a shared screen has a tile of its own', async (s) => {
  const { ann, ben } = await annAndBen(s);
  for (const [guest, other] of [
    [ann, ben],
    [ben, ann],
  ]) {
    const screen = `${guest.name}’s screen`;
    await guest.press('Share screen');
    const size = await other.tab.until(
      'the screen',
      (selector) => {
        const video = document.querySelector(selector);
        return video?.videoWidth > 0 && { width: video.videoWidth, height: video.videoHeight };
      },
      other.videoOf(screen),
    );
    assert.ok(size.width >= 320 && size.height >= 180, JSON.stringify(size));
    await grows(other.tab, other.videoOf(screen), 'frames', { by: 20, within: 20_000 });
    await other.receives(guest.name);
    await other.showsOnly('Ann', screen, 'Ben');
    await guest.showsOnly('Ann', 'Ben', 'Your screen');

    await guest.press('Stop sharing');
    await other.tab.disappears(other.tile(screen), SOON);
    await other.receives(guest.name);
    await guest.showsOnly('Ann', 'Ben');
  }
});

scenario('built-in client: the link to the room goes to the clipboard', async (s) => {
  const server = await s.server();
  for (const browser of ['chromium', 'firefox']) {
    const ann = await joinRoom(s, server, { name: 'Ann', browser, room: browser });
    await ann.reads('.invitation output', new RegExp(`\\?room=${browser}$`));
    await ann.tab.click('.invitation button');
    await ann.reads('.toasts', /in the clipboard/);
  }
});
