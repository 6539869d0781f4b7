// The page before the call: name, room, a look at the camera, the microphone's level, and the choice
// of devices.

import { openBoth, openDevice, type DeviceSource } from '../devices';
import { LevelMeter } from '../level_meter';
import { messageOf } from '../signalling';
import { DeviceSelect } from './device_select';
import { el, icon, iconButton, setIcon } from './dom';

export interface LobbyResult {
  name: string;
  room: string;
  microphone?: MediaStreamTrack;
  camera?: MediaStreamTrack;
}

const NAME_KEY = 'sluice.name';
/** Tells people who type from those on a phone, where a focused field opens the keyboard. */
const TYPES = matchMedia('(pointer: fine)').matches;

/** `problem`: why the last call did not come about; may be empty. */
export function showLobby(root: HTMLElement, room: string, problem: string): Promise<LobbyResult> {
  return new Promise((resolve) => new Lobby(root, room, problem, resolve));
}

class Lobby {
  private readonly tracks: Partial<Record<DeviceSource, MediaStreamTrack>> = {};
  private readonly problems: Partial<Record<DeviceSource, string>> = {};
  private meter?: LevelMeter;
  private left = false;
  /** Devices open and close one after another. */
  private work: Promise<void>;
  private readonly video = el('video', { autoplay: true, playsinline: true });
  private readonly hint = el('p', { class: 'hint', role: 'status' });
  private readonly micProblem = el('p', { class: 'problem', role: 'status' });
  private readonly bar = el('span');
  private readonly micButton = iconButton('mic', 'Microphone', () => this.toggle('mic'));
  private readonly camButton = iconButton('cam', 'Camera', () => this.toggle('webcam'));
  private readonly devices = new DeviceSelect(
    (source) => this.tracks[source],
    (source) => this.queue(() => this.reopen(source)),
  );
  private readonly name: HTMLInputElement;
  private readonly room: HTMLInputElement;

  constructor(
    root: HTMLElement,
    room: string,
    problem: string,
    private readonly done: (result: LobbyResult) => void,
  ) {
    this.video.muted = true;
    this.name = el('input', {
      name: 'name',
      maxlength: 40,
      autocomplete: 'name',
      required: true,
      placeholder: 'Your name',
      value: localStorage.getItem(NAME_KEY) ?? '',
    });
    this.room = el('input', {
      name: 'room',
      maxlength: 128,
      autocomplete: 'off',
      required: true,
      value: room,
      spellcheck: 'false',
    });
    const join = el('button', { type: 'submit', class: 'primary' }, 'Join');
    root.replaceChildren(
      el(
        'section',
        { class: 'lobby' },
        el(
          'header',
          {},
          el('img', { src: './icon.svg', alt: '', width: 36, height: 36 }),
          el('h1', {}, 'Sluice'),
        ),
        el(
          'div',
          { class: 'card' },
          el(
            'div',
            { class: 'preview' },
            el('div', { class: 'placeholder' }, icon('camOff'), this.hint),
            this.video,
            el('div', { class: 'controls' }, this.micButton, this.camButton),
          ),
          el(
            'form',
            { class: 'fields', submit: (event: Event) => this.submit(event) },
            el('label', {}, 'Name', this.name),
            el('label', {}, 'Room', this.room),
            ...this.devices.labels,
            el('div', { class: 'level', title: 'Microphone level' }, this.bar),
            this.micProblem,
            el('p', { class: 'problem', role: 'alert' }, problem),
            join,
          ),
        ),
      ),
    );
    if (TYPES) (this.name.value ? join : this.name).focus();
    this.hint.textContent = 'Waiting for camera and microphone…';
    this.show('mic');
    this.work = this.start();
  }

  private async start() {
    const opened = await openBoth();
    for (const source of ['webcam', 'mic'] as const) this.take(source, opened[source]);
  }

  private queue(work: () => Promise<void>) {
    this.work = this.work.then(work);
  }

  private toggle(source: DeviceSource) {
    this.queue(async () => {
      if (this.tracks[source]) this.release(source);
      else await this.reopen(source);
    });
  }

  private async reopen(source: DeviceSource) {
    this.tracks[source]?.stop();
    this.take(source, await openDevice(source).catch((error: Error) => error));
  }

  private release(source: DeviceSource) {
    this.tracks[source]?.stop();
    delete this.tracks[source];
    this.show(source);
  }

  private take(source: DeviceSource, opened: MediaStreamTrack | Error) {
    if (opened instanceof Error) {
      delete this.tracks[source];
      this.problems[source] = messageOf(opened);
    } else if (this.left) {
      opened.stop();
      return;
    } else {
      this.tracks[source] = opened;
      delete this.problems[source];
      opened.addEventListener('ended', () => {
        if (this.tracks[source] === opened && !this.left) this.release(source);
      });
    }
    this.show(source);
    void this.devices.refresh();
  }

  private show(source: DeviceSource) {
    const track = this.tracks[source];
    if (source === 'webcam') {
      this.video.srcObject = track ? new MediaStream([track]) : null;
      this.video.classList.toggle('on', Boolean(track));
      this.hint.textContent = track ? '' : (this.problems.webcam ?? 'Your camera is off.');
      setIcon(this.camButton, track ? 'cam' : 'camOff', `Camera ${track ? 'off' : 'on'}`);
      this.camButton.classList.toggle('off', !track);
      return;
    }
    this.meter?.close();
    this.bar.style.width = '0';
    this.meter = track && new LevelMeter(track, (level) => {
      this.bar.style.width = `${Math.min(100, Math.round(level * 300))}%`;
    });
    const same = this.problems.mic === this.problems.webcam;
    this.micProblem.textContent = same ? '' : (this.problems.mic ?? '');
    setIcon(this.micButton, track ? 'mic' : 'micOff', `Microphone ${track ? 'off' : 'on'}`);
    this.micButton.classList.toggle('off', !track);
  }

  private submit(event: Event) {
    event.preventDefault();
    const name = this.name.value.trim();
    const room = this.room.value.trim();
    if (!name || !room) {
      (name ? this.room : this.name).focus();
      return;
    }
    localStorage.setItem(NAME_KEY, name);
    this.left = true;
    this.meter?.close();
    this.devices.close();
    this.done({ name, room, microphone: this.tracks.mic, camera: this.tracks.webcam });
  }
}
