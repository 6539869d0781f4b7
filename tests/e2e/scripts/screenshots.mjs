// Pictures of the built-in client, for looking at what a change does to it:
//
//   node scripts/screenshots.mjs OUTDIR [FILTER]
//
// Every scene on a desktop, on a phone and on a phone on its side, light and dark; with FILTER only
// the scenes whose name has it. The people are tabs with the browser's fake camera.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from '../lib/chromium.mjs';
import { joinRoom } from '../lib/guest.mjs';
import { startServer } from '../lib/server.mjs';

const SHAPES = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
  sideways: { width: 844, height: 390 },
};
const OTHERS = ['Ben', 'Cleo Duarte', 'Maximiliane-Konstantina von und zu Hohe', 'Eve', 'Finn O’Hara'];

const [directory, filter = ''] = process.argv.slice(2);
if (!directory) {
  console.error('usage: node scripts/screenshots.mjs OUTDIR [FILTER]');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });

const server = await startServer();
const browser = await launchChromium();
const s = { tab: (_, options) => browser.open(options) };

/** One scene in all shapes and both themes. */
async function shoot(tab, name) {
  for (const [shape, viewport] of Object.entries(SHAPES)) {
    await tab.page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark']) {
      await tab.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // Until the layout has followed and is painted.
      await tab.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      await tab.screenshot(join(directory, `${name}-${shape}-${colorScheme}.png`));
    }
  }
  console.log(name);
}

async function lobby(name, options, ready) {
  const tab = await browser.open({ ...options, label: name });
  await tab.goto(`${server.url}?room=garden`);
  await tab.until(name, ready);
  await shoot(tab, name);
  await tab.close();
}

const scenes = {
  async lobby() {
    await lobby('lobby', {}, () => document.querySelector('.preview video.on')?.videoWidth);
  },
  async 'lobby-refused'() {
    await lobby('lobby-refused', { camera: null }, () =>
      /not allowed/.test(document.querySelector('.hint').textContent),
    );
  },
  async 'lobby-no-camera'() {
    await lobby('lobby-no-camera', { missing: 'video' }, () =>
      /No camera/.test(document.querySelector('.hint').textContent),
    );
  },
  async alone() {
    const me = await joinRoom(s, server, { name: 'Ann Lee', room: 'alone' });
    await me.picture('Ann Lee', true);
    await shoot(me.tab, 'alone');
    await me.press('Devices');
    await me.tab.appears('dialog[open] option:checked');
    await shoot(me.tab, 'devices');
    await me.tab.close();
  },
  async call() {
    const me = await joinRoom(s, server, { name: 'Ann Lee' });
    const others = [];
    for (const name of OTHERS) {
      // One listens only.
      const camera = name === 'Eve' ? null : undefined;
      others.push(await joinRoom(s, server, { name, camera }));
      if (others.length === 2) await others[1].press('Camera off');
      if (others.length === 4) await others[2].press('Mute');
      await me.tab.appears(me.tile(name));
      if (name !== 'Eve') await me.picture(name, others.length !== 2);
      if ([1, 2, 5].includes(others.length)) await shoot(me.tab, `call-${others.length + 1}`);
    }
    await me.press('Mute');
    await me.press('Statistics');
    await me.tab.until('numbers', () =>
      [...document.querySelectorAll('.stats')].every((stats) => stats.textContent),
    );
    await shoot(me.tab, 'statistics');
    await me.press('Statistics');
    await others[0].press('Share screen');
    await me.picture('Ben’s screen', true);
    await shoot(me.tab, 'screen');
    await server.end();
    await me.tab.until('the banner', () =>
      /Reconnecting/.test(document.querySelector('.banner:not([hidden])')?.textContent),
    );
    await shoot(me.tab, 'reconnecting');
    await server.start();
    for (const guest of [me, ...others]) await guest.tab.close();
  },
  async 'no-path'() {
    // Of the range for documentation: nothing is there.
    const cutOff = await startServer({ env: { SLUICE_MEDIA_ANNOUNCED_ADDRESS: '192.0.2.1' } });
    const me = await joinRoom(s, cutOff, { name: 'Ann Lee' });
    await me.tab.until('the reason', () =>
      /192\.0\.2\.1/.test(document.querySelector('.banner:not([hidden])')?.textContent),
    );
    await shoot(me.tab, 'no-path');
    await me.tab.close();
    await cutOff.stop();
  },
  async refused() {
    const closed = await startServer({ env: { SLUICE_AUTH_TOKEN: 'secret' } });
    const tab = await browser.open({ label: 'refused' });
    await tab.goto(`${closed.url}?room=garden`);
    await tab.appears('.preview video.on');
    await tab.fill('input[name="name"]', 'Ann Lee');
    await tab.click('button[type="submit"]');
    await tab.appears('.problem[role=alert]:not(:empty)');
    await tab.appears('.preview video.on');
    await shoot(tab, 'refused');
    await tab.close();
    await closed.stop();
  },
};

try {
  for (const [name, scene] of Object.entries(scenes)) {
    if (name.includes(filter)) await scene();
  }
} finally {
  await browser.close();
  await server.stop();
}
