// The page of the capacity: what it advises, what it would be like with more, and its refresh.
import createWrapper from '@cloudscape-design/components/test-utils/dom';
import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { outlook } from '../../src/capacity/whatif';
import { busyRegions } from '../../src/dashboard/CapacityBox';
import { capacityTexts } from '../../src/i18n/capacity.en';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import { advice, levelOf, warningType } from '../../src/lib/capacity';
import CapacityPage from '../../src/screens/Capacity';
import { ACCOUNT, answer, show } from './page';

register({ ...texts, ...moreTexts, ...capacityTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const account = (over: object = {}) => ({
  accountType: 'target', accountName: 'Shop', percentUsed: 60, status: 'OK', activeRegions: 1, ...over,
});
const staging = (over: object = {}) => account({ accountType: 'staging', accountName: 'Lender', percentUsed: 55, ...over });

describe('advice', () => {
  it.each([
    ['critical ones at once', [account({ status: 'CRITICAL', percentUsed: 85 }), account({ accountName: 'Bank', status: 'HYPER-CRITICAL', percentUsed: 97 }), staging()], ['Add staging accounts now: Shop, Bank.']],
    ['those near it soon', [account({ status: 'WARNING', percentUsed: 70 }), staging()], ['Add staging accounts soon: Shop.']],
    ['others to be watched', [account({ status: 'INFO', percentUsed: 68 }), staging()], ['Watch: Shop.']],
    ['to move when the target is full and staging is not', [account({ percentUsed: 76 }), staging({ percentUsed: 40 })], ['Fuller than its staging accounts: Shop. Protect new servers through those.']],
    ['not to move when staging is half full too', [account({ percentUsed: 76 }), staging({ percentUsed: 50 })], []],
    ['a staging account when there is none and half is used', [account({ percentUsed: 51 })], ['More than half full without a staging account: Shop. Consider one.']],
    ['nothing of that at one half', [account({ percentUsed: 50 })], []],
    ['that several Regions are good', [account({ activeRegions: 2 }), staging()], ['Shop spread over several Regions, each with its own limit.']],
    ['that all is well below one half', [account({ percentUsed: 49 }), staging({ percentUsed: 1 })], ['Every account is less than half full.']],
    ['nothing without accounts', [], []],
  ])('names %s', (_, accounts, wanted) => {
    expect(advice({ accounts })).toEqual(wanted);
  });

  it('BUG 1.13: an account that cannot be read is not called well', () => {
    expect(advice({ accounts: [account({ percentUsed: 10 }), staging({ status: 'UNKNOWN', percentUsed: 0 })] })).toEqual([
      'Cannot be read, so nothing is said of: Lender.',
    ]);
  });

  it('puts what is urgent first', () => {
    const said = advice({ accounts: [account({ status: 'INFO', percentUsed: 70 }), staging({ status: 'CRITICAL', percentUsed: 90 })] });
    expect(said).toEqual(['Add staging accounts now: Lender.', 'Watch: Shop.']);
  });

  it.each([[199, 'OK'], [200, 'INFO'], [224, 'INFO'], [225, 'WARNING'], [250, 'CRITICAL'], [279, 'CRITICAL'], [280, 'HYPER-CRITICAL'], [300, 'HYPER-CRITICAL']])(
    'calls %d of 300 servers %s', (used, level) => {
      expect(levelOf(used, 300)).toBe(level);
    },
  );
});

it.each([['OK: a', 'info'], ['INFO: a', 'info'], ['WARNING: a', 'warning'], ['CRITICAL: a', 'error'], ['HYPER-CRITICAL: a', 'error'], ['other', 'warning']])(
  'BUG 1.4: the warning "%s" of the server is shown as %s', (text, type) => {
    expect(warningType(text)).toBe(type);
  },
);

describe('what if', () => {
  const place = (region: string, replicatingServers: number) => ({ region, replicatingServers, maxReplicating: 300 });
  const facts = {
    accounts: [
      { accountName: 'Shop', accessible: true, regionalBreakdown: [place('a', 280), place('b', 10)] },
      { accountName: 'Lender', accessible: true, regionalBreakdown: [place('a', 200)] },
    ],
    regionalCapacity: [{ region: 'a', recoveryServers: 3950, recoveryMax: 4000 }],
  };

  it('counts the places of every account in the Region, also of those that have no server there', () => {
    expect(outlook(facts, 'a', 0, 0)).toMatchObject({ used: 480, max: 600, level: 'WARNING', missing: 0, accountsNeeded: 0, unknown: [] });
    expect(outlook(facts, 'b', 100, 0)).toMatchObject({ used: 110, max: 600, level: 'OK', unrecoverable: null });
  });

  it('says what finds no place, and how many accounts that takes', () => {
    expect(outlook(facts, 'a', 421, 0)).toMatchObject({ used: 600, max: 600, level: 'HYPER-CRITICAL', missing: 301, accountsNeeded: 2 });
    expect(outlook(facts, 'a', 421, 1)).toMatchObject({ used: 900, max: 900, missing: 1, accountsNeeded: 1 });
    expect(outlook(facts, 'a', 421, 2)).toMatchObject({ used: 901, max: 1200, level: 'WARNING', missing: 0 });
  });

  it('knows what can be recovered', () => {
    expect(outlook(facts, 'a', 51, 0).unrecoverable).toEqual({ count: 1, max: 4000 });
  });

  it('leaves out what cannot be read, and says so', () => {
    const [shop, lender] = facts.accounts;
    const half = { ...facts, accounts: [{ ...shop, accountName: 'Shop', accessible: true, regionalBreakdown: shop?.regionalBreakdown ?? [] }, { accountName: 'Lender', accessible: false, regionalBreakdown: lender?.regionalBreakdown ?? [] }] };
    expect(outlook(half, 'a', 30, 0)).toMatchObject({ used: 300, max: 300, missing: 10, unknown: ['Lender'] });
  });
});

describe('Regions of the dashboard', () => {
  const region = (name: string, replicationPercent: number, recoveryPercent: number, replicatingServers = 1) => ({
    region: name, replicatingServers, maxReplicating: 300, replicationPercent, replicationAvailable: 0, recoveryServers: 0, recoveryMax: 4000, recoveryPercent,
    recoveryAvailable: 0, accountCount: 1,
  });

  it('begin with the busiest, and leave out those without servers', () => {
    expect(busyRegions([region('calm', 1, 0), region('full', 10, 95), region('empty', 0, 0, 0), region('half', 50, 1)]).map((r) => r.region)).toEqual(['full', 'half', 'calm']);
  });
});

describe('the page', () => {
  const CAPACITY = {
    combined: { totalReplicating: 290, maxReplicating: 300, percentUsed: 97, availableSlots: 10, status: 'HYPER-CRITICAL', message: '' },
    accounts: [{
      accountId: ACCOUNT, accountName: 'Shop', accountType: 'target', replicatingServers: 290, totalServers: 290, maxReplicating: 300, availableSlots: 10, percentUsed: 97,
      status: 'HYPER-CRITICAL', accessible: true, activeRegions: 1, totalRegionalCapacity: 300, warnings: [],
      regionalBreakdown: [{ region: 'eu-west-1', totalServers: 290, replicatingServers: 290, maxReplicating: 300, availableSlots: 10, percentUsed: 97, status: 'HYPER-CRITICAL' }],
    }],
    recoveryCapacity: { currentServers: 290, maxRecoveryInstances: 4000, availableSlots: 3710, percentUsed: 7, status: 'OK' },
    regionalCapacity: [{
      region: 'eu-west-1', replicatingServers: 290, maxReplicating: 300, replicationPercent: 97, replicationAvailable: 10, recoveryServers: 290, recoveryMax: 4000,
      recoveryPercent: 7, recoveryAvailable: 3710, accountCount: 1,
    }],
    concurrentJobs: { current: 0, max: 20 }, serversInJobs: { current: 0, max: 500 },
    maxServersPerJob: { current: 0, max: 100, available: 100, jobId: null, status: 'OK', message: '' },
    worst: null, warnings: [], timestamp: '2026-11-29T10:00:00Z',
  };
  const path = `/accounts/targets/${ACCOUNT}/capacity`;

  it('BUG 1.13: shows what the account can still take, and tries more servers', async () => {
    answer({ [`GET ${path}`]: CAPACITY });
    const { router } = show(<CapacityPage />);
    await screen.findByText('Add staging accounts now: Shop.');
    expect(screen.getAllByText('290 of 300: nearly used up').length).toBeGreaterThan(0);
    const field = createWrapper(document.body).findAllFormFields().find((f) => f.findLabel()?.getElement().textContent === 'More servers');
    act(() => {
      field?.findControl()?.findInput()?.setInputValue('11');
    });
    await screen.findByText('1 of 11 servers would find no place in this Region. One more staging account would be needed for them.');
    expect(new URLSearchParams(router.state.location.search).get('servers')).toBe('11');
    act(() => {
      createWrapper(document.body).findAllFormFields().find((f) => f.findLabel()?.getElement().textContent === 'More staging accounts')?.findControl()?.findInput()?.setInputValue('1');
    });
    await screen.findByText('All 11 servers fit.');
  });

  it('is read again by itself every 30 s, and not when that is switched off', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const calls = answer({ [`GET ${path}`]: CAPACITY });
    show(<CapacityPage />);
    const asked = () => calls.filter((c) => c.path === path).length;
    await screen.findByText('Refresh automatically');
    await waitFor(() => {
      expect(asked()).toBe(1);
    });
    await act(() => vi.advanceTimersByTimeAsync(31_000));
    expect(asked()).toBe(2);
    act(() => {
      createWrapper(document.body).findToggle()?.findNativeInput().click();
    });
    await act(() => vi.advanceTimersByTimeAsync(120_000));
    expect(asked()).toBe(2);
  });
});
