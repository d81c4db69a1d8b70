/** What keys mean. Single keys work only outside of fields and dialogs. */

export type Command = { go: string } | 'palette' | 'help' | 'filter' | 'new' | 'refresh';

export const PLACES: readonly { key: string; path: string }[] = [
  { key: 'd', path: '/' },
  { key: 'g', path: '/protection-groups' },
  { key: 'p', path: '/recovery-plans' },
  { key: 'e', path: '/executions' },
  { key: 's', path: '/servers' },
  { key: 'c', path: '/capacity' },
];

export const KEYS: readonly { key: string; command: 'help' | 'filter' | 'new' | 'refresh' }[] = [
  { key: '/', command: 'filter' },
  { key: 'n', command: 'new' },
  { key: 'r', command: 'refresh' },
  { key: '?', command: 'help' },
];

/** The second key of "g d" has to come within this time. */
const SEQUENCE_MS = 1_500;

const FIELDS = 'input, textarea, select, [contenteditable="true"], [role="textbox"], [role="combobox"], [role="listbox"], [role="menu"]';

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target' | 'timeStamp'>;

export class Shortcuts {
  private since: number | null = null;

  /** `single`: whether single keys are on; the palette always is. */
  press(event: Key, single: boolean): Command | null {
    const { since } = this;
    this.since = null;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      return 'palette';
    }
    if (!single || event.ctrlKey || event.metaKey || event.altKey || inField(event.target) || dialogOpen()) {
      return null;
    }
    if (since !== null && event.timeStamp - since < SEQUENCE_MS) {
      const place = PLACES.find((p) => p.key === event.key);
      return place === undefined ? null : { go: place.path };
    }
    if (event.key === 'g') {
      this.since = event.timeStamp;
      return null;
    }
    return KEYS.find((k) => k.key === event.key)?.command ?? null;
  }
}

function inField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(FIELDS) !== null;
}

function dialogOpen(): boolean {
  return [...document.querySelectorAll<HTMLElement>('[role="dialog"]')].some((d) => d.checkVisibility());
}
