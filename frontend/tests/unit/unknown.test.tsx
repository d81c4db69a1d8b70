// Sections fail alone and can be tried again (ui.md 2.5): what could not be read is unknown, neither nothing nor never.
import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import Dashboard from '../../src/screens/Dashboard';
import GroupPage from '../../src/screens/Group';
import Groups from '../../src/screens/Groups';
import PlanPage from '../../src/screens/Plan';
import Plans from '../../src/screens/Plans';
import Servers from '../../src/screens/Servers';
import { ACCOUNT, answer, show, type Answers, withoutSizes } from './page';

register({ ...texts, ...moreTexts }, icu);

// draws with measures that jsdom has not
vi.mock('../../src/plans/PlanGraph', () => ({ default: () => null }));

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  withoutSizes();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(Element.prototype, 'scrollIntoView');
});

const REGION = 'eu-west-1';
const NOW = Math.floor(Date.now() / 1000);
const run = (executionId: string, status: string) => ({
  executionId, planId: 'p', planName: 'Shop', executionType: 'DRILL', status, initiatedBy: 'ann', startTime: NOW - 4000, endTime: NOW - 3400, currentWave: 1, totalWaves: 2,
  percentComplete: 40, waves: [], accountId: ACCOUNT, selectionMode: 'PLAN', invocationSource: 'UI', terminationMetadata: { canTerminate: false },
});
const plan = (planId: string, planName: string) => ({
  planId, planName, name: planName, description: '', waves: [], waveCount: 0, version: 1, accountId: ACCOUNT, notificationEmail: '', lastExecutionStatus: null, lastStartTime: null,
  lastEndTime: null, hasServerConflict: false, conflictInfo: null, sharedProtectionGroups: null,
});
const PLAN = { ...plan('p', 'Shop'), waves: [{ waveNumber: 0, waveName: 'One', protectionGroupIds: ['g'], dependsOnWaves: [], serverIds: [] }] };
const GROUP = {
  groupId: 'g', protectionGroupId: 'g', groupName: 'Web', description: '', region: REGION, accountId: ACCOUNT, assumeRoleName: '', owner: '', serverSelectionTags: {},
  sourceServerIds: ['s-1'], launchConfigStatus: { status: 'ready' }, createdDate: 1, lastModifiedDate: 1, version: 1,
};
const SERVER = {
  sourceServerID: 's-1', hostname: 'web1', state: 'READY_FOR_RECOVERY', replicationState: 'CONTINUOUS', lagDuration: 'PT5S', lastSeen: '', drsTags: {}, tags: {},
  assignedToProtectionGroup: { protectionGroupId: 'g', protectionGroupName: 'Web' }, selectable: true,
};
const CAPACITY = {
  combined: { totalReplicating: 1, maxReplicating: 300, percentUsed: 0, availableSlots: 299, status: 'INFO', message: '' },
  accounts: [{
    accountId: ACCOUNT, accountName: 'Shop', accountType: 'target', replicatingServers: 1, totalServers: 1, maxReplicating: 300, availableSlots: 299, percentUsed: 0, status: 'OK',
    accessible: true, activeRegions: 1, totalRegionalCapacity: 300, warnings: [],
    regionalBreakdown: [{ region: REGION, totalServers: 1, replicatingServers: 1, maxReplicating: 300, availableSlots: 299, percentUsed: 0, status: 'OK' }],
  }],
  recoveryCapacity: { currentServers: 1, maxRecoveryInstances: 4000, availableSlots: 3999, percentUsed: 0, status: 'OK' },
  regionalCapacity: [{
    region: REGION, replicatingServers: 1, maxReplicating: 300, replicationPercent: 0, replicationAvailable: 299, recoveryServers: 1, recoveryMax: 4000, recoveryPercent: 0,
    recoveryAvailable: 3999, accountCount: 1,
  }],
  concurrentJobs: { current: 0, max: 20 }, serversInJobs: { current: 0, max: 500 },
  maxServersPerJob: { current: 0, max: 100, available: 100, jobId: null, status: 'OK', message: '' }, worst: null, warnings: ['INFO: account Shop fills up.', 'CRITICAL: it is full.'], timestamp: '',
};
const INSTANCE = {
  recoveryInstanceId: 'i-1', ec2InstanceId: 'i-1', sourceServerId: 's-1', region: REGION, accountId: ACCOUNT, ec2InstanceState: 'RUNNING', isDrill: true,
  launchTime: new Date((NOW - 5 * 3600) * 1000).toISOString(),
};

/** Which requests are refused now; they are asked for by what they are about. */
type Part = 'active' | 'ended' | 'drills' | 'regions' | 'servers' | 'instances';

