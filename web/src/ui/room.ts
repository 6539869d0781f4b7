// The page of a running call: the grid of tiles and the bar of controls.

import type { Call, CallState, RemoteMedia } from '../call';
import { canShareScreen, openDevice, openScreen, type DeviceSource } from '../devices';
import { LevelMeter } from '../level_meter';
import { messageOf, type Participant } from '../signalling';
import { el, iconButton, setIcon, toast } from './dom';
import { Invitation } from './invitation';
import { layOut, place } from './layout';
import { showSettings } from './settings';
import { Tile } from './tile';

const GRID_GAP = 10;
const SHORTCUTS = { m: 'mic', v: 'cam', s: 'screen' } as const;

export class RoomView {
  private readonly grid = el('div', { class: 'grid' });
  private readonly banner = el('div', { class: 'banner', role: 'status', hidden: true });
  private readonly count = el('span', { class: 'count', role: 'status' });
  private readonly invitation: Invitation;
  private readonly buttons = {
    mic: iconButton('mic', 'Mute', () => this.run('mic', () => this.toggleMicrophone())),
    cam: iconButton('cam', 'Camera off', () => this.run('cam', () => this.toggleCamera())),
    screen: iconButton('screen', 'Share screen', () => this.run('screen', () => this.toggleScreen())),
    settings: iconButton('settings', 'Devices', () => this.openSettings()),
    stats: iconButton('stats', 'Statistics', () => this.toggleStats()),
  };
  /** Buttons whose work is not done; a second click would do it twice. */
  private readonly busy = new Set<keyof typeof this.buttons>();
  private readonly tiles = new Map<string, Tile>();
  private readonly localTile: Tile;
  private localScreen?: Tile;
  private meter?: LevelMeter;
  private metered?: MediaStreamTrack;
  private showStats = false;
  private inRoom = false;
  private readonly timers: number[];
  private readonly resize = new ResizeObserver(() => this.arrange());
  private readonly onKey = (event: KeyboardEvent) => this.pressKey(event);

  constructor(
    root: HTMLElement,
    private readonly call: Call,
    inviteUrl: string,
    onLeave: () => void,
  ) {
    this.invitation = new Invitation(inviteUrl);
    const leave = iconButton('leave', 'Leave', onLeave);
    leave.classList.add('leave');
    root.replaceChildren(
      el(
        'section',
        { class: 'room' },
        el(
          'header',
          {},
          el('img', { src: './icon.svg', alt: '', width: 26, height: 26 }),
          el('h1', { title: call.identity.room }, call.identity.room),
          this.count,
          this.invitation.button,
        ),
        this.banner,
        this.grid,
        el('nav', { 'aria-label': 'Call controls' }, ...Object.values(this.buttons), leave),
      ),
    );
    this.buttons.screen.hidden = !canShareScreen;
    for (const [letter, name] of Object.entries(SHORTCUTS)) {
      this.buttons[name].setAttribute('aria-keyshortcuts', letter);
    }
    this.localTile = new Tile(call.identity.name, { local: true });
    this.tiles.set('local', this.localTile);
    this.grid.append(this.localTile.element, this.invitation.card);
    this.resize.observe(this.grid);
    this.timers = [
      window.setInterval(() => this.tiles.forEach((tile) => tile.pollAudioLevel()), 150),
      window.setInterval(() => this.refreshStats(), 1000),
    ];
    document.addEventListener('keydown', this.onKey);
    this.refreshButtons();
    this.arrange();
    this.buttons.mic.focus();
  }

  close() {
    this.timers.forEach((timer) => clearInterval(timer));
    document.removeEventListener('keydown', this.onKey);
    document.querySelector<HTMLDialogElement>('dialog.settings')?.close();
    this.meter?.close();
    this.resize.disconnect();
  }

  setState(state: CallState, detail: string) {
    this.inRoom = state === 'connected' || state === 'stalled';
    this.banner.hidden = state === 'connected' || state === 'ended';
    this.banner.textContent = {
      connecting: 'Connecting…',
      reconnecting: `${detail} Reconnecting…`,
      stalled: detail,
      connected: '',
      ended: '',
    }[state];
    this.arrange();
  }

  /** Shows and sends a track of this participant, in place of another of the same source. */
  async use(source: DeviceSource, track: MediaStreamTrack) {
    const sent = this.call.send(source, track);
    track.addEventListener('ended', () => {
      if (this.call.trackOf(source) !== track) return;
      toast(`The ${source === 'mic' ? 'microphone' : 'camera'} is gone.`, 'error');
      this.run(source === 'mic' ? 'mic' : 'cam', () => this.call.pause(source));
    });
    this.refreshButtons();
    await sent;
  }

  addParticipant({ peerId, name }: Participant) {
    this.tileFor(peerId, name).present = true;
    this.tiles.get(peerId)?.rename(name);
    this.arrange();
  }

  removeParticipant(peerId: string) {
    const tile = this.tiles.get(peerId);
    if (!tile) return;
    tile.present = false;
    this.drop(peerId);
  }

  addMedia(media: RemoteMedia) {
    const { producer, consumer, paused } = media;
    const screen = producer.source === 'screen';
    const name = screen ? `${producer.name}’s screen` : producer.name;
    const tile = this.tileFor(tileId(media), name, screen);
    if (consumer.kind === 'video') tile.showVideo(consumer.track, consumer);
    else tile.playAudio(consumer);
    tile.setPaused(consumer.kind, paused);
    this.arrange();
  }

  changeMedia(media: RemoteMedia) {
    this.tiles.get(tileId(media))?.setPaused(media.consumer.kind, media.paused);
  }

