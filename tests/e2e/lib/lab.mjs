// The media engine without a dialect: the program `sluice_lab`, which takes the object model's
// requests, a WebSocket through which pages reach it, and pages that are its participants.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';
import { program } from './server.mjs';
import { waitFor } from './wait.mjs';

/** All codecs that browsers send. */
export const CODECS = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90000 },
];

/** Large enough for browsers to send three simulcast layers, and even in the smallest of them. */
export const LARGE_CAMERA = { width: 960, height: 544, frameRate: 15 };

/**
 * Starts an engine of its own for a test. `loops`: threads; `ip`: where it listens; `inside`: command
 * line prefix that runs it elsewhere.
 */
export async function startLab(
  s,
  { loops = 2, ip = '0.0.0.0', inside = [], mediaCodecs = CODECS } = {},
) {
  const lab = new Lab([...inside, program('sluice_lab'), '--loops', String(loops), '--ip', ip]);
  s.ending(lab, () => lab.stop());
  await lab.start();
  lab.router = await lab.request('createRouter', { mediaCodecs });
  return lab;
}

export class Lab {
  /** Every event so far: `{event, object, data, at}`. */
  events = [];
  /** What the engine logged. */
  log = '';
  #child;
  #pending = new Map();
  #nextRequest = 0;
  #followers = [];
  #pages;
  #exit;

  constructor([command, ...args]) {
    this.#child = spawn(command, args);
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
    this.#exit = new Promise((resolve) => this.#child.on('close', resolve));
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.#onMessage(JSON.parse(line)),
    );
    this.#exit.then((code) => {
      for (const { reject } of this.#pending.values()) {
        reject(new Error(`the lab ended with ${code}:\n${this.log}`));
      }
    });
  }

  async start() {
    await waitFor('the lab', () => this.events.some(({ event }) => event === 'ready'));
    this.#pages = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    this.#pages.on('connection', (socket) =>
      socket.on('message', async (text) => socket.send(await this.#answer(text))),
    );
    await new Promise((resolve) => this.#pages.on('listening', resolve));
    this.url = `ws://127.0.0.1:${this.#pages.address().port}`;
  }

  request(method, params = {}) {
    const id = ++this.#nextRequest;
    this.#child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  /** The UDP port of the engine's only loop. */
  async mediaPort() {
    const transport = await this.request('createWebRtcTransport', { routerId: this.router.id });
    await this.request('close', { id: transport.id });
    return transport.iceCandidates.find(({ protocol }) => protocol === 'udp').port;
  }

  /** The last event of that name of an object, if there was one. */
  last(object, event) {
    return this.events.findLast((one) => one.object === object && one.event === event);
  }

  /** Calls `act` from now on whenever an object has that event, until the function that this returns
   * is called. */
  follow(object, event, act) {
    const follower = { object, event, act };
    this.#followers.push(follower);
    return () => this.#followers.splice(this.#followers.indexOf(follower), 1);
  }

  /** Waits for an event of an object whose data `fits`; one that has been there already counts when
   * it is the last. */
  async until(object, event, fits = () => true, options) {
    await waitFor(
      `${event}`,
      () => {
        const last = this.last(object, event);
        if (last && fits(last.data)) return true;
        throw new Error(last ? `last: ${JSON.stringify(last.data)}` : 'there was none');
      },
      options,
    );
  }

  /**
   * A participant in a tab. `browser`, `client`, `preparing`: as for players; `camera`; `bring`: the
   * page cannot reach this machine, and gets the lab's answers all the same; more: LabClient's.
   */
  async join(s, options = {}) {
    const { browser = 'chromium', client = 'current', camera, preparing, bring, ...more } = options;
    const { label = browser.name ?? browser, ...page } = more;
    const tab = await s.tab(browser, { label, camera });
    const address = await s.page(client);
    if (preparing) await preparing(tab, address);
    if (bring) {
      await tab.page.routeWebSocket(this.url, (socket) =>
        socket.onMessage(async (text) => socket.send(await this.#answer(text))),
      );
    }
    await tab.goto(address);
    await tab.until('the page', () => Boolean(window.startLab));
    await tab.evaluate((options) => window.startLab(options), {
      url: this.url,
      routerId: this.router.id,
      routerRtpCapabilities: this.router.rtpCapabilities,
      ...page,
    });
    return new Participant(tab);
  }

  /** Ends it; fails when it did not end well. */
  async stop() {
    this.#pages?.close();
    for (const socket of this.#pages?.clients ?? []) socket.terminate();
    this.#child.stdin.end();
    const code = await this.#exit;
    if (code !== 0) throw new Error(`the lab ended with ${code}:\n${this.log}`);
  }

  async #answer(text) {
    const { id, method, params } = JSON.parse(text);
    const answer = await this.request(method, params).then(
      (result) => ({ id, result }),
      (error) => ({ id, error: { name: error.name, message: error.message } }),
    );
    return JSON.stringify(answer);
  }

  #onMessage(message) {
    if (message.event) {
      this.events.push({ ...message, at: Date.now() });
      for (const { object, event, act } of [...this.#followers]) {
        if (object === message.object && event === message.event) act(message.data);
      }
      return;
    }
    const { resolve, reject } = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (!message.error) return resolve(message.result);
    reject(Object.assign(new Error(message.error.message), { name: message.error.name }));
  }
}

class Participant {
  constructor(tab) {
    this.tab = tab;
  }

  produce(options) {
    return this.tab.evaluate((o) => window.client.produce(o), options);
  }

  produceRed() {
    return this.tab.evaluate(() => window.client.produceRed());
  }

  consume(producerId, options) {
    return this.tab.evaluate(([id, o]) => window.client.consume(id, o), [producerId, options]);
  }

  /** Whether this browser decodes that. */
  receives(mimeType) {
    return this.tab.evaluate(
      (name) => window.client.device.rtpCapabilities.codecs.some((one) => one.mimeType === name),
      mimeType,
    );
  }

  produceData(options) {
    return this.tab.evaluate((o) => window.client.produceData(o), options);
  }

  consumeData(dataProducerId) {
    return this.tab.evaluate((id) => window.client.consumeData(id), dataProducerId);
  }

  /** Sends everything that comes of one data producer back through another. */
  echo(from, to) {
    return this.tab.evaluate(([a, b]) => window.client.echo(a, b), [from, to]);
  }

  /** See LabClient.exchange. */
  exchange(to, from, sizes) {
    return this.tab.evaluate(([a, b, n]) => window.client.exchange(a, b, n), [to, from, sizes]);
  }

  /** Stops sending the layers of a simulcast above that one. */
  limitLayers(producerId, highest) {
    return this.tab.evaluate(([id, h]) => window.client.limitLayers(id, h), [producerId, highest]);
  }

  restartIce() {
    return this.tab.evaluate(() => window.client.restartIce());
  }

  /** The server's ufrags that the page's connections use now. */
  remoteUfrags() {
    return this.tab.evaluate(() => window.probe.remoteUfrags());
  }

  /** Milliseconds from asking for the media of a consumer until its first picture. */
  firstFrame({ id }) {
    return this.tab.until('the first picture', (c) => window.client.firstFrames.get(c), id, {
      every: 20,
    });
  }

  /** Where a consumer plays. */
  element({ id }) {
    return `[id="c-${id}"]`;
  }
}
