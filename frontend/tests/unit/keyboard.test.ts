import { describe, expect, it } from 'vitest';
import { COMMANDS, find, type Entry } from '../../src/keyboard/palette';
import { recent, remember } from '../../src/keyboard/recent';
import { Shortcuts } from '../../src/keyboard/shortcuts';

const key = (text: string, over: Partial<KeyboardEvent> = {}) => ({
  key: text, ctrlKey: false, metaKey: false, altKey: false, target: document.body, timeStamp: 0, ...over,
});

describe('shortcuts', () => {
  it('open the palette with Ctrl+K or Cmd+K everywhere', () => {
    const field = document.createElement('input');
    expect(new Shortcuts().press(key('k', { ctrlKey: true, target: field }), true)).toBe('palette');
    expect(new Shortcuts().press(key('K', { metaKey: true }), false)).toBe('palette');
  });

  it('go to a place with two keys, the second one soon', () => {
    const keys = new Shortcuts();
    expect(keys.press(key('g', { timeStamp: 0 }), true)).toBeNull();
    expect(keys.press(key('e', { timeStamp: 500 }), true)).toEqual({ go: '/executions' });
    // the pair is over
    expect(keys.press(key('e', { timeStamp: 600 }), true)).toBeNull();
    keys.press(key('g', { timeStamp: 1_000 }), true);
    expect(keys.press(key('e', { timeStamp: 3_000 }), true)).toBeNull();
    keys.press(key('g', { timeStamp: 4_000 }), true);
    expect(keys.press(key('g', { timeStamp: 4_100 }), true)).toEqual({ go: '/protection-groups' });
  });

  it('are off while somebody types, in dialogs and when switched off', () => {
    const field = document.createElement('textarea');
    expect(new Shortcuts().press(key('?', { target: field }), true)).toBeNull();
    expect(new Shortcuts().press(key('?'), false)).toBeNull();
    expect(new Shortcuts().press(key('r', { ctrlKey: true }), true)).toBeNull();
    const dialog = document.createElement('div');
    dialog.setAttribute('role', 'dialog');
    let visible = true;
    dialog.checkVisibility = () => visible;
    document.body.append(dialog);
    expect(new Shortcuts().press(key('?'), true)).toBeNull();
    visible = false;
    expect(new Shortcuts().press(key('?'), true)).toBe('help');
    dialog.remove();
  });
});

const entry = (kind: Entry['kind'], text: string, detail = ''): Entry => ({ kind, text, detail, to: '/' });

describe('the palette', () => {
  const entries = [
    entry('recent', 'Seen'), entry('command', 'Create a plan'), entry('plan', 'Web shop', 'p-1'), entry('plan', 'Shop', 'p-2'),
    entry('group', 'Shop database', 'eu-west-1 g-1'), entry('server', 'db01', 's-0123456789abcdef0'),
  ];

  it('shows what was seen last and commands before anything is typed', () => {
    expect(find(entries, '').map((e) => e.text)).toEqual(['Seen', 'Create a plan']);
  });

  it('finds every word, in names first, and by id', () => {
    expect(find(entries, 'shop').map((e) => e.text)).toEqual(['Shop', 'Web shop', 'Shop database']);
    expect(find(entries, 'shop eu-west').map((e) => e.text)).toEqual(['Shop database']);
    expect(find(entries, 's-0123').map((e) => e.text)).toEqual(['db01']);
    expect(find(entries, 'nothing')).toEqual([]);
  });

  it('shows some of each kind, so that none hides the others', () => {
    const many = [...Array.from({ length: 50 }, (_, i) => entry('plan', `shop ${String(i)}`)), entry('group', 'shop group')];
    const kinds = find(many, 'shop').map((e) => e.kind);
    expect(kinds.filter((k) => k === 'plan')).toHaveLength(8);
    expect(kinds).toContain('group');
  });

  it('has commands for changes only with a permission', () => {
    expect(COMMANDS.filter((c) => /new|transfer|tagsync|audit/.test(c.text)).every((c) => c.permission !== undefined)).toBe(true);
  });

  it('remembers pages by user, the newest first, each once', () => {
    for (const id of ['a', 'b', 'a']) {
      remember('ann', { path: `/executions/${id}`, title: id });
    }
    expect(recent('ann').map((r) => r.title)).toEqual(['a', 'b']);
    expect(recent('bob')).toEqual([]);
    for (let i = 0; i < 20; i++) {
      remember('ann', { path: String(i), title: String(i) });
    }
    expect(recent('ann')).toHaveLength(8);
  });
});
