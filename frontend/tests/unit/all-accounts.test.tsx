// Lists of all accounts together (ui.md 2.2).
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ComponentType } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountMenu } from '../../src/app/account-menu';
import { busyPlaces } from '../../src/dashboard/facts';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { register } from '../../src/i18n/t';
import Palette from '../../src/keyboard/Palette';
import Dashboard from '../../src/screens/Dashboard';
import Executions from '../../src/screens/Executions';
import GroupEditor from '../../src/screens/GroupEditor';
import Groups from '../../src/screens/Groups';
import PlanEditor from '../../src/screens/PlanEditor';
import Plans from '../../src/screens/Plans';
import Schedules from '../../src/screens/Schedules';
import { ACCOUNT, answer, show, type Answers, withoutSizes } from './page';

// draws with measures that jsdom has not; shown by the browser tests
vi.mock('../../src/plans/WaveGraph', () => ({
  default: ({ waves }: { waves: { groups: string[]; warnings?: string[] }[] }) => waves.flatMap((w) => [...w.groups, ...(w.warnings ?? [])]).join('; '),
}));

register(texts, icu);

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  withoutSizes();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const OTHER = '210987654321';
const ACCOUNTS = [
  { accountId: ACCOUNT, accountName: 'Shop', isCurrentAccount: true },
  { accountId: OTHER, accountName: 'Bank', isCurrentAccount: false },
];
const group = (groupId: string, accountId: string) => ({
  groupId, protectionGroupId: groupId, groupName: `Group ${groupId}`, description: '', region: 'eu-central-1', accountId, assumeRoleName: '', owner: '',
  serverSelectionTags: {}, sourceServerIds: ['s-1'], launchConfigStatus: { status: 'ready' }, createdDate: 1, lastModifiedDate: 1, version: 1,
});
const plan = (planId: string, accountId: string) => ({
  planId, planName: `Plan ${planId}`, name: `Plan ${planId}`, description: '', waves: [], waveCount: 0, version: 1, accountId, notificationEmail: '',
  lastExecutionStatus: null, lastStartTime: null, lastEndTime: null, hasServerConflict: false, conflictInfo: null, sharedProtectionGroups: null,
});
const run = (executionId: string, planId: string, accountId: string, status: string) => ({
  executionId, planId, planName: `Plan ${planId}`, executionType: 'DRILL', status, initiatedBy: 'ann', startTime: 1_790_000_000, endTime: 1_790_000_600,
  currentWave: 1, totalWaves: 1, percentComplete: 40, waves: [], accountId, selectionMode: 'PLAN', invocationSource: 'UI',
  terminationMetadata: { canTerminate: false },
});
const schedule = (scheduleId: string, planId: string) => ({
  scheduleId, planId, name: `Weekly ${planId}`, cron: '0 4 * * 0', timeZone: 'UTC', enabled: true, nextRunAt: '2030-01-01T04:00:00Z', lastRun: null, createdBy: 'ann', version: 1,
});
const GROUPS = [group('a', ACCOUNT), group('b', OTHER)];
const PLANS = [plan('a', ACCOUNT), plan('b', OTHER)];
const RUNS = [run('ra', 'a', ACCOUNT, 'RUNNING'), run('rb', 'b', OTHER, 'RUNNING'), run('ea', 'a', ACCOUNT, 'COMPLETED'), run('eb', 'b', OTHER, 'COMPLETED')];

const ACTIVE = /RUNNING/;
/** As the server does it: without an account, of all. */
const own = <T extends { accountId: string }>(rows: readonly T[]) => (query: URLSearchParams) => {
  const account = query.get('accountId');
  return rows.filter((row) => account === null || row.accountId === account);
};

