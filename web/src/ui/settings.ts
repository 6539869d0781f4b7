// The dialog of a running call where another camera or microphone is chosen.

import type { DeviceSource } from '../devices';
import { DeviceSelect } from './device_select';
import { el } from './dom';

export function showSettings(
  inUse: (source: DeviceSource) => MediaStreamTrack | undefined,
  onChange: (source: DeviceSource) => void,
) {
  const devices = new DeviceSelect(inUse, onChange);
  const dialog = el(
    'dialog',
    { class: 'settings', 'aria-labelledby': 'settings-title' },
    el(
      'form',
      { method: 'dialog', class: 'fields' },
      el('h2', { id: 'settings-title' }, 'Camera and microphone'),
      ...devices.labels,
      el('button', { class: 'primary' }, 'Done'),
    ),
  );
  dialog.addEventListener('close', () => {
    devices.close();
    dialog.remove();
  });
  // A click beside it, that is on its backdrop.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}
