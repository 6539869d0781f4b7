// A participant for tests of the engine itself: an unmodified mediasoup-client, whose every call a
// test decides. Requests go over a WebSocket to the lab (lib/lab.mjs), which knows the whole object
// model.

import { rewriteCandidates } from './candidates.mjs';
import { repairRedFormats, sendRed } from './red_sender.mjs';

export class LabClient {
  device = null;
  send = null;
  receive = null;
  producers = new Map();
  consumers = new Map();
  /** Milliseconds from asking for a consumer's media to its first picture, by the consumer's id. */
  firstFrames = new Map();
  /** Messages that came, and where they are to go back through, by the data producer's id. */
  received = new Map();
  echoes = new Map();

  #library;
  #options;
  #socket;
  #pending = new Map();
  #nextRequest = 0;

  /** `url` of the lab, `routerId`, `routerRtpCapabilities`; `mediaPort`: see rewriteCandidates;
   * `transport`: more options of createWebRtcTransport. */
  constructor(library, options) {
    this.#library = library;
    this.#options = options;
  }

  async start() {
    repairRedFormats();
    this.#socket = new WebSocket(this.#options.url);
    this.#socket.onmessage = ({ data }) => this.#onMessage(JSON.parse(data));
    await new Promise((resolve, reject) => {
      this.#socket.onopen = resolve;
      this.#socket.onerror = () => reject(new Error('no lab'));
    });
    this.device = new this.#library.Device();
    await this.device.load({ routerRtpCapabilities: this.#options.routerRtpCapabilities });
  }

  request(method, params = {}) {
    const id = ++this.#nextRequest;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  /**
   * Sends a camera or microphone; or `pulses`, a "tone" or what the "microphone" hears, silent every
   * other two seconds; or `clouds`, a picture of that `{width, height, frameRate}` that encoders find
   * hard, so that every layer takes the rate it may.
   * `mimeType`: the codec, or what the device likes best; `encodings`, `codecOptions` as for
   * mediasoup-client. Returns the producer's id.
   */
  async produce({ kind, pulses, clouds, mimeType, encodings, codecOptions }) {
    this.send ??= await this.#transport('createSendTransport');
    const stream =
      (pulses === 'tone' && tone()) ||
      (clouds && driftingClouds(clouds)) ||
      (await navigator.mediaDevices.getUserMedia({ [kind]: true }));
    const [track] = stream.getTracks();
    if (pulses) setInterval(() => (track.enabled = !track.enabled), 2000);
    const codec = this.device.rtpCapabilities.codecs.find(
      (one) => one.mimeType.toLowerCase() === mimeType?.toLowerCase(),
    );
    if (mimeType && !codec) throw new Error(`this browser has no ${mimeType}`);
    const producer = await this.send.produce({ track, codec, encodings, codecOptions });
    if (clouds) {
      // Sizes tell the layers apart: rather fewer pictures than smaller ones.
      const parameters = producer.rtpSender.getParameters();
      parameters.degradationPreference = 'maintain-resolution';
      await producer.rtpSender.setParameters(parameters);
    }
    this.producers.set(producer.id, producer);
    return producer.id;
  }

  /** Sends the microphone as RED. Returns the producer's id. */
  produceRed() {
    return sendRed((method, params) => this.request(method, params), {
      routerId: this.#options.routerId,
      ...this.#options.transport,
    });
  }

  /** Receives a producer, and shows it in an element with the consumer's id. Returns the consumer's
   * id and type. `options`: more of those of `consume`. */
  async consume(producerId, options = {}) {
    this.receive ??= await this.#transport('createRecvTransport');
    const made = await this.request('consume', {
      transportId: this.receive.id,
      producerId,
      rtpCapabilities: this.device.rtpCapabilities,
      paused: true,
      ...options,
    });
    const consumer = await this.receive.consume(made);
    this.consumers.set(consumer.id, consumer);
    const element = document.createElement(consumer.kind);
    element.id = `c-${consumer.id}`;
    element.autoplay = true;
    element.srcObject = new MediaStream([consumer.track]);
    document.body.append(element);
    const resumed = performance.now();
    if (element.requestVideoFrameCallback) {
      element.requestVideoFrameCallback(() => {
        this.firstFrames.set(consumer.id, performance.now() - resumed);
      });
    }
    await this.request('resume', { id: consumer.id });
    return { id: consumer.id, type: made.type };
  }

  /** A data channel to the server. `options`: those of produceData. Returns the data producer's id. */
  async produceData(options) {
    this.send ??= await this.#transport('createSendTransport');
    const producer = await this.send.produceData(options);
    if (producer.readyState !== 'open') await new Promise((open) => producer.on('open', open));
    this.producers.set(producer.id, producer);
    return producer.id;
  }

  /** A data channel from the server; what comes is kept in `received`, by the data producer's id. */
  async consumeData(dataProducerId) {
    this.receive ??= await this.#transport('createRecvTransport');
    const made = await this.request('consumeData', {
      transportId: this.receive.id,
      dataProducerId,
    });
    const consumer = await this.receive.consumeData(made);
    consumer.binaryType = 'arraybuffer';
    const received = [];
    this.received.set(dataProducerId, received);
    consumer.on('message', (message) => {
      received.push(new Uint8Array(message));
      this.echoes.get(dataProducerId)?.send(message);
    });
    if (consumer.readyState !== 'open') await new Promise((open) => consumer.on('open', open));
    this.consumers.set(consumer.id, consumer);
    return consumer.id;
  }

  /** Sends everything that comes of one data producer back through another. */
  echo(from, to) {
    this.echoes.set(from, this.producers.get(to));
  }

  /**
   * Sends messages of these sizes, each different, and waits until as many came back. Returns how
   * they came: "in order", "in another order", or what differs.
   */
  async exchange(to, from, sizes) {
    const received = this.received.get(from);
    const start = received.length;
    const sent = sizes.map((size, i) =>
      Uint8Array.from({ length: size }, (_, k) => (i + 31 * k + (k >> 8)) & 255),
    );
    for (const message of sent) this.producers.get(to).send(message);
    const limit = performance.now() + 30_000;
    while (received.length - start < sent.length) {
      if (performance.now() > limit) return `${received.length - start} of ${sent.length} came`;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const came = received.slice(start).map((message) => message.join());
    const expected = sent.map((message) => message.join());
    if (came.every((message, i) => message === expected[i])) return 'in order';
    const same = came.sort().every((message, i) => message === expected.sort()[i]);
    return same ? 'in another order' : 'other messages';
  }

  /** Stops sending the layers of a simulcast above that one. */
  limitLayers(producerId, highest) {
    return this.producers.get(producerId).setMaxSpatialLayer(highest);
  }

  /** New ICE credentials on both transports, in mid-call. */
  async restartIce() {
    for (const transport of [this.send, this.receive]) {
      if (!transport) continue;
      const fresh = await this.request('restartIce', { transportId: transport.id });
      await transport.restartIce(fresh);
    }
  }

  /** What a failed test shows. */
  summary() {
    const state = (transport) => transport?.connectionState ?? 'none';
    return (
      `sending: ${state(this.send)}, ${this.producers.size} producers; ` +
      `receiving: ${state(this.receive)}, ${this.consumers.size} consumers`
    );
  }

  async #transport(make) {
    const options = await this.request('createWebRtcTransport', {
      routerId: this.#options.routerId,
      ...this.#options.transport,
    });
    const transport = this.device[make](rewriteCandidates(options, this.#options));
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.request('connect', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters }, done, failed) => {
      this.request('produce', { transportId: transport.id, kind, rtpParameters }).then(
        ({ id }) => done({ id }),
        failed,
      );
    });
    transport.on('producedata', ({ sctpStreamParameters, label, protocol }, done, failed) => {
      this.request('produceData', {
        transportId: transport.id,
        sctpStreamParameters,
        label,
        protocol,
      }).then(({ id }) => done({ id }), failed);
    });
    return transport;
  }

  #onMessage(message) {
    const { resolve, reject } = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error) reject(new Error(`${message.error.name}: ${message.error.message}`));
    else resolve(message.result);
  }
}

/** Without a pause, which the fake microphones of some browsers have. */
function tone() {
  const context = new AudioContext();
  const out = new MediaStreamAudioDestinationNode(context);
  const source = new OscillatorNode(context);
  source.connect(out);
  source.start();
  return out.stream;
}

/** Random shades, drawn large and new for each picture. */
function driftingClouds({ width, height, frameRate }) {
  const large = Object.assign(document.createElement('canvas'), { width, height });
  const small = new OffscreenCanvas(width / 8, height / 8);
  const shades = small.getContext('2d').createImageData(small.width, small.height);
  setInterval(() => {
    for (let i = 0; i < shades.data.length; i++) shades.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
    small.getContext('2d').putImageData(shades, 0, 0);
    const context = large.getContext('2d');
    context.globalAlpha = 0.2;
    context.drawImage(small, 0, 0, width, height);
  }, 1000 / frameRate);
  return large.captureStream(frameRate);
}