function world(more: Answers = {}) {
  return answer({
    'GET /accounts/targets': ACCOUNTS,
    'GET /user/permissions': {
      roles: [],
      permissions: [
        'view_recovery_plans', 'create_recovery_plans', 'modify_recovery_plans', 'start_recovery', 'view_protection_groups', 'create_protection_groups',
        'modify_protection_groups', 'view_executions',
      ],
    },
    'GET /protection-groups': (query: URLSearchParams) => ({ groups: own(GROUPS)(query), count: 2, nextToken: null }),
    'GET /recovery-plans': (query: URLSearchParams) => ({ plans: own(PLANS)(query), count: 2, nextToken: null }),
    'GET /executions': (query: URLSearchParams) => ({
      items: own(RUNS)(query).filter((r) => ACTIVE.test(query.get('status') ?? '') === ACTIVE.test(r.status)), count: 2, nextToken: null,
    }),
    'GET /schedules': { schedules: [schedule('sa', 'a'), schedule('sb', 'b')], count: 2, nextToken: null },
    'GET /drs/source-servers': { servers: [], count: 0, nextToken: null },
    'GET /drs/service': { regions: [] },
    ...more,
  });
}

const href = (name: string | RegExp) => screen.getAllByRole('link', { name })[0]?.getAttribute('href');

