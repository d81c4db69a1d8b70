import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Flashes } from '../../src/app/flashes';
import { Notices } from '../../src/app/notices';
import type { LiveEvent } from '../../src/live/connection';
import { writeStored } from '../../src/lib/stored';
import { BROWSER_KEY, noticeOf, take } from '../../src/notices/incoming';

const EXECUTION = '5f0d3a86-8a29-4e6e-9a37-54d0d5f3c8de';

function event(code: string, over: Partial<LiveEvent> = {}, severity = 'warning'): LiveEvent {
  return {
    id: `1-${code}`, time: '2026-11-29T06:00:00.000Z', event: 'notice', topic: 'notices', resourceType: 'settings', resourceId: code,
    data: { severity, code, message: 'drill of plan Shop: the run is paused' }, ...over,
  };
}

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('notices of the server', () => {
  it.each([
    [event('pause', { executionId: EXECUTION }), `/executions/${EXECUTION}`, true],
    [event('fail', { executionId: EXECUTION }, 'error'), `/executions/${EXECUTION}`, true],
    [event('complete', { executionId: EXECUTION }, 'info'), `/executions/${EXECUTION}`, true],
    [event('wave_completed', { executionId: EXECUTION }, 'info'), `/executions/${EXECUTION}`, false],
    [event('schedule_skipped', { resourceType: 'schedule', resourceId: 's', planId: 'p' }), '/recovery-plans/p/schedules/s', true],
    [event('schedule_skipped', { planId: 'p' }), '/recovery-plans/p', true],
    [event('capacity_threshold', { accountId: '111122223333' }), '/capacity?account=111122223333', true],
    [event('tag_sync_partial'), '/settings/tag-sync', true],
    [event('account_unreachable'), '/settings/accounts', true],
    [event('something_new'), null, true],
  ])('lead to where one acts: %#', (incoming, href, unread) => {
    const notice = noticeOf(incoming);
    expect(notice).toMatchObject({ href, unread, content: 'drill of plan Shop: the run is paused' });
    expect(notice?.header).not.toContain('notice.');
  });

  it('tell of settings that were changed in AWS, and of nothing else', () => {
    const drift = (status: string): LiveEvent =>
      ({ ...event('x'), event: 'launchconfig.status', resourceType: 'group', resourceId: 'g', data: { status } });
    expect(noticeOf(drift('drifted'))).toMatchObject({ type: 'warning', href: '/protection-groups/g', unread: true });
    expect(noticeOf(drift('ready'))).toBeNull();
    expect(noticeOf({ ...event('x'), event: 'wave.status' })).toBeNull();
  });

  it('are kept over a reload of the page, each once, and are unread until somebody looks', () => {
    const notices = new Notices('ann');
    take(event('pause'), notices, () => undefined);
    take(event('pause'), notices, () => undefined);
    take(event('start', {}, 'info'), notices, () => undefined);
    expect(new Notices('ann').snapshot().map((n) => [n.header, n.unread])).toEqual([['Run started', false], ['Run is paused and waits', true]]);
    notices.readAll();
    expect(new Notices('ann').snapshot().some((n) => n.unread)).toBe(false);
    // the next user of the tab has others
    expect(new Notices('bob').snapshot()).toEqual([]);
    notices.clear();
    expect(new Notices('ann').snapshot()).toEqual([]);
    sessionStorage.setItem('drs-console:notices:ann', '{broken');
    expect(new Notices('ann').snapshot()).toEqual([]);
  });

  it('do not grow without end', () => {
    const notices = new Notices('ann');
    for (let i = 0; i < 150; i++) {
      take(event('pause', { id: `${String(i)}-0` }), notices, () => undefined);
    }
    expect(notices.snapshot()).toHaveLength(100);
    expect(notices.snapshot()[0]?.id).toBe('149-0');
  });
});

describe('notifications of the browser', () => {
  const shown: { title: string; options: NotificationOptions; onclick?: () => void }[] = [];
  class Shown {
    static permission = 'granted';
    onclick?: () => void;
    constructor(readonly title: string, readonly options: NotificationOptions) {
      shown.push(this);
    }
    close() {
      // nothing to close
    }
  }

  beforeEach(() => {
    shown.length = 0;
    vi.stubGlobal('Notification', Shown);
    vi.spyOn(document, 'hasFocus').mockReturnValue(false);
  });

  it('come only when the user asked for them, once per notice, and lead to the place', () => {
    const opened: string[] = [];
    const notices = new Notices('ann');
    const paused = event('pause', { executionId: EXECUTION });
    take(paused, notices, (href) => opened.push(href));
    expect(shown).toHaveLength(0);
    writeStored(BROWSER_KEY, true);
    take(paused, notices, (href) => opened.push(href));
    take(event('wave_completed', {}, 'info'), notices, (href) => opened.push(href));
    expect(shown.map((s) => [s.title, s.options.tag])).toEqual([['Run is paused and waits', '1-pause']]);
    shown[0]?.onclick?.();
    expect(opened).toEqual([`/executions/${EXECUTION}`]);
  });

  it('do not come while the page is looked at', () => {
    writeStored(BROWSER_KEY, true);
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    take(event('fail'), new Notices('ann'), () => undefined);
    expect(shown).toHaveLength(0);
  });
});

describe('messages on top of the page', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function both() {
    const notices = new Notices('ann');
    return { notices, flashes: new Flashes((flash) => {
      notices.flash(flash);
    }) };
  }

  it('BUG 2.4: messages do not pile up: equal ones are one, four are shown, the rest is in the list', () => {
    const { notices, flashes } = both();
    for (const header of ['a', 'a', 'b', 'c', 'd', 'e']) {
      flashes.add({ type: 'error', header });
    }
    expect(flashes.snapshot().map((f) => [f.header, f.count])).toEqual([['e', 1], ['d', 1], ['c', 1], ['b', 1]]);
    expect(notices.snapshot().map((n) => n.header)).toContain('a');
  });

  it('BUG 2.4: there is one mechanism, and what vanished can be read later, with its link', () => {
    const { notices, flashes } = both();
    flashes.add({ type: 'success', header: 'started', action: { text: 'Open', href: '/executions/1' } });
    flashes.add({ type: 'info', header: 'working' });
    flashes.add({ type: 'warning', header: 'stays' });
    vi.advanceTimersByTime(5_100);
    expect(flashes.snapshot().map((f) => f.header)).toEqual(['stays', 'working']);
    vi.advanceTimersByTime(3_000);
    expect(flashes.snapshot().map((f) => f.header)).toEqual(['stays']);
    expect(notices.snapshot().map((n) => [n.header, n.href, n.unread])).toEqual([
      ['stays', null, false], ['working', null, false], ['started', '/executions/1', false],
    ]);
  });
});
