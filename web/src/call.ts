// A call: the local producers, the remote consumers, and what happens when the connection breaks.
// Knows nothing of the page; tells `CallEvents` what to show.

import { Device, type types } from 'mediasoup-client';
import {
  RefusedError,
  messageOf,
  type Identity,
  type Participant,
  type RemoteProducer,
  type Signalling,
  type SignallingEvents,
  type Source,
} from './signalling';

/** `stalled`: in the room, but media does not come through. */
export type CallState = 'connecting' | 'connected' | 'stalled' | 'reconnecting' | 'ended';

export interface RemoteMedia {
  producer: RemoteProducer;
  consumer: types.Consumer;
  paused: boolean;
}

export interface CallEvents {
  /** `detail` says why, in words for the user. */
  state(state: CallState, detail: string): void;
  participantJoined(participant: Participant): void;
  participantLeft(peerId: string): void;
  mediaAdded(media: RemoteMedia): void;
  /** It was paused or resumed by its sender. */
  mediaChanged(media: RemoteMedia): void;
  mediaRemoved(media: RemoteMedia): void;
  /** Something the user should read; the call goes on. */
  notice(text: string): void;
}

const RECONNECT_DELAYS_MS = [500, 1000, 2000, 4000, 8000];
/** Browsers take 15 s and longer to give up on a path; by then people have left. */
const SLOW_MEDIA_MS = 5000;

interface LocalSource {
  track: MediaStreamTrack;
  paused: boolean;
  producer?: types.Producer;
}

export class Call {
  private device?: Device;
  private signalling?: Signalling;
  private sendTransport?: types.Transport;
  private recvTransport?: types.Transport;
  private readonly remote = new Map<string, RemoteMedia>();
  private readonly participants = new Set<string>();
  private readonly local = new Map<string, LocalSource>();
  private retries = 0;
  private retryTimer = 0;
  private ended = false;
  /** Why media does not come through; empty while nothing is known against it. */
  private mediaProblem = '';
  /** Consumes run one after another: the receiving connection is renegotiated for each. */
  private consuming: Promise<void> = Promise.resolve();

  constructor(
    readonly identity: Identity,
    private readonly makeSignalling: (events: SignallingEvents) => Signalling,
    private readonly events: CallEvents,
  ) {}

  /** Joins the room; throws when the first try fails. */
  async join(): Promise<void> {
    this.events.state('connecting', '');
    await this.connect();
  }

  leave() {
    this.ended = true;
    clearTimeout(this.retryTimer);
    this.teardown();
    for (const source of this.local.values()) source.track.stop();
    this.local.clear();
    this.events.state('ended', '');
  }

  /** Does not wait for the next try of a call that is cut off. */
  retryNow() {
    if (!this.retryTimer) return;
    clearTimeout(this.retryTimer);
    this.retry();
  }

  /** Whether others get this source now. */
  isOn(source: Source): boolean {
    return this.entry(source)?.paused === false;
  }

  /** Whether `resume` can turn it on again. */
  has(source: Source): boolean {
    return this.entry(source)?.track.readyState === 'live';
  }

  producerOf(source: Source): types.Producer | undefined {
    return this.entry(source)?.producer;
  }

  trackOf(source: Source): MediaStreamTrack | undefined {
    return this.entry(source)?.track;
  }

  /**
   * Sends a track, in place of the one of the same source if there is one; what was paused stays
   * so. Owns the track from now on.
   */
  async send(source: Source, track: MediaStreamTrack): Promise<void> {
    const name = key(source, track.kind);
    const entry: LocalSource = this.local.get(name) ?? { track, paused: false };
    this.local.set(name, entry);
    const old = entry.track;
    entry.track = track;
    if (old !== track) old.stop();
    if (entry.producer) await entry.producer.replaceTrack({ track });
    else await this.produce(name, source, entry);
  }

