// Small building blocks for the page: elements, icons, toasts.

type Child = Node | string | undefined | false;

/** Makes an element with attributes (a function value is an event listener) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value as EventListener);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, String(value));
    }
  }
  element.append(...children.filter((c): c is Node | string => Boolean(c)));
  return element;
}

const ICONS = {
  mic: 'M12 15a3.500 3.500 0 0 0 3.500-3.500v-5a3.500 3.500 0 0 0-7 0v5A3.500 3.500 0 0 0 12 15Zm6-3.500a6 6 0 0 1-12 0M12 17.500V21m-3 0h6',
  micOff:
    'M4 4l16 16M15.500 11.200V6.500a3.500 3.500 0 0 0-6.700-1.400M8.500 9v2.500a3.500 3.500 0 0 0 5.200 3M6 11.500a6 6 0 0 0 9.700 4.700M18 11.500c0 .8-.15 1.500-.4 2.200M12 17.500V21m-3 0h6',
  cam: 'M4.500 7h9A1.500 1.500 0 0 1 15 8.500v7a1.500 1.500 0 0 1-1.500 1.500h-9A1.500 1.500 0 0 1 3 15.500v-7A1.500 1.500 0 0 1 4.500 7ZM15 11l6-3.500v9L15 13',
  camOff:
    'M4 4l16 16M9 7h4.500A1.500 1.500 0 0 1 15 8.500V11l6-3.500v9l-3.500-2M15 15.500a1.500 1.500 0 0 1-1.500 1.500h-9A1.500 1.500 0 0 1 3 15.500v-7A1.500 1.500 0 0 1 4.500 7H6',
  screen: 'M4 5h16v11H4zM9 20h6m-3-4v4m0-12v5m0-5-2.200 2.200M12 8l2.200 2.200',
  leave:
    'M3 14.500c5-4.300 13-4.300 18 0l-1.700 2.700-4-1.400v-2.600c-2.100-.6-4.500-.6-6.600 0v2.600l-4 1.400z',
  expand: 'M14 4h6v6M10 20H4v-6M20 4l-6.500 6.500M4 20l6.500-6.500',
  settings:
    'M4 7h9m5 0h2M4 17h2m5 0h9M15.500 4.700v4.600M8.500 14.700v4.600',
  stats: 'M5 20v-7m7 7V4m7 16v-10',
  link: 'M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1',
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** A round button with an icon and a label that shows on hover and to screen readers. */
export function iconButton(name: IconName, label: string, onClick: () => void): HTMLButtonElement {
  const button = el('button', { type: 'button', class: 'round', title: label, 'aria-label': label });
  button.append(icon(name));
  button.addEventListener('click', onClick);
  return button;
}

/** `key` is a letter that does the same as a click. */
export function setIcon(button: HTMLButtonElement, name: IconName, label: string, key = '') {
  button.replaceChildren(icon(name));
  button.title = key ? `${label} (${key})` : label;
  button.setAttribute('aria-label', label);
}

const TOAST_MS = 7000;
// There from the start: screen readers read what comes into a list that they know.
const toasts = el('div', { class: 'toasts', role: 'status' });
document.body.append(toasts);

export function toast(text: string, kind: 'info' | 'error' = 'info') {
  const entry = el('div', { class: `toast ${kind}` }, text);
  entry.addEventListener('click', () => entry.remove());
  toasts.append(entry);
  setTimeout(() => entry.remove(), TOAST_MS);
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  // By code points: a name may begin with an emoji.
  return ends.map((word) => [...word][0] ?? '?').join('').toUpperCase();
}

/** A steady hue for a person. */
export function hue(text: string): number {
  let sum = 0;
  for (const c of text) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  return sum % 360;
}