describe('lists of all accounts', () => {
  const LISTS: [string, ComponentType, string, string, string][] = [
    ['protection groups', Groups, '/', 'Group', '/protection-groups/'],
    ['recovery plans', Plans, '/', 'Plan', '/recovery-plans/'],
    ['what runs', Executions, '/', 'Plan', '/executions/r'],
    ['the history', Executions, '/?tab=history', 'Plan', '/executions/e'],
    ['schedules', Schedules, '/', 'Weekly', '/recovery-plans/'],
    ['the dashboard', Dashboard, '/', 'Plan', '/executions/r'],
  ];

  it.each(LISTS)('%s: rows of each account, its name beside them, and links into it', async (_, List, path, what, to) => {
    world();
    show(<List />, `${path}${path.includes('?') ? '&' : '?'}account=all`);
    await screen.findAllByRole('link', { name: `${what} a` });
    expect(screen.getAllByText(`Bank (${OTHER})`).length).toBeGreaterThan(0);
    expect(screen.getAllByText(`Shop (${ACCOUNT})`).length).toBeGreaterThan(0);
    for (const [row, account] of [['a', ACCOUNT], ['b', OTHER]] as const) {
      expect(href(`${what} ${row}`)).toMatch(new RegExp(`^${to}.*[?]account=${account}$`));
    }
  });

  it.each(LISTS)('%s: of one account nothing of the others, and no column for it', async (_, List, path, what, to) => {
    world();
    show(<List />, `${path}${path.includes('?') ? '&' : '?'}account=${OTHER}`);
    await screen.findAllByRole('link', { name: `${what} b` });
    expect(screen.queryByRole('link', { name: `${what} a` })).toBeNull();
    expect(screen.queryByText(`Bank (${OTHER})`)).toBeNull();
    expect(href(`${what} b`)).toMatch(new RegExp(`^${to}[^?]*$`));
  });

  it('name every account of a run that launches in several', async () => {
    const both = { ...run('rc', 'c', OTHER, 'RUNNING'), accountContexts: [OTHER, ACCOUNT].map((accountId) => ({ accountId, assumeRoleName: '', isCurrentAccount: false })) };
    world({ 'GET /executions': { items: [both], count: 1, nextToken: null } });
    show(<Executions />, '/?account=all&tab=history');
    await screen.findByText(`Bank (${OTHER}), Shop (${ACCOUNT})`);
    expect(href('Plan c')).toBe(`/executions/rc?account=${OTHER}`);
  });

  it('are found by the name of the account', async () => {
    world();
    show(<Groups />, '/?account=all&q=bank');
    await screen.findByRole('link', { name: 'Group b' });
    expect(screen.queryByRole('link', { name: 'Group a' })).toBeNull();
  });

  it('edit and copy a row in its account', async () => {
    const user = userEvent.setup();
    world();
    const { router } = show(<Groups />, '/?account=all');
    await user.click(within((await screen.findByRole('link', { name: 'Group b' })).closest('tr') ?? document.body).getByRole('checkbox'));
    await user.click(screen.getByRole('button', { name: 'Edit' }));
    expect(router.state.location.pathname + router.state.location.search).toBe(`/protection-groups/b/edit?account=${OTHER}`);
  });

  it('lead from the menu of a plan into its account', async () => {
    const user = userEvent.setup();
    world();
    const { router } = show(<Plans />, '/?account=all');
    await user.click(await screen.findByRole('button', { name: 'Actions for Plan b' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Duplicate' }));
    expect(router.state.location.pathname + router.state.location.search).toBe(`/recovery-plans/new?from=b&account=${OTHER}`);
  });
});

describe('what needs one account', () => {
  it.each([['a group', GroupEditor, 'New protection group'], ['a plan', PlanEditor, 'New recovery plan']] as const)('asks for it: %s', async (_, Editor, title) => {
    const user = userEvent.setup();
    world();
    const { router } = show(<Editor />, '/?account=all');
    await screen.findByRole('heading', { name: /Choose an account/ });
    await screen.findByText(texts['accounts.choose.one']);
    expect(screen.queryByRole('button', { name: 'All accounts' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Bank' }));
    await screen.findByText(`Account ${OTHER}`);
    expect(screen.getAllByText(title)).not.toEqual([]);
    expect(router.state.location.search).toBe(`?account=${OTHER}`);
  });

  it.each([
    ['is edited', '/protection-groups/:groupId/edit', '/protection-groups/b/edit?account=all'],
    ['is copied', '/protection-groups/new', '/protection-groups/new?from=b&account=all'],
  ])('a group that %s has its own', async (_, pattern, path) => {
    world({ 'GET /protection-groups/b': group('b', OTHER) });
    show(<GroupEditor />, path, pattern);
    await screen.findByText(`Account ${OTHER}`);
  });

  it.each([
    ['is edited', '/recovery-plans/:planId/edit', '/recovery-plans/b/edit?account=all'],
    ['is copied', '/recovery-plans/new', '/recovery-plans/new?from=b&account=all'],
  ])('a plan that %s has its own', async (_, pattern, path) => {
    world({ 'GET /recovery-plans/b': { ...plan('b', OTHER), snsSubscriptionArn: '' } });
    show(<PlanEditor />, path, pattern);
    await screen.findByText(`Account ${OTHER}`);
  });
});

describe('all accounts', () => {
  it('are an entry of the menu when there are several', () => {
    const ids = (accounts: typeof ACCOUNTS) => accountMenu({ accounts, status: 'ready' }).map((item) => item.id);
    expect(ids(ACCOUNTS)).toEqual(['all', ACCOUNT, OTHER]);
    expect(ids(ACCOUNTS.slice(0, 1))).toEqual([ACCOUNT]);
  });

  it('can be chosen with the palette', async () => {
    const user = userEvent.setup();
    world();
    const { router } = show(<Palette onClose={() => undefined} onHelp={() => undefined} />, `/?account=${OTHER}`);
    await user.type(screen.getByRole('combobox'), 'all acc');
    await user.click(await screen.findByRole('option', { name: /All accounts/ }));
    await waitFor(() => {
      expect(router.state.location.search).toBe('?account=all');
    });
  });

  it('have their recovery instances looked up where they use a Region that has some', () => {
    const capacity = {
      regionalCapacity: [{ region: 'eu', recoveryServers: 2 }, { region: 'us', recoveryServers: 0 }],
      accounts: [{ accountId: '1', regionalBreakdown: [{ region: 'eu' }, { region: 'us' }] }, { accountId: '2', regionalBreakdown: [{ region: 'us' }] }],
    };
    expect(busyPlaces(capacity, ['1', '2'])).toEqual([{ accountId: '1', region: 'eu' }]);
    expect(busyPlaces(capacity, ['2'])).toEqual([{ accountId: '2', region: 'eu' }]);
  });
});
