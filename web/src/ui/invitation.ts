// The link to a room: copied, shared the way phones do it, and shown to whoever is alone.

import { el, icon, toast } from './dom';

export class Invitation {
  /** For the header of the call. */
  readonly button: HTMLButtonElement;
  /** Takes the place of the others as long as there are none. */
  readonly card: HTMLElement;

  constructor(private readonly url: string) {
    this.button = this.copyButton('invite');
    this.card = el(
      'div',
      { class: 'invitation', hidden: true },
      el('p', { class: 'title' }, 'Nobody else is here yet'),
      el('p', {}, 'Whoever opens this link joins the call:'),
      el('output', {}, url),
      this.copyButton('primary'),
    );
  }

  private copyButton(style: string): HTMLButtonElement {
    return el(
      'button',
      { type: 'button', class: style, 'aria-label': 'Copy invite link', click: () => void this.give() },
      icon('link'),
      el('span', {}, 'Copy invite link'),
    );
  }

  private async give() {
    const touch = matchMedia('(pointer: coarse)').matches;
    if (touch && navigator.share) {
      // Rejects when the user thinks better of it.
      await navigator.share({ url: this.url }).catch(() => undefined);
      return;
    }
    try {
      await navigator.clipboard.writeText(this.url);
      toast('The link is in the clipboard.');
    } catch {
      // Pages without HTTPS have no clipboard.
      window.prompt('Send this link to whoever should join:', this.url);
    }
  }
}