  /** Sends nothing of a source for now. The camera is let go of: its light goes out. */
  async pause(source: Source): Promise<void> {
    const entry = this.entry(source);
    if (!entry || entry.paused) return;
    entry.paused = true;
    if (source === 'webcam') entry.track.stop();
    else entry.track.enabled = false;
    if (!entry.producer) return;
    entry.producer.pause();
    await this.signalling?.pauseProducer(entry.producer.id);
  }

  async resume(source: Source): Promise<void> {
    const entry = this.entry(source);
    if (!entry || !entry.paused) return;
    entry.paused = false;
    entry.track.enabled = true;
    if (!entry.producer) return;
    entry.producer.resume();
    await this.signalling?.resumeProducer(entry.producer.id);
  }

  /** Stops sending a source altogether. */
  async stop(source: Source): Promise<void> {
    for (const kind of ['audio', 'video']) {
      const name = key(source, kind);
      const entry = this.local.get(name);
      if (!entry) continue;
      this.local.delete(name);
      entry.track.stop();
      if (entry.producer) {
        const id = entry.producer.id;
        entry.producer.close();
        await this.signalling?.closeProducer(id).catch(() => undefined);
      }
    }
  }

  /** What stands for a source: a screen may have sound too, but its picture counts. */
  private entry(source: Source): LocalSource | undefined {
    return this.local.get(key(source, source === 'mic' ? 'audio' : 'video'));
  }