  removeMedia(media: RemoteMedia) {
    this.tiles.get(tileId(media))?.remove(media.consumer);
    this.drop(tileId(media));
  }

  private tileFor(id: string, name: string, screen = false): Tile {
    const existing = this.tiles.get(id);
    if (existing) return existing;
    const tile = new Tile(name, { screen });
    this.tiles.set(id, tile);
    this.grid.append(tile.element);
    return tile;
  }

  private drop(id: string) {
    const tile = this.tiles.get(id);
    if (tile?.empty) {
      tile.element.remove();
      this.tiles.delete(id);
    }
    this.arrange();
  }

  private refreshButtons() {
    const { mic, cam, screen, stats } = this.buttons;
    const muted = !this.call.isOn('mic');
    setIcon(mic, muted ? 'micOff' : 'mic', muted ? 'Unmute' : 'Mute', 'M');
    mic.classList.toggle('off', muted);
    this.localTile.setMuted(muted);
    this.listen(muted ? undefined : this.call.trackOf('mic'));

    const dark = !this.call.isOn('webcam');
    setIcon(cam, dark ? 'camOff' : 'cam', dark ? 'Camera on' : 'Camera off', 'V');
    cam.classList.toggle('off', dark);
    const picture = this.call.trackOf('webcam');
    if (dark || !picture) this.localTile.hideVideo();
    else this.localTile.showVideo(picture);

    const sharing = this.call.isOn('screen');
    setIcon(screen, 'screen', sharing ? 'Stop sharing' : 'Share screen', 'S');
    screen.classList.toggle('active', sharing);
    stats.classList.toggle('active', this.showStats);
    stats.setAttribute('aria-pressed', String(this.showStats));
  }

  /** Shows when this participant speaks. */
  private listen(track?: MediaStreamTrack) {
    if (track === this.metered) return;
    this.metered = track;
    this.meter?.close();
    this.meter = track && new LevelMeter(track, (level) => this.localTile.setSpeaking(level));
  }

  private async toggleMicrophone() {
    if (this.call.isOn('mic')) return this.call.pause('mic');
    if (!this.call.has('mic')) await this.use('mic', await openDevice('mic'));
    await this.call.resume('mic');
  }

  private async toggleCamera() {
    if (this.call.isOn('webcam')) return this.call.pause('webcam');
    await this.use('webcam', await openDevice('webcam'));
    await this.call.resume('webcam');
  }

  private async toggleScreen() {
    if (this.call.isOn('screen')) return this.stopScreen();
    const stream = await openScreen();
    if (!stream) return;
    const video = stream.getVideoTracks()[0];
    video.addEventListener('ended', () => this.run('screen', () => this.stopScreen()));
    this.localScreen = this.tileFor('local-screen', 'Your screen', true);
    this.localScreen.showVideo(video);
    this.arrange();
    try {
      for (const track of stream.getTracks()) await this.call.send('screen', track);
    } catch (error) {
      await this.stopScreen();
      throw error;
    }
  }

  private async stopScreen() {
    this.localScreen?.hideVideo();
    this.localScreen = undefined;
    this.drop('local-screen');
    await this.call.stop('screen');
  }

  private openSettings() {
    showSettings(
      (source) => this.call.trackOf(source),
      (source) => {
        // What is off stays off, and takes the new device when it is switched on.
        const name = source === 'mic' ? 'mic' : 'cam';
        const open = async () => this.use(source, await openDevice(source));
        if (source === 'mic' ? this.call.has('mic') : this.call.isOn('webcam')) this.run(name, open);
      },
    );
  }

  private toggleStats() {
    this.showStats = !this.showStats;
    this.refreshButtons();
    this.refreshStats();
  }

  private refreshStats() {
    // A reconnect makes new producers.
    this.localTile.measure(this.call.producerOf('webcam'), this.call.producerOf('mic'));
    this.localScreen?.measure(this.call.producerOf('screen'));
    this.tiles.forEach((tile) => void tile.refreshStats(this.showStats));
  }

  private run(name: keyof typeof this.buttons, action: () => Promise<void>) {
    if (this.busy.has(name)) return;
    this.busy.add(name);
    action()
      .catch((error: unknown) => toast(messageOf(error), 'error'))
      .finally(() => {
        this.busy.delete(name);
        this.refreshButtons();
      });
  }

  private pressKey(event: KeyboardEvent) {
    const name = SHORTCUTS[event.key.toLowerCase() as keyof typeof SHORTCUTS];
    const typing = (event.target as Element).closest('input, select, textarea, dialog');
    if (!name || typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    this.buttons[name].click();
  }

  private arrange() {
    const tiles = [...this.tiles.values()];
    const people = tiles.filter((tile) => !tile.isScreen).length;
    const alone = people === 1 && this.inRoom;
    this.count.textContent = !this.inRoom ? '' : alone ? 'Only you are here' : `${people} people`;
    this.invitation.card.hidden = !alone;
    this.invitation.button.hidden = alone;

    const { clientWidth, clientHeight } = this.grid;
    const screens = tiles.map((tile) => tile.isScreen);
    const places = layOut(alone ? [...screens, false] : screens, clientWidth, clientHeight, GRID_GAP);
    tiles.forEach((tile, index) => place(tile.element, places[index]));
    if (alone) place(this.invitation.card, places[tiles.length]);
  }
}

function tileId({ producer }: RemoteMedia): string {
  return producer.source === 'screen' ? `${producer.peerId}:screen` : producer.peerId;
}
