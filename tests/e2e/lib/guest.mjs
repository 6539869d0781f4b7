// The built-in client in a tab, used the way a person uses it.

import assert from 'node:assert/strict';
import { hearsAudio, showsVideo } from './media.mjs';

/** Opens the lobby, fills it in and joins. `tab`: options of the tab. */
export async function joinRoom(
  s,
  server,
  { name, room = 'garden', token, browser = 'chromium', ...tab },
) {
  const kind = browser.name ?? browser;
  const opened = await s.tab(browser, { label: `${name} in ${kind}`, ...tab });
  const bare = (browser.devices ?? 'fake') !== 'fake' || tab.camera === null;
  const guest = new Guest(opened, name, kind, bare ? 'all' : tab.missing);
  await guest.openLobby(`${server.url}?room=${room}${token ? `&token=${token}` : ''}`);
  await guest.tab.fill('input[name="name"]', name);
  await guest.join();
  return guest;
}

class Guest {
  /** `missing`: "video", "audio" or "all", what there is no device for. */
  constructor(tab, name, browser, missing) {
    this.tab = tab;
    this.name = name;
    this.browser = browser;
    this.hasCamera = missing !== 'video' && missing !== 'all';
    this.hasMicrophone = missing !== 'audio' && missing !== 'all';
  }

  async openLobby(url) {
    await this.tab.goto(url);
    await this.lobbyReady();
  }

  /** Waits for camera and microphone of the lobby: they are what the call starts with. */
  async lobbyReady() {
    if (this.hasCamera) await this.tab.appears('.preview video.on');
    if (this.hasMicrophone) await this.tab.appears('button[aria-label="Microphone off"]');
    await this.tab.until('the question for devices to be answered', () => {
      const { textContent } = document.querySelector('.hint');
      return !textContent.startsWith('Waiting');
    });
  }

  async join() {
    await this.tab.click('button[type="submit"]');
    await this.tab.appears(this.tile(this.name));
    await this.connected();
  }

  connected(options) {
    return this.tab.until(
      'the call',
      () => document.querySelector('.banner')?.hidden,
      undefined,
      options,
    );
  }

  press(label) {
    return this.tab.click(`button[aria-label="${label}"]`);
  }

  tile(name) {
    return `figure.tile[data-name="${name}"]`;
  }

  videoOf(name) {
    return `${this.tile(name)} video`;
  }

  audioOf(name) {
    return `${this.tile(name)} audio`;
  }

  /** Waits until somebody else's picture moves and sound is heard. Returns the frame rate. */
  async receives(name, options) {
    const [rate] = await Promise.all([
      showsVideo(this.tab, this.videoOf(name), options),
      hearsAudio(this.tab, this.audioOf(name), options),
    ]);
    return rate;
  }

  /** Waits until the picture of a tile is shown, or is not. */
  picture(name, shown, options) {
    return this.tab.until(
      `${name}'s picture to be ${shown ? 'shown' : 'hidden'}`,
      ([selector, wanted]) =>
        document.querySelector(selector)?.classList.contains('picture') === wanted,
      [this.tile(name), shown],
      options,
    );
  }

  /** Waits for text that matches in an element that is in view. */
  reads(selector, pattern, options) {
    return this.tab.until(
      `${pattern} in ${selector}`,
      ([s, source]) => {
        const element = document.querySelector(s);
        return element?.checkVisibility() && new RegExp(source).test(element.textContent);
      },
      [selector, pattern.source],
      options,
    );
  }

  /** Waits until a tile shows its participant as muted, or not. */
  muted(name, shown, options) {
    return this.tab.until(
      `${name} to be shown as ${shown ? 'muted' : 'unmuted'}`,
      ([selector, wanted]) => document.querySelector(selector)?.hidden === !wanted,
      [`${this.tile(name)} .muted`, shown],
      options,
    );
  }

  /** Waits until the frame of a tile says that its participant speaks. */
  speaking(name, options) {
    return this.tab.appears(`${this.tile(name)}.speaking`, options);
  }

  async tiles() {
    return this.tab.evaluate(() =>
      [...document.querySelectorAll('figure.tile')].map((tile) => tile.dataset.name),
    );
  }

  /** No tile but these, all of them in view and none over another. */
  async showsOnly(...names) {
    assert.deepEqual((await this.tiles()).sort(), names.sort());
    await this.tab.until('the tiles to be in their places', () => {
      const boxes = [...document.querySelectorAll('figure.tile')].map((tile) =>
        tile.getBoundingClientRect(),
      );
      const inView = (box) =>
        box.width > 50 &&
        box.height > 50 &&
        box.left >= 0 &&
        box.top >= 0 &&
        box.right <= innerWidth &&
        box.bottom <= innerHeight;
      const apart = (a, b) =>
        a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      return boxes.every(
        (box, i) => inView(box) && boxes.slice(i + 1).every((other) => apart(box, other)),
      );
    });
  }
}