  private async connect(): Promise<void> {
    const signalling = this.makeSignalling({
      participantJoined: (participant) => {
        this.participants.add(participant.peerId);
        this.events.participantJoined(participant);
      },
      participantLeft: (peerId) => {
        this.participants.delete(peerId);
        this.events.participantLeft(peerId);
      },
      producerAdded: (producer) => this.queueConsume(producer),
      producerPaused: (id, paused) => this.onRemote(id, (media) => this.showPaused(media, paused)),
      producerClosed: (id) => this.onRemote(id, (media) => this.dropRemote(media)),
      disconnected: (reason) => this.reconnect(reason),
    });
    this.signalling = signalling;
    const routerRtpCapabilities = await signalling.open();
    this.device = await Device.factory();
    await this.device.load({ routerRtpCapabilities });

    this.sendTransport = this.device.createSendTransport(await signalling.createTransport('send'));
    this.sendTransport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      signalling
        .produce(this.sendTransport!.id, kind, rtpParameters, appData.source as Source)
        .then((id) => done({ id }), failed);
    });
    this.wire(signalling, this.sendTransport);

    this.recvTransport = this.device.createRecvTransport(await signalling.createTransport('recv'));
    this.wire(signalling, this.recvTransport);

    if (!this.mediaProblem) this.retries = 0;
    this.events.state(this.mediaProblem ? 'stalled' : 'connected', this.mediaProblem);
    for (const [name, source] of this.local) {
      await this.produce(name, name.split(':')[0] as Source, source).catch((error: unknown) => {
        // Without a connection nothing is said of a single source: all of them come again.
        if (signalling === this.signalling) this.events.notice(messageOf(error));
      });
    }
  }

  private wire(signalling: Signalling, transport: types.Transport) {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      signalling.connectTransport(transport.id, dtlsParameters).then(done, failed);
    });
    const explain = async () => {
      const reason = await signalling.explainTransport(transport.id).catch(() => '');
      return `Picture and sound do not get through. ${reason}`.trim();
    };
    let slow = 0;
    transport.on('connectionstatechange', async (state) => {
      clearTimeout(slow);
      if (signalling !== this.signalling) return;
      if (state === 'connecting') {
        slow = window.setTimeout(async () => {
          const reason = await explain();
          if (signalling !== this.signalling || transport.connectionState !== 'connecting') return;
          this.mediaProblem = reason;
          this.events.state('stalled', reason);
        }, SLOW_MEDIA_MS);
      } else if (state === 'connected') {
        this.retries = 0;
        if (this.mediaProblem) this.events.state('connected', '');
        this.mediaProblem = '';
      } else if (state === 'failed') {
        const reason = await explain();
        if (signalling !== this.signalling) return;
        this.mediaProblem = reason;
        this.reconnect(reason);
      }
    });
  }

  private async produce(name: string, source: Source, entry: LocalSource) {
    const transport = this.sendTransport;
    // A camera that is off has no track: it starts to be sent when it is on again.
    if (!transport || transport.closed || entry.track.readyState === 'ended') return;
    const producer = await transport.produce({
      track: entry.track,
      stopTracks: false,
      disableTrackOnPause: true,
      zeroRtpOnPause: true,
      appData: { source },
      ...(source === 'mic' ? { codecOptions: { opusDtx: true, opusFec: true } } : {}),
    });
    if (this.local.get(name) !== entry) {
      producer.close();
      return;
    }
    entry.producer = producer;
    if (producer.track !== entry.track) await producer.replaceTrack({ track: entry.track });
    if (entry.paused) {
      producer.pause();
      await this.signalling?.pauseProducer(producer.id);
    }
  }

  private queueConsume(producer: RemoteProducer) {
    const signalling = this.signalling;
    this.consuming = this.consuming
      .then(() => this.consume(signalling, producer))
      .catch((error: unknown) => {
        if (this.signalling === signalling && !(error instanceof RefusedError)) {
          this.events.notice(`${producer.name} cannot be shown: ${messageOf(error)}`);
        }
      });
  }

  private async consume(signalling: Signalling | undefined, producer: RemoteProducer) {
    const transport = this.recvTransport;
    if (!signalling || signalling !== this.signalling || !transport || !this.device) return;
    const { options, paused } = await signalling.consume(
      transport.id,
      producer.id,
      this.device.recvRtpCapabilities,
    );
    const consumer = await transport.consume({
      ...options,
      // Camera and microphone of one person play in step; a shared screen goes by itself.
      streamId: `${producer.peerId}-${producer.source === 'screen' ? 'screen' : 'camera'}`,
    });
    if (signalling !== this.signalling) return;
    const media = { producer, consumer, paused };
    this.remote.set(producer.id, media);
    this.events.mediaAdded(media);
  }

  /** Behind the consumes under way, so that one which is just being made is found. */
  private onRemote(producerId: string, action: (media: RemoteMedia) => void) {
    this.consuming = this.consuming.then(() => {
      const media = this.remote.get(producerId);
      if (media) action(media);
    });
  }

  private showPaused(media: RemoteMedia, paused: boolean) {
    media.paused = paused;
    this.events.mediaChanged(media);
  }

  private dropRemote(media: RemoteMedia) {
    this.remote.delete(media.producer.id);
    media.consumer.close();
    this.events.mediaRemoved(media);
  }

  private teardown() {
    for (const media of [...this.remote.values()]) this.dropRemote(media);
    for (const peerId of this.participants) this.events.participantLeft(peerId);
    this.participants.clear();
    for (const source of this.local.values()) source.producer = undefined;
    this.sendTransport?.close();
    this.recvTransport?.close();
    this.sendTransport = this.recvTransport = undefined;
    this.signalling?.close();
    this.signalling = undefined;
    this.consuming = Promise.resolve();
  }

  private reconnect(reason: string) {
    // One broken connection shows in several places.
    if (this.ended || this.retryTimer) return;
    this.teardown();
    const delay = RECONNECT_DELAYS_MS[Math.min(this.retries, RECONNECT_DELAYS_MS.length - 1)];
    this.retries += 1;
    this.events.state('reconnecting', reason);
    this.retryTimer = window.setTimeout(() => this.retry(), delay);
  }

  private retry() {
    this.retryTimer = 0;
    this.connect().catch((error: unknown) => this.reconnect(messageOf(error)));
  }
}

function key(source: Source, kind: string): string {
  return `${source}:${kind}`;
}
