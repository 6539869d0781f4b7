// One participant (or one shared screen) in the grid: picture or initials, name, who is speaking and
// who is muted, and on request the numbers behind the picture.

import type { types } from 'mediasoup-client';
import { el, hue, icon, iconButton, initials } from './dom';
import { StatsReader } from './stats';

/** Linear level (0..1) above which somebody counts as speaking. */
const SPEAKING_LEVEL = 0.02;
/** Between two words nobody has stopped speaking. */
const SPEAKING_HOLD_MS = 600;

export class Tile {
  readonly element: HTMLElement;
  readonly isScreen: boolean;
  /** The participant is there, with media or without. */
  present = false;
  private readonly video = el('video', { autoplay: true, playsinline: true });
  private readonly audio = el('audio', { autoplay: true });
  private readonly label = el('span', { class: 'name' });
  private readonly avatar = el('div', { class: 'avatar', 'aria-hidden': 'true' });
  private readonly stats = el('pre', { class: 'stats', hidden: true });
  private readonly muted = el('span', { class: 'muted', role: 'img', 'aria-label': 'Muted' }, icon('micOff'));
  private readonly reader = new StatsReader();
  private videoSource?: types.Consumer | types.Producer;
  private audioSource?: types.Consumer | types.Producer;
  private track?: MediaStreamTrack;
  private videoPaused = false;
  private speakingUntil = 0;

  constructor(name: string, options: { local?: boolean; screen?: boolean } = {}) {
    this.isScreen = options.screen ?? false;
    this.video.muted = true;
    // Initials stay until there is something to see.
    this.video.addEventListener('loadeddata', () => this.refreshPicture());
    this.element = el(
      'figure',
      { class: 'tile' },
      this.avatar,
      this.video,
      this.audio,
      el('figcaption', {}, this.muted, this.label),
      this.stats,
      document.fullscreenEnabled &&
        Object.assign(iconButton('expand', 'Full screen', () => this.toggleFullScreen()), {
          className: 'expand',
        }),
    );
    this.element.classList.toggle('screen', this.isScreen);
    this.element.classList.toggle('mirror', Boolean(options.local) && !this.isScreen);
    this.element.addEventListener('dblclick', () => this.toggleFullScreen());
    this.rename(name, Boolean(options.local) && !this.isScreen);
    this.setMuted(!this.isScreen);
  }

  rename(name: string, you = false) {
    this.element.dataset.name = name;
    this.label.textContent = this.label.title = you ? `${name} (you)` : name;
    this.avatar.textContent = initials(name);
    this.avatar.style.setProperty('--hue', String(hue(name)));
  }

  get empty(): boolean {
    return !this.present && !this.track && !this.audioSource;
  }

  /** `consumer` of a remote picture; see `measure` for a local one. */
  showVideo(track: MediaStreamTrack, consumer?: types.Consumer) {
    if (consumer) this.videoSource = consumer;
    this.videoPaused = false;
    if (this.track !== track) {
      this.track = track;
      this.video.srcObject = new MediaStream([track]);
      void this.video.play().catch(() => undefined);
    }
    this.refreshPicture();
  }

  hideVideo() {
    this.videoSource = undefined;
    this.track = undefined;
    this.video.srcObject = null;
    this.refreshPicture();
  }

  playAudio(consumer: types.Consumer) {
    this.audioSource = consumer;
    this.audio.srcObject = new MediaStream([consumer.track]);
    void this.audio.play().catch(() => undefined);
  }

  /** Takes away what a consumer plays, unless another one plays there by now. */
  remove(consumer: types.Consumer) {
    if (this.videoSource === consumer) this.hideVideo();
    if (this.audioSource === consumer) {
      this.audioSource = undefined;
      this.audio.srcObject = null;
      this.setMuted(!this.isScreen);
    }
  }

  /** The sender stopped or goes on. */
  setPaused(kind: types.MediaKind, paused: boolean) {
    if (kind === 'audio') {
      this.setMuted(paused && !this.isScreen);
      return;
    }
    this.videoPaused = paused;
    this.refreshPicture();
  }

  /** For a local tile: what sends, for the overlay. */
  measure(video?: types.Producer, audio?: types.Producer) {
    this.videoSource = video;
    this.audioSource = audio;
  }

  setMuted(muted: boolean) {
    this.muted.hidden = !muted;
    if (muted) this.setSpeaking(-1);
  }

  /** `level` is 0..1, or below 0 for nobody; called several times a second. */
  setSpeaking(level: number) {
    const now = performance.now();
    if (level > SPEAKING_LEVEL) this.speakingUntil = now + SPEAKING_HOLD_MS;
    if (level < 0) this.speakingUntil = 0;
    this.element.classList.toggle('speaking', now < this.speakingUntil);
  }

  pollAudioLevel() {
    const receiver = (this.audioSource as types.Consumer | undefined)?.rtpReceiver;
    if (!receiver || !this.muted.hidden || this.isScreen) return;
    this.setSpeaking(receiver.getSynchronizationSources()[0]?.audioLevel ?? 0);
  }

  async refreshStats(shown: boolean) {
    this.stats.hidden = !shown;
    if (!shown) return;
    const lines = await this.reader.read([this.videoSource, this.audioSource]);
    this.stats.textContent = lines.join('\n') || 'No media';
  }

  private refreshPicture() {
    const loaded = this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    this.element.classList.toggle('picture', Boolean(this.track) && loaded && !this.videoPaused);
  }

  private toggleFullScreen() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.element.requestFullscreen?.();
  }
}
