// A WebSocket without a browser, for what needs no media: speaks the flat (C) or the nested (R) form.

import WebSocket from 'ws';
import { waitFor } from './wait.mjs';

export async function openRaw(s, url, { dialect = 'C', userId } = {}) {
  const client = new RawClient(new WebSocket(url), dialect, userId);
  await client.opened;
  return s.ending(client, () => client.terminate());
}

/** The HTTP status that an upgrade is refused with. */
export function refusal(url) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode);
      socket.terminate();
    });
    socket.on('open', () => {
      socket.terminate();
      reject(new Error('the upgrade was accepted'));
    });
    socket.on('error', reject);
  });
}

class RawClient {
  #socket;
  #dialect;
  #userId;
  #next = 0;
  received = [];

  constructor(socket, dialect, userId) {
    this.#socket = socket;
    this.#dialect = dialect;
    this.#userId = userId;
    this.opened = new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('message', (text) => this.received.push(JSON.parse(text)));
  }

  /** Sends a frame as it is: text, or a Buffer for a binary one. */
  send(frame) {
    this.#socket.send(frame);
  }

  /** The whole answer to a request, errors included, and how long it took: `{answer, took}`. */
  async ask(method, fields = {}, options = {}) {
    const id = `raw_${this.#next++}`;
    const message =
      this.#dialect === 'C'
        ? { type: method, ...fields, requestId: id, userId: this.#userId }
        : { id, method, data: { ...fields, userId: this.#userId } };
    const asked = performance.now();
    this.#socket.send(JSON.stringify(message));
    const answer = await waitFor(
      `the answer to ${method}`,
      () =>
        this.received.find((frame) => (this.#dialect === 'C' ? frame.requestId : frame.id) === id),
      { every: 10, ...options },
    );
    return { answer, took: performance.now() - asked };
  }

  /** The text of the error in an answer, or undefined. */
  errorOf(answer) {
    return this.#dialect === 'C' ? answer.error : answer.data?.error;
  }

  async request(method, fields = {}) {
    const { answer } = await this.ask(method, fields);
    const error = this.errorOf(answer);
    if (error) throw new Error(error);
    return answer.data;
  }

  createTransport(direction, more = {}) {
    return this.request('createWebRtcTransport', {
      producing: direction === 'send',
      consuming: direction === 'recv',
      sctpCapabilities: null,
      ...more,
    });
  }

  /** A microphone that never sends a packet. */
  async produceSilence(transportId) {
    const { id } = await this.request('produce', {
      transportId,
      kind: 'audio',
      appData: { mediaTag: 'mic', userId: this.#userId },
      rtpParameters: {
        mid: '0',
        codecs: [
          {
            mimeType: 'audio/opus',
            payloadType: 111,
            clockRate: 48000,
            channels: 2,
            parameters: {},
            rtcpFeedback: [],
          },
        ],
        headerExtensions: [],
        encodings: [{ ssrc: 123456789, dtx: false }],
        rtcp: { cname: 'raw', reducedSize: true },
      },
    });
    return id;
  }

  notification(name) {
    return waitFor(`the notification ${name}`, () =>
      this.received.find((frame) =>
        this.#dialect === 'C' ? frame.type === name && !frame.requestId : frame.method === name,
      ),
    );
  }

  /** Ends with a closing handshake. */
  close() {
    this.#socket.close();
  }

  get open() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  terminate() {
    this.#socket.terminate();
  }
}
