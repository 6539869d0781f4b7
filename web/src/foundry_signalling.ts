// Signalling over the FoundryVTT dialect of the server (docs/dialects/foundry.md): JSON over one
// WebSocket, requests matched by `requestId`.

import type { types } from 'mediasoup-client';
import {
  RefusedError,
  type Identity,
  type Participant,
  type RemoteProducer,
  type Signalling,
  type SignallingEvents,
  type Source,
} from './signalling';

const OPEN_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 10_000;

type Json = Record<string, unknown>;

interface Pending {
  resolve(data: unknown): void;
  reject(error: Error): void;
  timer: number;
}

export class FoundrySignalling implements Signalling {
  private socket?: WebSocket;
  private readonly pending = new Map<string, Pending>();
  private nextId = 0;
  private closedByUs = false;

  constructor(
    /** Where the dialect is, http: or https:. */
    private readonly base: string,
    private readonly identity: Identity,
    private readonly events: SignallingEvents,
  ) {}

  async open(): Promise<types.RtpCapabilities> {
    this.socket = await this.connect();
    this.socket.onmessage = (event) => this.onMessage(String(event.data));
    this.socket.onclose = (event) => this.onClose(event);
    const { peers } = (await this.request('watchRoom', { displayName: this.identity.name })) as {
      peers: Json[];
    };
    for (const peer of peers) this.events.participantJoined(participant(peer));
    return (await this.request('getRouterRtpCapabilities')) as types.RtpCapabilities;
  }

  private async connect(): Promise<WebSocket> {
    const socket = new WebSocket(this.urlOf('', 'ws'));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.close();
        reject(new Error('The server did not answer in time.'));
      }, OPEN_TIMEOUT_MS);
      socket.onopen = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.onclose = () => {
        clearTimeout(timer);
        void this.whyRefused().then((why) => reject(new Error(why)));
      };
    });
    return socket;
  }

  /** Browsers tell pages nothing about a WebSocket that was refused; the server does. */
  private async whyRefused(): Promise<string> {
    try {
      const answer = await fetch(this.urlOf('/admission', 'http'), { method: 'POST' });
      const { admitted, reason } = (await answer.json()) as { admitted: boolean; reason: string };
      return admitted
        ? 'The server takes nobody new: it is full or about to restart.'
        : `The server did not let you in: ${reason}.`;
    } catch {
      return 'The server cannot be reached.';
    }
  }

  private urlOf(path: string, protocol: 'ws' | 'http'): URL {
    const url = new URL(this.base + path);
    url.protocol = protocol + (url.protocol === 'https:' ? 's:' : ':');
    url.searchParams.set('room', this.identity.room);
    const token = new URLSearchParams(location.search).get('token');
    if (token) url.searchParams.set('token', token);
    return url;
  }

  async createTransport(direction: 'send' | 'recv'): Promise<types.TransportOptions> {
    return (await this.request('createWebRtcTransport', {
      producing: direction === 'send',
      consuming: direction === 'recv',
    })) as types.TransportOptions;
  }

  async connectTransport(transportId: string, dtlsParameters: types.DtlsParameters) {
    await this.request('connectTransport', { transportId, dtlsParameters });
  }

  async produce(
    transportId: string,
    kind: types.MediaKind,
    rtpParameters: types.RtpParameters,
    source: Source,
  ): Promise<string> {
    const { id } = (await this.request('produce', {
      transportId,
      kind,
      rtpParameters,
      appData: {
        mediaTag: source === 'screen' && kind === 'audio' ? 'screen-audio' : source,
        userId: this.identity.userId,
        displayName: this.identity.name,
      },
    })) as { id: string };
    return id;
  }

  async consume(transportId: string, producerId: string, rtpCapabilities: types.RtpCapabilities) {
    const options = (await this.request('consume', {
      transportId,
      producerId,
      rtpCapabilities,
    })) as types.ConsumerOptions & { producerPaused: boolean };
    return { options, paused: options.producerPaused };
  }

  async pauseProducer(producerId: string) {
    await this.request('pauseProducer', { producerId });
  }

  async resumeProducer(producerId: string) {
    await this.request('resumeProducer', { producerId });
  }

  async closeProducer(producerId: string) {
    await this.request('producerClosed', { producerId });
  }

  async explainTransport(transportId: string): Promise<string> {
    const state = (await this.request('getTransportState', { transportId })) as { reason?: string };
    return state.reason ?? '';
  }

  close() {
    this.closedByUs = true;
    this.socket?.close();
    this.failAll(new Error('The call has ended.'));
  }

  private request(type: string, fields: Json = {}): Promise<unknown> {
    const socket = this.socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error('There is no connection to the server.'));
    }
    const requestId = `req_${this.nextId++}`;
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.pending.delete(requestId);
        reject(new Error(`The server did not answer "${type}" in time.`));
      }, REQUEST_TIMEOUT_MS);
      this.pending.set(requestId, { resolve, reject, timer });
      socket.send(JSON.stringify({ type, ...fields, requestId, userId: this.identity.userId }));
    });
  }

  private onMessage(text: string) {
    if (this.closedByUs) return;
    const message = JSON.parse(text) as Json;
    const pending = this.pending.get(String(message.requestId));
    if (pending) {
      this.pending.delete(String(message.requestId));
      clearTimeout(pending.timer);
      if (message.error) pending.reject(new RefusedError(String(message.error)));
      else pending.resolve(message.data ?? {});
      return;
    }
    switch (message.type) {
      case 'newProducer':
        return this.events.producerAdded(remoteProducer(message));
      case 'producerClosed':
        return this.events.producerClosed(String(message.producerId));
      case 'producerPaused':
      case 'producerResumed':
        return this.events.producerPaused(
          String(message.producerId),
          message.type === 'producerPaused',
        );
      case 'peerJoined':
        return this.events.participantJoined(participant(message));
      case 'peerLeft':
        return this.events.participantLeft(String(message.peerId));
    }
  }

  private onClose(event: CloseEvent) {
    const reason = event.code === 1001 ? 'The server is restarting.' : 'The connection was lost.';
    this.failAll(new Error(reason));
    if (!this.closedByUs) this.events.disconnected(reason);
  }

  private failAll(error: Error) {
    for (const pending of this.pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(error);
    }
    this.pending.clear();
  }
}

function participant({ peerId, displayName }: Json): Participant {
  return { peerId: String(peerId), name: String(displayName) };
}

function remoteProducer(message: Json): RemoteProducer {
  const appData = (message.appData ?? {}) as Json;
  const tag = String(appData.mediaTag ?? '');
  const kind = message.kind as types.MediaKind;
  return {
    id: String(message.producerId),
    peerId: String(message.peerId),
    // Players of FoundryVTT send no name.
    name: String(appData.displayName ?? '') || `Guest ${String(message.userId).slice(0, 4)}`,
    kind,
    source: tag.startsWith('screen') ? 'screen' : kind === 'audio' ? 'mic' : 'webcam',
  };
}
