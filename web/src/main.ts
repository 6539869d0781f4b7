// The built-in client: lobby, then call, then lobby again.

import './style/base.css';
import './style/lobby.css';
import './style/room.css';
import './style/tile.css';
import { Call } from './call';
import { FoundrySignalling } from './foundry_signalling';
import { messageOf } from './signalling';
import { toast } from './ui/dom';
import { showLobby } from './ui/lobby';
import { RoomView } from './ui/room';
import { keepAwake } from './wake_lock';

const root = document.getElementById('app')!;

function randomText(length: number): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  return Array.from(crypto.getRandomValues(new Uint8Array(length)), (b) => alphabet[b % 32]).join('');
}

/** One per tab, the same after a reload: the server then replaces the old session at once. */
function userId(): string {
  const stored = sessionStorage.getItem('sluice.user');
  if (stored) return stored;
  const made = randomText(16);
  sessionStorage.setItem('sluice.user', made);
  return made;
}

/** One call; gives the reason when it did not come about. `problem` is that of the last. */
async function run(problem: string): Promise<string> {
  const room = new URLSearchParams(location.search).get('room') || `room-${randomText(5)}`;
  const joined = await showLobby(root, room, problem);
  const url = new URL(location.href);
  url.searchParams.set('room', joined.room);
  history.replaceState(null, '', url);
  document.title = `${joined.room} – Sluice`;

  const base = new URL('foundry', location.href.replace(/[?#].*$/, '')).toString();
  const call: Call = new Call(
    { room: joined.room, userId: userId(), name: joined.name },
    (events) => new FoundrySignalling(base, call.identity, events),
    {
      state: (state, detail) => view.setState(state, detail),
      participantJoined: (participant) => view.addParticipant(participant),
      participantLeft: (peerId) => view.removeParticipant(peerId),
      mediaAdded: (media) => view.addMedia(media),
      mediaChanged: (media) => view.changeMedia(media),
      mediaRemoved: (media) => view.removeMedia(media),
      notice: (text) => toast(text),
    },
  );
  let leave!: () => void;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const view = new RoomView(root, call, url.toString(), leave);
  const retry = () => call.retryNow();
  window.addEventListener('online', retry);
  const letSleep = keepAwake();
  try {
    // What the call has is sent as soon as it is connected.
    if (joined.microphone) await view.use('mic', joined.microphone);
    if (joined.camera) await view.use('webcam', joined.camera);
    await Promise.race([left, call.join().then(() => left)]);
    return '';
  } catch (error) {
    return messageOf(error);
  } finally {
    window.removeEventListener('online', retry);
    letSleep();
    call.leave();
    view.close();
    document.title = 'Sluice';
  }
}

async function main() {
  for (let problem = ''; ; ) problem = await run(problem);
}

void main();
