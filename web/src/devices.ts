// Cameras, microphones and screens: choosing them, opening them, and saying in plain words why that
// did not work.

import type { Source } from './signalling';

/** A source that somebody chooses a device for. */
export type DeviceSource = 'mic' | 'webcam';

/** Ids of the devices last chosen. */
export type DeviceChoice = Partial<Record<DeviceSource, string>>;

/** One track or one reason for each device. */
export type Opened = Record<DeviceSource, MediaStreamTrack | Error>;

const STORAGE_KEY = 'sluice.devices';

export function loadChoice(): DeviceChoice {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as DeviceChoice;
  } catch {
    return {};
  }
}

export function saveChoice(choice: DeviceChoice) {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(choice));
}

/** Opens the chosen device, or throws an Error whose message is meant for the user. */
export async function openDevice(source: DeviceSource): Promise<MediaStreamTrack> {
  try {
    return (await getUserMedia([source])).getTracks()[0];
  } catch (error) {
    throw explain(source, error);
  }
}

/** Opens camera and microphone with one question of the browser for both. */
export async function openBoth(): Promise<Opened> {
  try {
    const stream = await getUserMedia(['mic', 'webcam']);
    return { mic: stream.getAudioTracks()[0], webcam: stream.getVideoTracks()[0] };
  } catch (error) {
    const refused = nameOf(error) === 'NotAllowedError';
    if (refused && !(await isGranted('mic')) && !(await isGranted('webcam'))) {
      const both = notAllowed('camera and microphone');
      return { mic: both, webcam: both };
    }
    // Asking for one that was just refused would only bring the same question again.
    const alone = async (source: DeviceSource) =>
      refused && !(await isGranted(source))
        ? explain(source, error)
        : openDevice(source).catch((reason: Error) => reason);
    return { mic: await alone('mic'), webcam: await alone('webcam') };
  }
}

async function isGranted(source: DeviceSource): Promise<boolean> {
  const name = (source === 'mic' ? 'microphone' : 'camera') as PermissionName;
  const status = await navigator.permissions?.query({ name }).catch(() => undefined);
  return status?.state === 'granted';
}

export const canShareScreen = Boolean(navigator.mediaDevices?.getDisplayMedia);

/** Nothing when the user changed their mind. */
export async function openScreen(): Promise<MediaStream | undefined> {
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 }, audio: true });
  } catch (error) {
    if (nameOf(error) === 'NotAllowedError') return undefined;
    throw explain('screen', error);
  }
}

/** The devices that can be chosen. Browsers name none before they were allowed. */
export async function listDevices(source: DeviceSource): Promise<MediaDeviceInfo[]> {
  const kind = source === 'mic' ? 'audioinput' : 'videoinput';
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all.filter((device) => device.kind === kind && device.deviceId);
}

async function getUserMedia(
  sources: DeviceSource[],
  choice: DeviceChoice = loadChoice(),
): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error(
      'Browsers give camera and microphone only to pages from HTTPS or localhost. ' +
        'Open this page with https:// or on the machine itself.',
    );
  }
  // Not `ideal`: browsers would rather take another camera that has the ideal size.
  const chosen = (id?: string) => (id ? { exact: id } : undefined);
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: sources.includes('mic') && {
        deviceId: chosen(choice.mic),
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
      },
      video: sources.includes('webcam') && {
        deviceId: chosen(choice.webcam),
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30 },
      },
    });
  } catch (error) {
    // The device chosen last time is not there.
    if (nameOf(error) === 'OverconstrainedError' && (choice.mic || choice.webcam)) {
      return getUserMedia(sources, {});
    }
    throw error;
  }
}

/** What browsers call it; empty for our own. */
function nameOf(error: unknown): string {
  const { name } = error as Error;
  return name === 'Error' ? '' : name;
}

function notAllowed(what: string): Error {
  return new Error(
    `This page is not allowed to use the ${what}. ` +
      'Allow it in the address bar, then switch it on here.',
  );
}

function explain(source: Source, error: unknown): Error {
  const device = { mic: 'microphone', webcam: 'camera', screen: 'screen' }[source];
  switch (nameOf(error)) {
    case '':
      return error as Error;
    case 'NotAllowedError':
      return notAllowed(device);
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new Error(`No ${device} was found.`);
    case 'NotReadableError':
    case 'AbortError':
      return new Error(`The ${device} is in use by another program.`);
    default:
      return new Error(`The ${device} could not be opened: ${String(error)}`);
  }
}