function world(refused: readonly Part[], more: Answers = {}) {
  const failing = new Set(refused);
  const unless = (part: Part, value: unknown) => (failing.has(part) ? 500 : value);
  const calls = answer({
    'GET /executions': (query: URLSearchParams) => {
      const status = query.get('status') ?? '';
      const part = /RUNNING/.test(status) ? 'active' : status === 'COMPLETED' ? 'drills' : 'ended';
      return unless(part, { items: [run(part, part === 'active' ? 'RUNNING' : 'COMPLETED')], count: 1, nextToken: null });
    },
    'GET /recovery-plans': { plans: [PLAN, plan('q', 'Bank')], count: 2, nextToken: null },
    'GET /recovery-plans/p': PLAN,
    'GET /protection-groups': { groups: [GROUP], count: 1, nextToken: null },
    'GET /protection-groups/g': GROUP,
    'GET /schedules': { schedules: [], count: 0, nextToken: null },
    'GET /drs/service': () => unless('regions', { regions: [{ region: REGION, accountId: ACCOUNT, status: 'ACTIVE', serverCount: 1, lastUpdated: '', initialized: true }] }),
    'GET /drs/source-servers': () => unless('servers', { servers: [SERVER], count: 1, nextToken: null }),
    'GET /drs/failover': () => unless('instances', { recoveryInstances: [INSTANCE] }),
    'GET /drs/quotas': { concurrentJobs: { current: 0, max: 20 }, serversInJobs: { current: 0, max: 500 } },
    [`GET /accounts/targets/${ACCOUNT}/capacity`]: CAPACITY,
    ...more,
  });
  return { calls, failing };
}

/** What stands on a tile; undefined before it is there. */
const tile = (label: string) => screen.queryAllByText(label).map((e) => e.parentElement?.textContent.replaceAll('\u00a0', ' ')).find((text) => text !== label);
const reads = (label: string, text: string) =>
  waitFor(() => {
    expect(tile(label)).toBe(`${label}${text}`);
  });
/** Presses the button beside what could not be read. */
async function again(what: string) {
  const retry = (e: Element | null | undefined): HTMLElement | undefined =>
    e == null ? undefined : ([...e.querySelectorAll('button')].find((b) => b.textContent === 'Try again') ?? retry(e.parentElement));
  const button = retry(await screen.findByText(what));
  act(() => {
    button?.click();
  });
}
const row = (name: string, table: string) =>
  [...(document.querySelector(`table[aria-label="${table}"]`)?.querySelectorAll('tr') ?? [])].find((r) => r.textContent.includes(name))?.textContent ?? '';

describe('the dashboard', () => {
  it('does not call it nothing when what runs cannot be read, and tries again', async () => {
    const { failing } = world(['active']);
    show(<Dashboard />);
    await screen.findByText('The executions cannot be loaded');
    await reads('Active now', '–');
    expect(screen.queryByText('Nothing runs now')).toBeNull();
    await reads('Completed', '1in 30 days');
    failing.clear();
    await again('The executions cannot be loaded');
    await reads('Active now', '1In progress');
    expect(screen.getByText('40 %')).toBeTruthy();
  });

  it('does not call it none when what ended cannot be read', async () => {
    const { failing } = world(['ended']);
    show(<Dashboard />);
    await screen.findByText('The executions cannot be loaded');
    for (const label of ['Completed', 'Failed', 'Success rate']) {
      await reads(label, '–Unknown');
    }
    await screen.findByText('How runs ended');
    expect(screen.queryByText('No run has ended in this period')).toBeNull();
    expect(screen.queryByText('No run ended in this period')).toBeNull();
    failing.clear();
    await again('The executions cannot be loaded');
    await reads('Completed', '1in 30 days');
  });

  it('calls no plan overdue whose drills cannot be read', async () => {
    const { failing } = world(['drills']);
    show(<Dashboard />);
    await screen.findByText('The last drills of the plans cannot be loaded');
    await reads('Plans without a drill for 90 days', '–Unknown');
    await waitFor(() => {
      expect(row('Shop', 'Plans: drills and lag')).toContain('Unknown');
    });
    expect(screen.queryByText('Overdue')).toBeNull();
    failing.clear();
    await again('The last drills of the plans cannot be loaded');
    await screen.findByText('In time');
    await reads('Plans without a drill for 90 days', '1of 2 plans');
    expect(screen.getByText('Plans without a drill for 90 days').parentElement?.querySelector('a')?.getAttribute('href')).toBe('/recovery-plans?drill=overdue');
  });

  it('does not say that no Region has servers when none can be read, nor that no group is not ready', async () => {
    const { failing } = world(['regions']);
    show(<Dashboard />);
    await screen.findByText('The Regions cannot be loaded');
    expect(screen.queryByText('No Region has source servers')).toBeNull();
    await reads('Groups with servers that are not ready', '–Unknown');
    await reads('Worst replication lag', '–Unknown');
    failing.clear();
    await again('The Regions cannot be loaded');
    await reads('Groups with servers that are not ready', '0of 1 group');
  });

  it('does not say that drills left nothing when instances cannot be read; leads to those they left', async () => {
    const { failing } = world(['instances']);
    const { router } = show(<Dashboard />, '/?period=week', '/', { live: 'live', pollSeconds: 5, config: { instancesLeftHours: 4 } });
    const label = 'Drill instances older than 4 h';
    await screen.findByText('Some recovery instances cannot be loaded');
    await reads(label, '–Unknown');
    failing.clear();
    await again('Some recovery instances cannot be loaded');
    await reads(label, '1of 1 recovery instance');
    const scrolled = vi.fn();
    Element.prototype.scrollIntoView = scrolled;
    act(() => {
      screen.getByText(label).parentElement?.querySelector('a')?.click();
    });
    await waitFor(() => {
      expect(scrolled).toHaveBeenCalledTimes(1);
    });
    expect(document.activeElement?.textContent).toMatch(/^Instances of drills, older than 4.h \(1\)/);
    expect(`${router.state.location.search}${router.state.location.hash}`).toBe('?period=week#drill-instances');
  });

  it('BUG 1.4: a warning about capacity is as grave as it says', async () => {
    world([]);
    show(<Dashboard />);
    const kind = async (text: string) => (await screen.findByText(text)).closest('[class*="awsui_type-"]')?.className ?? '';
    expect(await kind('INFO: account Shop fills up.')).toContain('type-info');
    expect(await kind('CRITICAL: it is full.')).toContain('type-error');
  });

  it('does not tell of staging accounts that could not be looked up on Refresh', async () => {
    const { calls } = world([], {
      'GET /user/permissions': { roles: [], permissions: ['modify_accounts'] }, [`POST /accounts/targets/${ACCOUNT}/staging-accounts/sync`]: 502,
    });
    const { services } = show(<Dashboard />);
    const refresh = await screen.findByRole('button', { name: 'Refresh' });
    await screen.findByText('In time');
    act(() => {
      refresh.click();
    });
    await waitFor(() => {
      expect(calls.filter((c) => c.path.endsWith('/sync')).length).toBe(1);
    });
    await act(() => new Promise((done) => setTimeout(done, 50)));
    expect(services.flashes.snapshot()).toEqual([]);
  });
});

