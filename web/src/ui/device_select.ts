// The choice of camera and microphone: two lists that follow the devices as they come and go.

import { listDevices, loadChoice, saveChoice, type DeviceSource } from '../devices';
import { el } from './dom';

const NAMES = { webcam: 'Camera', mic: 'Microphone' };
const SOURCES: DeviceSource[] = ['webcam', 'mic'];

export class DeviceSelect {
  readonly labels: HTMLElement[];
  private readonly selects: Record<DeviceSource, HTMLSelectElement>;
  private readonly onDevices = () => void this.refresh();

  /** `inUse` says which track shows the current device, `onChange` that another one was chosen. */
  constructor(
    private readonly inUse: (source: DeviceSource) => MediaStreamTrack | undefined,
    onChange: (source: DeviceSource) => void,
  ) {
    const make = (source: DeviceSource) =>
      el('select', {
        name: source,
        change: (event: Event) => {
          saveChoice({ ...loadChoice(), [source]: (event.target as HTMLSelectElement).value });
          onChange(source);
        },
      });
    this.selects = { webcam: make('webcam'), mic: make('mic') };
    this.labels = SOURCES.map((source) => el('label', {}, NAMES[source], this.selects[source]));
    navigator.mediaDevices?.addEventListener('devicechange', this.onDevices);
    void this.refresh();
  }

  async refresh() {
    for (const source of SOURCES) {
      const devices = await listDevices(source);
      const current = this.inUse(source)?.getSettings().deviceId ?? loadChoice()[source];
      const select = this.selects[source];
      select.replaceChildren(
        ...devices.map((device, index) =>
          el(
            'option',
            { value: device.deviceId, selected: device.deviceId === current },
            device.label || `${NAMES[source]} ${index + 1}`,
          ),
        ),
      );
      select.disabled = devices.length === 0;
      if (select.disabled) select.append(el('option', {}, 'None available'));
    }
  }

  close() {
    navigator.mediaDevices?.removeEventListener('devicechange', this.onDevices);
  }
}
