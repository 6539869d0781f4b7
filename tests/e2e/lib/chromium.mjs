// Debian's Chromium, driven by playwright-core: real encoders on fake devices.

import { chromium } from 'playwright-core';
import { CAMERA, CHROMIUM } from './browser.mjs';
import { Tab, installProbe } from './tab.mjs';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** The second of the three cameras is one for depth, whose pictures no encoder takes. */
const FAKE_DEVICES = `--use-fake-device-for-media-stream=device-count=3,fps=${CAMERA.frameRate}`;
const ALLOWED = '--use-fake-ui-for-media-stream';

/** For `devices`, see Scenario.launch. */
const DEVICE_ARGUMENTS = {
  fake: [FAKE_DEVICES, ALLOWED],
  refused: [FAKE_DEVICES],
  none: [ALLOWED],
};

/** Several tabs, each with storage of its own. */
export async function launchChromium({ executablePath = CHROMIUM, devices = 'fake' } = {}) {
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [...ARGUMENTS, ...DEVICE_ARGUMENTS[devices]],
  });
  return {
    name: 'chromium',
    devices,
    /** `camera`, `missing`: see installProbe. */
    async open({
      label = 'chromium',
      viewport = { width: 1280, height: 800 },
      camera = CAMERA,
      missing,
    } = {}) {
      const context = await browser.newContext({
        viewport,
        permissions: [
          ...(devices === 'refused' ? [] : ['camera', 'microphone']),
          'clipboard-read',
          'clipboard-write',
          'local-network-access',
        ],
      });
      await context.addInitScript(installProbe, { camera, missing });
      const page = await context.newPage();
      return new Tab(page, {
        label,
        close: () => context.close(),
        crash: async () => {
          const crashed = page.waitForEvent('crash');
          // Never answers: the process that should is gone.
          page.goto('chrome://crash').catch(() => undefined);
          await crashed;
        },
      });
    },
    close: () => browser.close(),
  };
}
