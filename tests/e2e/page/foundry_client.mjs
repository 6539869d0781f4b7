// A client that behaves on the wire and in the page as FoundryVTT's `mediasoup-vtt` module does
// (foundryvtt 1.2, 2 and 2.9), its quirks included, on an unmodified mediasoup-client. With
// `dialect: 'R'` the same client speaks the frames of the original server instead (1.3).

import { rewriteCandidates } from './candidates.mjs';
import { makeWire } from './wire.mjs';

const OPEN_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Small enough that two cores encode and decode several of them, large enough to be never scaled. */
const CAMERA = { width: { exact: 320 }, height: { exact: 240 }, frameRate: { ideal: 20 } };

export class FoundryClient {
  status = 'disconnected';
  isConnected = false;
  /** What the module would show as a toast: `{level, text}`. */
  notifications = [];
  /** Errors thrown while a frame from the server was handled. */
  pageErrors = [];
  /** Every frame, in order: `{out, at, message}`. */
  frames = [];
  device = null;
  sendTransport = null;
  recvTransport = null;
  producers = new Map();
  consumers = new Map();
  remoteUserStreams = new Map();
  closeEvent = null;

  #library;
  #options;
  #wire;
  #socket = null;
  #pending = new Map();
  #nextRequest = 0;

  /**
   * `url`, `userId`; `dialect`: C or R; `canConsume`: whether the one-line shim is in the page;
   * `forceTcp`; `mediaPort`: sends media there instead of the candidates' port (through a relay).
   */
  constructor(library, options) {
    this.#library = library;
    this.#options = { dialect: 'C', canConsume: true, forceTcp: false, ...options };
    this.#wire = makeWire(this.#options.dialect);
    if (this.#options.canConsume) library.Device.prototype.canConsume = () => true;
  }

  get userId() {
    return this.#options.userId;
  }

  /** Returns before the connection is there. */
  connect() {
    const { url } = this.#options;
    if (!/^wss?:/.test(url)) {
      this.#fail(new Error('Invalid server URL'));
      return;
    }
    this.status = 'connecting';
    this.#nextRequest = 0;
    const socket = new WebSocket(url);
    this.#socket = socket;
    const timer = setTimeout(() => {
      this.#fail(new Error('The connection timed out'));
      socket.close();
    }, OPEN_TIMEOUT_MS);
    socket.onopen = () => {
      clearTimeout(timer);
      this.#setUp().catch((error) => this.#fail(error));
    };
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => {
      clearTimeout(timer);
      this.closeEvent = { code: event.code, wasClean: event.wasClean };
      if (this.#socket !== socket) return;
      if (!event.wasClean) this.#notify('warn', 'The connection closed unexpectedly');
      this.#fail(new Error('The connection is closed'));
    };
  }

  disconnect() {
    const socket = this.#socket;
    this.#tearDown();
    this.status = 'disconnected';
    socket?.close();
  }

  async startLocalAudio() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    await this.#produce('mic', stream.getAudioTracks()[0]);
    return { success: true };
  }

  async startLocalVideo() {
    const stream = await navigator.mediaDevices.getUserMedia({ video: CAMERA });
    await this.#produce('webcam', stream.getVideoTracks()[0]);
    return { success: true };
  }

  /** The server is never told. */
  stopLocalAudio() {
    this.#stop('mic');
  }

  stopLocalVideo() {
    this.#stop('webcam');
  }

  toggleAudioMute() {
    return this.#toggle('mic');
  }

  toggleVideoEnabled() {
    return this.#toggle('webcam');
  }

  request(method, fields = {}) {
    const id = `req_${this.#nextRequest++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`Request ${method} timed out`));
      }, REQUEST_TIMEOUT_MS);
      this.#pending.set(id, { resolve, reject, timer });
      this.#send(this.#wire.request(method, fields, id, this.userId));
    });
  }

  /** For whoever reads why a test failed. */
  summary() {
    const frames = this.frames.map(
      ({ out, message }) => `${out ? '→' : '←'} ${JSON.stringify(message).slice(0, 300)}`,
    );
    return [
      `status ${this.status}, send ${this.sendTransport?.connectionState}, receive ${this.recvTransport?.connectionState}`,
      ...this.notifications.map(({ level, text }) => `${level}: ${text}`),
      ...this.pageErrors,
      ...frames.slice(-40),
    ].join('\n');
  }

  async #setUp() {
    const capabilities = await this.request('getRouterRtpCapabilities');
    this.device = new this.#library.Device();
    await this.device.load({ routerRtpCapabilities: capabilities });

    const send = await this.#createTransport(true);
    this.sendTransport = this.device.createSendTransport(send);
    this.#wireConnect(this.sendTransport);
    this.sendTransport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      this.request('produce', { transportId: send.id, kind, rtpParameters, appData }).then(
        ({ id }) => done({ id }),
        failed,
      );
    });

    const receive = await this.#createTransport(false);
    this.recvTransport = this.device.createRecvTransport(receive);
    this.#wireConnect(this.recvTransport);

    this.isConnected = true;
    this.status = 'connected';
    this.#notify('info', 'Connected');
  }

  async #createTransport(sending) {
    const options = await this.request('createWebRtcTransport', {
      forceTcp: this.#options.forceTcp,
      producing: sending,
      consuming: !sending,
      sctpCapabilities: this.device.sctpCapabilities,
    });
    return rewriteCandidates(options, this.#options);
  }

  #wireConnect(transport) {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.request('connectTransport', { transportId: transport.id, dtlsParameters }).then(
        done,
        failed,
      );
    });
  }

  async #produce(mediaTag, track) {
    const producer = await this.sendTransport.produce({
      track,
      appData: { mediaTag, userId: this.userId },
    });
    this.producers.set(mediaTag, producer);
  }

  #stop(mediaTag) {
    this.producers.get(mediaTag)?.close();
    this.producers.delete(mediaTag);
  }

  #toggle(mediaTag) {
    const producer = this.producers.get(mediaTag);
    if (!producer) return;
    const method = producer.paused ? 'resumeProducer' : 'pauseProducer';
    if (producer.paused) producer.resume();
    else producer.pause();
    this.request(method, { producerId: producer.id }).catch((error) => console.warn(error.message));
  }

  #send(message) {
    this.frames.push({ out: true, at: Date.now(), message });
    this.#socket.send(JSON.stringify(message));
  }

  #receive(text) {
    const message = JSON.parse(text);
    this.frames.push({ out: false, at: Date.now(), message });
    const frame = this.#wire.read(message);
    if (frame.response) {
      const pending = this.#pending.get(frame.id);
      if (!pending) return console.warn('A late answer', text);
      this.#pending.delete(frame.id);
      clearTimeout(pending.timer);
      if (frame.error) pending.reject(new Error(frame.error));
      else pending.resolve(frame.data);
    } else if (frame.name === 'newProducer') {
      this.#onNewProducer(frame.data).catch((error) => this.pageErrors.push(error.message));
    } else if (frame.name === 'producerClosed') {
      this.#onProducerClosed(frame.data.producerId);
    } else {
      console.warn('Unknown notification', text);
    }
  }

  async #onNewProducer({ producerId, userId, kind, appData }) {
    if (userId === this.userId) return;
    if (!this.recvTransport) {
      this.#notify('warn', 'Unable to receive media');
      return;
    }
    if (!appData?.rtpParameters) {
      this.#notify('error', 'Device not compatible with the media');
      return;
    }
    if (!this.device.canConsume({ producerId, rtpParameters: appData.rtpParameters })) {
      this.#notify('error', 'Device not compatible with the media');
      return;
    }
    const options = await this.request('consume', {
      producerId,
      rtpCapabilities: this.device.rtpCapabilities,
      ...(this.#options.dialect === 'R' ? { transportId: this.recvTransport.id } : {}),
    });
    const consumer = await this.recvTransport.consume(options);
    this.consumers.set(consumer.id, { consumer, producerId, userId, kind });
    this.#show(userId, kind, consumer.track);
  }

  #show(userId, kind, track) {
    let stream = this.remoteUserStreams.get(userId);
    if (!stream) {
      stream = new MediaStream();
      this.remoteUserStreams.set(userId, stream);
    }
    for (const old of stream.getTracks()) {
      if (old.kind === kind) stream.removeTrack(old);
    }
    stream.addTrack(track);
    document.getElementById(elementId(kind, userId))?.remove();
    const element = document.createElement(kind);
    element.id = elementId(kind, userId);
    element.autoplay = true;
    element.srcObject = new MediaStream([track]);
    if (kind === 'video') {
      element.muted = true;
      element.width = 320;
      playerEntry(userId).append(element);
    } else {
      document.body.append(element);
    }
    element.play().catch((error) => {
      // Replaced by a newer element of the same user before it played.
      if (element.isConnected) this.pageErrors.push(error.message);
    });
  }

  #onProducerClosed(producerId) {
    for (const [id, { consumer, producerId: of, userId, kind }] of this.consumers) {
      if (of !== producerId) continue;
      consumer.close();
      this.consumers.delete(id);
      const stream = this.remoteUserStreams.get(userId);
      stream?.removeTrack(consumer.track);
      // Quirks of the module: it goes by person, not by track, and with the picture goes the sound.
      document.getElementById(elementId(kind, userId))?.remove();
      if (kind === 'video') document.getElementById(elementId('audio', userId))?.remove();
      if (stream?.getTracks().length === 0) this.remoteUserStreams.delete(userId);
    }
  }

  #notify(level, text) {
    this.notifications.push({ level, text });
  }

  #fail(error) {
    this.#notify('error', error.message);
    this.#tearDown();
    this.status = 'error';
  }

  #tearDown() {
    this.isConnected = false;
    this.#socket = null;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new Error('Disconnected'));
    }
    this.#pending.clear();
    for (const producer of this.producers.values()) producer.close();
    for (const { consumer, userId } of this.consumers.values()) {
      consumer.close();
      for (const kind of ['audio', 'video'])
        document.getElementById(elementId(kind, userId))?.remove();
    }
    this.producers.clear();
    this.consumers.clear();
    this.remoteUserStreams.clear();
    this.sendTransport?.close();
    this.recvTransport?.close();
    this.sendTransport = this.recvTransport = null;
  }
}

export function elementId(kind, userId) {
  return kind === 'audio'
    ? `mediasoup-consumer-audio-${userId}`
    : `mediasoup-remote-video-${userId}`;
}

function playerEntry(userId) {
  const list = document.getElementById('players');
  let entry = list.querySelector(`[data-user-id="${CSS.escape(userId)}"]`);
  if (!entry) {
    entry = document.createElement('li');
    entry.dataset.userId = userId;
    entry.textContent = userId;
    list.append(entry);
  }
  return entry;
}
