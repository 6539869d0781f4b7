// The built-in client without camera or microphone, with several, and with nothing that lets media
// through: people read what is wrong, and whatever works still works.

import assert from 'node:assert/strict';
import { joinRoom } from '../lib/guest.mjs';
import { hearsAudio, showsVideo } from '../lib/media.mjs';
import { scenario } from '../lib/scenario.mjs';

for (const browser of ['chromium', 'firefox']) {
  scenario(`built-in client: permission refused, in ${browser}`, async (s) => {
    const server = await s.server();
    const ann = await joinRoom(s, server, { name: 'Ann' });
    const refusing = await s.launch(browser, { devices: 'refused' });
    const dan = await joinRoom(s, server, { name: 'Dan', browser: refusing });
    await dan.receives('Ann');
    // A listener is in the room like everybody else.
    await ann.showsOnly('Ann', 'Dan');
    await ann.muted('Dan', true);
    await dan.press('Camera on');
    await dan.reads('.toast.error', /not allowed to use the camera.*address bar/);
  });

  scenario(`built-in client: neither camera nor microphone, in ${browser}`, async (s) => {
    const server = await s.server();
    const bare = await s.launch(browser, { devices: 'none' });
    const tab = await s.tab(bare);
    await tab.goto(`${server.url}?room=garden`);
    await tab.until('both reasons', () =>
      ['.hint', '.problem'].every((s) => /^No .* found/.test(document.querySelector(s).textContent)),
    );
  });

  scenario(`built-in client: sound alone where there is no camera, in ${browser}`, async (s) => {
    const server = await s.server();
    const ann = await joinRoom(s, server, { name: 'Ann' });
    const dan = await joinRoom(s, server, { name: 'Dan', browser, missing: 'video' });
    await hearsAudio(ann.tab, ann.audioOf('Dan'));
    await ann.muted('Dan', false);
    await ann.picture('Dan', false);
    await dan.receives('Ann');
  });

  scenario(`built-in client: no way for media, in ${browser}`, async (s) => {
    // An address of the range for documentation: nothing answers there.
    const server = await s.server({ env: { SLUICE_MEDIA_ANNOUNCED_ADDRESS: '192.0.2.1' } });
    const ann = await joinRoom(s, server, { name: 'Ann', browser });
    await ann.reads(
      '.banner',
      /do not get through.*No ICE check has reached the server on 192\.0\.2\.1:\d+ \(UDP\)/,
    );
  });

  scenario(`built-in client: who has no token reads that, in ${browser}`, async (s) => {
    const server = await s.server({ env: { SLUICE_AUTH_TOKEN: 's3cret' } });
    const tab = await s.tab(browser);
    tab.allow(/WebSocket/, /can.t establish a connection/);
    await tab.goto(`${server.url}?room=garden`);
    await tab.fill('[name=name]', 'Ann');
    await tab.click('[type=submit]');
    await tab.until('the reason', () =>
      /token is missing/.test(document.querySelector('.problem[role=alert]')?.textContent),
    );
    await joinRoom(s, server, { name: 'Ann', browser, token: 's3cret' });
  });
}

// Firefox has one fake camera and one fake microphone.
scenario('built-in client: another camera and microphone during the call', async (s) => {
  const server = await s.server();
  const ann = await joinRoom(s, server, { name: 'Ann' });
  const ben = await joinRoom(s, server, { name: 'Ben', browser: 'firefox' });
  await ben.receives('Ann');
  await ann.press('Devices');
  for (const name of ['webcam', 'mic']) {
    const chosen = await ann.tab.until(
      'a choice',
      (selector) => document.querySelectorAll(`${selector} option`)[2]?.value,
      `dialog [name=${name}]`,
    );
    await ann.tab.page.selectOption(`dialog [name=${name}]`, chosen);
    await ann.tab.until(
      'the track of the new device',
      async ([kind, deviceId]) =>
        (await window.probe.sending(kind)).some((track) => track.deviceId === deviceId),
      [name === 'mic' ? 'audio' : 'video', chosen],
    );
  }
  await ann.tab.click('dialog button');
  await ben.receives('Ann');
  await ann.picture('Ann', true);
  // It is also what the camera comes back with.
  await ann.press('Camera off');
  await ann.press('Camera on');
  await showsVideo(ben.tab, ben.videoOf('Ann'));
  const [camera] = await ann.tab.evaluate(() => window.probe.sending('video'));
  assert.equal(camera.label, 'fake_device_2');
});
