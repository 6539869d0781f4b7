// A FoundryVTT player: the test page in a tab, and what the tests ask of it.

import assert from 'node:assert/strict';
import { hearsAudio, showsVideo } from './media.mjs';

/** Users that the module's mock of FoundryVTT knows; any other name does as well. */
export const ALICE = 'test-user-123';
export const BOB = 'test-user-456';
export const CAROL = 'test-user-789';

/**
 * Opens the page in a tab of `browser` (its name, or one of the test's own) and starts connecting.
 * `options`: url (of the WebSocket), userId, client (version of mediasoup-client), preparing (called
 * with the tab and the page's address before it opens), and those of page/foundry_client.mjs.
 */
export async function openPlayer(s, options) {
  const { browser = 'chromium', client = '3.11.0', preparing, ...page } = options;
  const tab = await s.tab(browser, { label: `${page.userId} in ${browser.name ?? browser}` });
  const address = await s.page(client);
  if (preparing) await preparing(tab, address);
  await tab.goto(address);
  await tab.until('the page', () => Boolean(window.startClient));
  const player = new Player(tab, page);
  await player.start();
  return player;
}

/** The same, and waits until it is connected. */
export async function joinPlayer(s, options) {
  const player = await openPlayer(s, options);
  await player.connected();
  return player;
}

/** Joins, and sends microphone and camera. */
export async function joinWithMedia(s, options) {
  const player = await joinPlayer(s, options);
  await player.startMedia();
  return player;
}

class Player {
  constructor(tab, options) {
    this.tab = tab;
    this.userId = options.userId;
    this.options = options;
  }

  /** What others know the player by. */
  get name() {
    return this.userId;
  }

  start() {
    return this.tab.evaluate((options) => window.startClient(options), this.options);
  }

  connected(options) {
    return this.tab.until('the connection', () => window.client.isConnected, undefined, options);
  }

  /** Calls a method of the client, and waits for what it returns. */
  call(method) {
    return this.tab.evaluate((name) => window.client[name](), method);
  }

  async startMedia() {
    await this.call('startLocalAudio');
    await this.call('startLocalVideo');
  }

  get(field) {
    return this.tab.evaluate((name) => window.client[name], field);
  }

  consumerCount() {
    return this.tab.evaluate(() => window.client.consumers.size);
  }

  /** Waits until there are exactly so many consumers. */
  consumes(count, options) {
    return this.tab.until(
      `${count} consumers`,
      (n) => window.client.consumers.size === n,
      count,
      options,
    );
  }

  audioOf(userId) {
    return `audio[id="mediasoup-consumer-audio-${userId}"]`;
  }

  videoOf(userId) {
    return `li[data-user-id="${userId}"] video[id="mediasoup-remote-video-${userId}"]`;
  }

  /** Waits until picture and sound of another player are there. Returns the frame rate. */
  async receives(userId, options) {
    const [rate] = await Promise.all([
      showsVideo(this.tab, this.videoOf(userId), options),
      hearsAudio(this.tab, this.audioOf(userId), options),
    ]);
    return rate;
  }

  /** Waits until nothing of another player is left, in page and books. */
  async hasNothingOf(userId, options) {
    await this.consumes(0, options);
    assert.equal(
      await this.tab.evaluate((id) => window.client.remoteUserStreams.has(id), userId),
      false,
    );
    assert.equal(await this.tab.has(this.audioOf(userId)), false);
    assert.equal(await this.tab.has(this.videoOf(userId)), false);
  }

  /** All frames so far, as `{out, at, message}`. */
  frames() {
    return this.get('frames');
  }

  /** Names and bodies of the notifications so far, in either wire form. */
  async notified() {
    return (await this.frames())
      .filter(({ out, message }) => !out && isNotification(message))
      .map(({ at, message }) => ({
        at,
        name: message.type ?? message.method,
        data: message.data ?? message,
      }));
  }

  /** The producers whose end was told so far. */
  async closedProducers() {
    return (await this.notified())
      .filter(({ name }) => name === 'producerClosed')
      .map(({ data }) => data.producerId);
  }

  async producerIds() {
    return this.tab.evaluate(() =>
      Object.fromEntries([...window.client.producers].map(([tag, producer]) => [tag, producer.id])),
    );
  }

  disconnect() {
    return this.call('disconnect');
  }
}

function isNotification(message) {
  return message.requestId === undefined && message.method !== 'response';
}