describe('lists and pages', () => {
  it('the inventory reads the Regions again when those could not be read', async () => {
    const { failing } = world(['regions']);
    show(<Servers />, '/servers', '/servers');
    await screen.findAllByRole('button', { name: 'Try again' });
    failing.clear();
    act(() => {
      screen.getAllByRole('button', { name: 'Try again' })[0]?.click();
    });
    await screen.findByText('web1');
  });

  it('a plan whose runs cannot be read has not never run', async () => {
    const { failing } = world(['ended']);
    show(<PlanPage />, '/recovery-plans/p', '/recovery-plans/:planId');
    await screen.findByText('The executions cannot be loaded');
    expect(screen.queryByText('Never run')).toBeNull();
    failing.clear();
    await again('The executions cannot be loaded');
    await screen.findByText('Completed');
  });

  it('nor has a group, in its list', async () => {
    const { failing } = world(['ended', 'servers']);
    show(<Groups />, '/protection-groups', '/protection-groups');
    await screen.findByText('The executions cannot be loaded');
    await screen.findByText('Servers of some groups cannot be read');
    expect(screen.queryByText('Never')).toBeNull();
    expect(row('Web', 'Protection groups')).toContain('Unknown');
    failing.clear();
    await again('The executions cannot be loaded');
    await screen.findByText('Completed');
  });

  it('and on its page', async () => {
    const { failing } = world(['ended']);
    show(<GroupPage />, '/protection-groups/g', '/protection-groups/:groupId');
    await screen.findByText('The executions cannot be loaded');
    expect(screen.queryByText('Never')).toBeNull();
    failing.clear();
    await again('The executions cannot be loaded');
    await screen.findAllByText('Completed');
  });

  it('plans can be those without a drill, as the address says', async () => {
    world([]);
    show(<Plans />, '/recovery-plans?drill=overdue', '/recovery-plans');
    await screen.findByRole('link', { name: 'Bank' });
    expect(screen.queryByRole('link', { name: 'Shop' })).toBeNull();
    expect(screen.getAllByText('Without a drill for 90 days').length).toBeGreaterThan(0);
  });

  it('plans are all there, and it is said why, when their drills cannot be read', async () => {
    const { failing } = world(['drills']);
    show(<Plans />, '/recovery-plans?drill=overdue', '/recovery-plans');
    await screen.findByText('The last drills of the plans cannot be read');
    expect(screen.getByRole('link', { name: 'Shop' })).toBeTruthy();
    failing.clear();
    await again('The last drills of the plans cannot be read');
    await waitFor(() => {
      expect(screen.queryByRole('link', { name: 'Shop' })).toBeNull();
    });
  });
});
