// Controls before anything is known of the user (ui.md 1.16), words that are explained (5.12), lists on phones (2.11).
import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Confirm } from '../../src/components/Confirm';
import { DataTable } from '../../src/components/DataTable';
import { GatedButton } from '../../src/components/GatedButton';
import { Term, WORDS } from '../../src/components/Term';
import { Ago, useNow } from '../../src/components/Time';
import { texts } from '../../src/i18n/en';
import { helpTexts } from '../../src/i18n/help.en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import Plans from '../../src/screens/Plans';
import { answer, Refused, show } from './page';

register({ ...texts, ...moreTexts, ...helpTexts }, icu);

beforeEach(() => {
  localStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a control', () => {
  it('is neither allowed nor refused while the permissions are not known', async () => {
    answer({ 'GET /user/permissions': { roles: [], permissions: [] } });
    let release: () => void = () => undefined;
    const plain = fetch;
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      if (url.includes('/user/permissions')) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return plain(url, init);
    });
    const { container } = show(<GatedButton permission="start_recovery">Start</GatedButton>);
    const button = await screen.findByText('Start');
    expect(button.closest('.gate-unknown')).not.toBeNull();
    await waitFor(() => {
      release();
      expect(container.querySelector('.gate-unknown')).toBeNull();
    });
    expect(screen.getByRole('button', { name: 'Start' }).getAttribute('aria-disabled')).toBe('true');
  });
});

describe('a page', () => {
  it('BUG 1.16: that may not be seen says which permission is missing', async () => {
    answer({ 'GET /recovery-plans': new Refused(403, { error: 'FORBIDDEN', message: 'No.', required_permission: 'view_recovery_plans' }) });
    show(<Plans />);
    await screen.findByText(/Your roles do not include the permission view_recovery_plans/);
    expect(screen.queryByRole('table')).toBeNull();
  });
});

describe('clocks', () => {
  it('stand still in a tab that nobody sees, and are right when it is looked at', () => {
    vi.useFakeTimers();
    let hidden = false;
    vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
    let drawn = 0;
    function Clock() {
      drawn += 1;
      return <p>{useNow(1000)}</p>;
    }
    render(<Clock />);
    const after = (ms: number) => {
      act(() => {
        vi.advanceTimersByTime(ms);
      });
    };
    after(3000);
    const before = drawn;
    expect(before).toBeGreaterThan(1);
    hidden = true;
    after(10_000);
    expect(drawn).toBe(before);
    hidden = false;
    act(() => {
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(screen.getByText(String(Date.now()))).not.toBeNull();
  });
});

describe('a time that is told as an age', () => {
  it('names the moment without doubt, also as epoch seconds', () => {
    render(<Ago value={1790000000} />);
    expect(document.querySelector('time')?.title).toBe('2026-09-21T14:13:20.000Z (1790000000)');
  });
});

describe('a dialog that destroys', () => {
  it.each([true, false])('says so by its colour: %s', (destroys) => {
    render(<Confirm title="Sure?" action="Go" busy={false} destroys={destroys} onConfirm={() => undefined} onClose={() => undefined}>It goes.</Confirm>);
    expect((screen.getByRole('button', { name: 'Go' }).getAttribute('style') ?? '').includes('--drs-danger')).toBe(destroys);
  });
});

describe('words', () => {
  it.each(WORDS)('%s is explained', async (word) => {
    const user = userEvent.setup();
    answer({});
    show(<Term word={word} />);
    await user.click(screen.getByRole('button', { name: `What “${helpTexts[`word.${word}`]}” means` }));
    await screen.findByText(helpTexts[`word.${word}.is`]);
  });
});

describe('a list on a phone', () => {
  it('has its rows below each other, with the same order, search and selection', async () => {
    vi.stubGlobal('matchMedia', (query: string) => ({ matches: query.includes('max-width'), addEventListener: () => undefined, removeEventListener: () => undefined }));
    const user = userEvent.setup();
    answer({});
    const chosen: string[][] = [];
    const items = [{ name: 'web', lag: 5 }, { name: 'data', lag: 90 }];
    show(
      <DataTable
        id="t" title="Servers" items={items} rowKey={(i) => i.name} text={(i) => i.name} loading={false} empty="None"
        selection={{ selected: [], set: (some) => {
          chosen.push(some.map((i) => i.name));
        } }}
        columns={[
          { id: 'name', header: 'Name', name: true, sort: (i) => i.name, cell: (i) => i.name },
          { id: 'lag', header: 'Lag', sort: (i) => i.lag, cell: (i) => `${String(i.lag)} s` },
          { id: 'os', header: 'System', cell: () => 'Linux', optional: true },
        ]}
      />,
    );
    const found = () => within(screen.getByRole('list', { name: 'Servers' })).getAllByRole('listitem');
    const cards = () => found().map((card) => card.textContent);
    expect(screen.queryByRole('table')).toBeNull();
    expect(cards()).toHaveLength(2);
    expect(cards()[0]).toMatch(/web.*Lag.*5 s/);
    expect(cards().join()).not.toContain('Linux');
    await user.click(await screen.findByRole('button', { name: /Order by/ }));
    await user.click(await screen.findByRole('option', { name: 'Name' }));
    expect(cards()[0]).toMatch(/^data/);
    await user.click(screen.getByRole('button', { name: 'Largest first' }));
    expect(cards()[0]).toMatch(/^web/);
    await user.click(within(found()[1] as HTMLElement).getByRole('checkbox', { name: 'data' }));
    expect(chosen).toEqual([['data']]);
    await user.type(screen.getByRole('searchbox'), 'dat');
    expect(cards()).toHaveLength(1);
  });
});
