// Debian's Firefox ESR, driven by puppeteer-core over WebDriver BiDi.

import puppeteer from 'puppeteer-core';
import { CAMERA, FIREFOX } from './browser.mjs';
import { Tab, installProbe } from './tab.mjs';

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.autoplay.default': 0,
};

/** For `devices`, see Scenario.launch. */
const DEVICE_PREFERENCES = {
  fake: {},
  refused: {
    'media.navigator.permission.disabled': false,
    'permissions.default.camera': 2,
    'permissions.default.microphone': 2,
  },
  none: { 'media.navigator.streams.fake': false },
};

/** Several tabs, each with storage of its own. */
export async function launchFirefox({ devices = 'fake' } = {}) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    protocol: 'webDriverBiDi',
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: { ...PREFERENCES, ...DEVICE_PREFERENCES[devices] },
  });
  return {
    name: 'firefox',
    devices,
    async open({
      label = 'firefox',
      viewport = { width: 1280, height: 800 },
      camera = CAMERA,
      missing,
    } = {}) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.setViewport(viewport);
      await page.evaluateOnNewDocument(installProbe, { camera, missing, drawScreen: true });
      return new Tab(page, {
        label,
        close: () => context.close(),
        // Its driver kills no single tab; the process and all its tabs die together.
        crash: async () => browser.process().kill('SIGKILL'),
      });
    },
    close: () => browser.close().catch(() => undefined),
  };
}
