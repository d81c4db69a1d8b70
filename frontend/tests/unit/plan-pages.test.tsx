// Plan pages against fixed answers: what the reference got wrong (ui.md 1.7, 1.8).
import { QueryClient } from '@tanstack/react-query';
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { groupServersQuery } from '../../src/api/queries';
import { texts } from '../../src/i18n/en';
import { editorTexts } from '../../src/i18n/editor.en';
import { graphTexts } from '../../src/i18n/graph.en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { planTexts } from '../../src/i18n/plan.en';
import { plansTexts } from '../../src/i18n/plans.en';
import { register } from '../../src/i18n/t';
import { defaultPreferences } from '../../src/lib/columns';
import { writeStored } from '../../src/lib/stored';
import { StartDialog } from '../../src/plans/StartDialog';
import { serverOption } from '../../src/plans/WaveForm';
import ComparePlans from '../../src/screens/ComparePlans';
import PlanPage from '../../src/screens/Plan';
import PlanEditor from '../../src/screens/PlanEditor';
import Plans from '../../src/screens/Plans';
import PlanVersions from '../../src/screens/PlanVersions';
import ReadinessPage from '../../src/screens/ReadinessPage';
import { ACCOUNT, answer, services, show, type Answers } from './page';

// draws with measures that jsdom has not; shown by the browser tests
vi.mock('../../src/plans/WaveGraph', () => ({
  default: ({ waves }: { waves: { groups: string[]; warnings?: string[] }[] }) => waves.flatMap((w) => [...w.groups, ...(w.warnings ?? [])]).join('; '),
}));

register({ ...texts, ...moreTexts, ...editorTexts, ...graphTexts, ...planTexts, ...plansTexts }, icu);

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const wave = (waveNumber: number) => ({
  waveNumber, waveName: `Tier ${String(waveNumber)}`, protectionGroupId: 'g', protectionGroupIds: ['g'], serverIds: [], serverSelection: 'ALL',
  pauseBeforeWave: false, dependsOnWaves: [],
});
const PLAN = {
  planId: 'p', planName: 'Shop', name: 'Shop', description: 'All of it', waves: [wave(0), wave(1)], waveCount: 2, version: 1, accountId: ACCOUNT,
  notificationEmail: 'ops@example.com', snsSubscriptionArn: 'PendingConfirmation', lastExecutionStatus: null, lastStartTime: null, lastEndTime: null,
  hasServerConflict: false, conflictInfo: null, sharedProtectionGroups: null,
};
const GROUP = {
  groupId: 'g', protectionGroupId: 'g', groupName: 'Web', description: '', region: 'eu-central-1', accountId: ACCOUNT, assumeRoleName: '', owner: '',
  serverSelectionTags: { Tier: 'web' }, sourceServerIds: [], launchConfigStatus: { status: 'ready' as const }, createdDate: 1, lastModifiedDate: 1, version: 1,
};
const CHECK = {
  planId: 'p', executionType: 'DRILL', checkedAt: '2026-11-29T10:00:00Z', mode: 'queue', verdict: 'READY', checks: [], waves: [], criticalPath: [],
  conflicts: [], existingInstances: [], limits: [], replication: { ok: 0, warn: 0, block: 0, servers: [] }, launchConfig: [],
};

describe('the editor of plans', () => {
  it('BUG 1.8: shows the plan though the account has no group', async () => {
    answer({ 'GET /recovery-plans/p': PLAN, 'GET /protection-groups': { groups: [], count: 0, nextToken: null } });
    show(<PlanEditor />, '/recovery-plans/p/edit', '/recovery-plans/:planId/edit');
    for (const value of ['Shop', 'Tier 0', 'Tier 1']) {
      await screen.findByDisplayValue(value);
    }
  });

  it('BUG 1.8: names every button, and nests none in another', async () => {
    answer({ 'GET /recovery-plans/p': PLAN, 'GET /protection-groups': { groups: [GROUP], count: 1, nextToken: null }, 'POST /protection-groups/resolve': { resolvedServers: [] } });
    show(<PlanEditor />, '/recovery-plans/p/edit', '/recovery-plans/:planId/edit');
    await screen.findByLabelText('Move up: 2. Tier 1');
    screen.getByLabelText('Remove: 1. Tier 0');
    for (const button of document.querySelectorAll('button')) {
      expect(button.getAttribute('aria-label') ?? button.getAttribute('aria-labelledby') ?? button.textContent).not.toBe('');
      expect(button.querySelector('button, a, input')).toBeNull();
    }
  });

  it('BUG 1.8: does not complain about servers while one edits', async () => {
    const user = userEvent.setup();
    answer({ 'GET /recovery-plans/p': PLAN, 'GET /protection-groups': { groups: [GROUP], count: 1, nextToken: null }, 'POST /protection-groups/resolve': { resolvedServers: [] } });
    show(<PlanEditor />, '/recovery-plans/p/edit', '/recovery-plans/:planId/edit');
    await user.type(await screen.findByDisplayValue('All of it'), '!');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('tells whether the address of the plan is confirmed', async () => {
    const user = userEvent.setup();
    answer({ 'GET /recovery-plans/p': PLAN, 'GET /protection-groups': { groups: [], count: 0, nextToken: null } });
    show(<PlanEditor />, '/recovery-plans/p/edit', '/recovery-plans/:planId/edit');
    await screen.findByText('Waits until ops@example.com confirms the subscription');
    await user.type(screen.getByDisplayValue('ops@example.com'), 'x');
    await screen.findByText(/asks the address to confirm after/);
  });

  it('offers groups of all accounts, those of its own first, and says which are of another one', async () => {
    const user = userEvent.setup();
    const other = { ...GROUP, groupId: 'h', groupName: 'Databases', accountId: '210987654321' };
    answer({
      'GET /recovery-plans/p': { ...PLAN, waves: [wave(0)] }, 'GET /protection-groups': { groups: [other, GROUP], count: 2, nextToken: null },
      'POST /protection-groups/resolve': { resolvedServers: [] },
    });
    show(<PlanEditor />, '/recovery-plans/p/edit', '/recovery-plans/:planId/edit');
    await screen.findByRole('button', { name: /Take away Web/ });
    await user.click(screen.getByRole('button', { name: /Protection groups/ }));
    const options = await screen.findAllByRole('option');
    expect(options.map((o) => /Web|Databases/.exec(o.textContent)?.[0])).toEqual(['Web', 'Databases']);
    expect(screen.queryByText(/Of other accounts/)).toBeNull();
    await user.click(options[1] ?? document.body);
    await screen.findByText('Of other accounts than that of the plan: Databases (210987654321)');
  });

  it('BUG 1.8: asks for the servers of tags in the Region of the group', async () => {
    const calls = answer({ 'POST /protection-groups/resolve': { resolvedServers: [] } });
    await new QueryClient().fetchQuery(groupServersQuery(services().api, GROUP));
    expect(calls).toMatchObject([{ path: '/protection-groups/resolve', body: { region: 'eu-central-1', accountId: ACCOUNT } }]);
  });
});

describe('servers of a wave', () => {
  it('are offered with their state in words', () => {
    const server = { sourceServerID: 's-00000000000000001', hostname: 'web-1', replicationState: 'CONTINUOUS_REPLICATION' };
    expect(serverOption(server).description).toBe('s-00000000000000001 · Ready');
  });
});

describe('the start of a drill', () => {
  const dialog = () => show(<StartDialog plan={PLAN} type="DRILL" onClose={() => undefined} />);

  it('BUG 1.7: begins with a question, not with the drill', async () => {
    const user = userEvent.setup();
    const calls = answer({
      'GET /recovery-plans/p': PLAN, 'POST /recovery-plans/p/precheck': CHECK,
      'GET /recovery-plans/p/check-existing-instances': { hasExistingInstances: false, instanceCount: 0, planId: 'p', existingInstances: [] },
      'POST /executions': { executionId: 'e', status: 'PENDING', message: '', statusUrl: '' },
    });
    const { router } = dialog();
    await screen.findByText('No instance of a former run exists.');
    expect(calls.some((c) => c.path === '/executions')).toBe(false);
    await user.click(screen.getByRole('button', { name: 'Start drill' }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe('/executions/e');
    });
    expect(calls.filter((c) => c.path === '/executions').map((c) => c.body)).toMatchObject([{ planId: 'p', executionType: 'DRILL' }]);
  });

  it('BUG 1.7: says that former instances could not be looked up', async () => {
    answer({ 'GET /recovery-plans/p': PLAN, 'POST /recovery-plans/p/precheck': CHECK, 'GET /recovery-plans/p/check-existing-instances': 500 });
    dialog();
    await screen.findByText('Instances of former runs cannot be looked up');
  });

  it('offers what can be overridden before the start, and wants a reason', async () => {
    const user = userEvent.setup();
    const calls = answer({
      'GET /recovery-plans/p': PLAN,
      'POST /recovery-plans/p/precheck': { ...CHECK, verdict: 'NOT_READY', checks: [{ id: 'REPLICATION', result: 'FAIL', message: 'web-1 is stalled', overridable: true }] },
      'GET /recovery-plans/p/check-existing-instances': { hasExistingInstances: false, instanceCount: 0, planId: 'p', existingInstances: [] },
      'POST /executions': { executionId: 'e', status: 'PENDING', message: '', statusUrl: '' },
    });
    dialog();
    await user.click(await screen.findByRole('checkbox', { name: /servers whose replication is not healthy/ }));
    const button = screen.getByRole('button', { name: 'Start drill' });
    expect(button.hasAttribute('disabled')).toBe(true);
    await user.type(screen.getByRole('textbox', { name: /Why it is started all the same/ }), 'agreed');
    await user.click(button);
    await waitFor(() => {
      expect(calls.find((c) => c.path === '/executions')?.body).toMatchObject({ allowDegraded: true, overrideReason: 'agreed' });
    });
  });

  it('terminates the instances of former drills first, after a second question', async () => {
    const user = userEvent.setup();
    const instance = (id: string, sourceExecutionId: string) => ({
      sourceServerId: `s-${id}`, recoveryInstanceId: `i-${id}`, ec2InstanceId: `i-${id}`, ec2InstanceState: 'running', region: 'us-east-1',
      sourceExecutionId, sourcePlanName: 'Shop', isDrill: sourceExecutionId === 'drill',
    });
    const calls = answer({
      'GET /recovery-plans/p': PLAN, 'POST /recovery-plans/p/precheck': CHECK,
      'GET /recovery-plans/p/check-existing-instances': { hasExistingInstances: true, instanceCount: 2, planId: 'p', existingInstances: [instance('1', 'drill'), instance('2', 'real')] },
      'POST /executions/drill/terminate-instances': { totalTerminated: 1 }, 'POST /executions/real/terminate-instances': { totalTerminated: 1 },
    });
    dialog();
    await user.click(await screen.findByRole('button', { name: 'Terminate them first' }));
    await user.click(screen.getByRole('button', { name: 'Terminate 1 instance' }));
    await screen.findByText(/2 instances are left/);
    expect(calls.filter((c) => c.path.endsWith('/terminate-instances')).map((c) => c.path)).toEqual(['/executions/drill/terminate-instances']);
  });

  it('waits for the job that terminates, which would be a conflict', async () => {
    const user = userEvent.setup();
    const instance = {
      sourceServerId: 's-1', recoveryInstanceId: 'i-1', ec2InstanceId: 'i-1', ec2InstanceState: 'running', region: 'us-east-1',
      sourceExecutionId: 'drill', sourcePlanName: 'Shop', isDrill: true,
    };
    let gone = false;
    let checks = 0;
    answer({
      'GET /recovery-plans/p': PLAN,
      // its first check after the end of the instances still has the job
      'POST /recovery-plans/p/precheck': () => {
        checks += gone ? 1 : 0;
        return gone && checks === 1 ? { ...CHECK, conflicts: [{ conflictSource: 'drs_job', serverId: 's-1', conflictingJobId: 'drsjob-1' }] } : CHECK;
      },
      'GET /recovery-plans/p/check-existing-instances': () => ({ planId: 'p', existingInstances: gone ? [] : [instance] }),
      'POST /executions/drill/terminate-instances': () => {
        gone = true;
        return { totalTerminated: 1 };
      },
    });
    dialog();
    await user.click(await screen.findByRole('button', { name: 'Terminate them first' }));
    await user.click(screen.getByRole('button', { name: 'Terminate 1 instance' }));
    await screen.findByText(/DRS still ends the job/);
    expect(screen.queryByText('No instance of a former run exists.')).toBeNull();
    await screen.findByText('No instance of a former run exists.');
    expect(checks).toBe(2);
  });
});

describe('the list of plans', () => {
  const listed = (plans: object[], more: Answers = {}) => answer({
    'GET /recovery-plans': { plans, recoveryPlans: plans, count: plans.length, nextToken: null },
    'GET /protection-groups': { groups: [GROUP], count: 1, nextToken: null },
    'GET /drs/service': { regions: [{ region: 'eu-central-1', accountId: ACCOUNT, status: 'ACTIVE', serverCount: 3, lastUpdated: '', initialized: true }] },
    'GET /drs/source-servers': {
      servers: [SERVER(1, 'CONTINUOUS', 'PT1M'), SERVER(2, 'STALLED', 'PT50M')], nextToken: null,
    },
    'GET /schedules': { schedules: [{ scheduleId: 'sch', planId: 'p', name: 'Weekly', enabled: true, nextRunAt: '2026-12-05T06:00:00Z', lastRun: null }], nextToken: null },
    'GET /executions': { items: [], count: 0, nextToken: null },
    ...more,
  });
  const SERVER = (n: number, replicationState: string, lagDuration: string) => ({
    sourceServerID: `s-${String(n)}`, hostname: `web-${String(n)}`, nameTag: null, replicationState, lagDuration, tags: {},
    assignedToProtectionGroup: { protectionGroupId: 'g', protectionGroupName: 'Web' },
  });
  const row = async (name: string) => within((await screen.findByRole('link', { name })).closest('tr') ?? document.body);
  const menu = async (user: ReturnType<typeof userEvent.setup>, name = 'Shop') => {
    await user.click(await screen.findByRole('button', { name: `Actions for ${name}` }));
    return screen.findByRole('menu');
  };

  it('BUG 1.7: stays while it is read again', async () => {
    listed([PLAN]);
    const { client } = show(<Plans />);
    await screen.findByRole('link', { name: 'Shop' });
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    void client.invalidateQueries({ queryKey: ['plans'] });
    await waitFor(() => {
      expect(client.isFetching({ queryKey: ['plans'] })).toBe(1);
    });
    within(screen.getByRole('table')).getByRole('link', { name: 'Shop' });
  });

  it('says of each plan what an operator has to know before a start, with the columns that are there on request', async () => {
    writeStored('table:u:plans', { ...defaultPreferences(), columns: ['name', 'estimate', 'next'].map((id) => ({ id, visible: true })) });
    const now = Math.floor(Date.now() / 1000);
    listed([{ ...PLAN, rpo: 30, rto: 20, waves: [wave(0)] }], {
      'GET /executions': (query: URLSearchParams) => ({
        items: query.get('executionType') === 'DRILL' ? [{ executionId: 'd', planId: 'p', startTime: now - 200 * 86_400, endTime: now - 199 * 86_400 }] : [], count: 0, nextToken: null,
      }),
    });
    show(<Plans />);
    const shop = await row('Shop');
    await shop.findByText('2 servers, 1 not ready');
    await shop.findByText('Idle');
    shop.getByText(/50 min.*target 30 min/);
    // one job of 15 minutes
    shop.getByText('15 min');
    await shop.findByText('Drill overdue');
    expect((await shop.findByRole('link', { name: /Dec.*2026/ })).getAttribute('href')).toBe('/recovery-plans/p/schedules/sch');
    expect(shop.getByRole('link', { name: 'Not checked' }).getAttribute('href')).toBe('/recovery-plans/p/readiness');
  });

  it('shows the wave of a run, and what cannot be done meanwhile with the reason', async () => {
    const user = userEvent.setup();
    listed([{ ...PLAN, lastExecutionStatus: 'RUNNING', lastExecutionId: 'e' }], {
      'GET /executions': (query: URLSearchParams) => ({
        items: query.get('status')?.includes('RUNNING') ? [{ executionId: 'e', planId: 'p', status: 'RUNNING', currentWave: 1, totalWaves: 2 }] : [], count: 0, nextToken: null,
      }),
    });
    show(<Plans />);
    const shop = await row('Shop');
    expect((await shop.findByRole('link', { name: 'In progress, wave 1 of 2' })).getAttribute('href')).toBe('/executions/e');
    const items = within(await menu(user));
    for (const name of ['Start drill', 'Start recovery', 'Edit', 'Delete']) {
      expect(items.getByRole('menuitem', { name }).getAttribute('aria-disabled')).toBe('true');
    }
    expect(items.getAllByText('In progress').length).toBeGreaterThan(0);
    expect(items.getByRole('menuitem', { name: 'Duplicate' }).getAttribute('aria-disabled')).toBeNull();
  });

  it('tells who uses the servers of a plan that is blocked', async () => {
    const user = userEvent.setup();
    listed([{ ...PLAN, hasServerConflict: true, conflictInfo: { hasConflict: true, conflictingServers: ['s-1'], conflictingExecutionId: 'other', conflictingPlanId: 'q', conflictingStatus: 'RUNNING', conflictingDrsJobId: null, reason: '1 server is used by an execution.' } }]);
    show(<Plans />);
    await user.click(await screen.findByRole('button', { name: /Blocked/ }));
    await screen.findByText('1 server is used by an execution.');
    expect(screen.getByRole('link', { name: 'Go to the run that uses its servers' }).getAttribute('href')).toBe('/executions/other');
    const items = within(await menu(user));
    expect(items.getByRole('menuitem', { name: 'Start drill' }).getAttribute('aria-disabled')).toBe('true');
  });

  it('starts a recovery from the row only after its name was typed', async () => {
    const user = userEvent.setup();
    listed([PLAN], { 'GET /recovery-plans/p': PLAN, 'POST /recovery-plans/p/precheck': { ...CHECK, executionType: 'RECOVERY' }, 'GET /recovery-plans/p/check-existing-instances': { existingInstances: [] } });
    show(<Plans />);
    await user.click(within(await menu(user)).getByRole('menuitem', { name: 'Start recovery' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Start a recovery of Shop?' }));
    const start = dialog.getByRole('button', { name: 'Start recovery' });
    expect(start.hasAttribute('disabled')).toBe(true);
    await user.type(dialog.getByRole('textbox', { name: /Type the name/ }), 'Shop');
    await user.click(dialog.getByRole('checkbox', { name: /no longer serve anybody/ }));
    expect(start.hasAttribute('disabled')).toBe(false);
  });

  it.each([
    ['Readiness', '/recovery-plans/p/readiness'], ['Edit', '/recovery-plans/p/edit'], ['Duplicate', '/recovery-plans/new?from=p'],
    ['Compare with another plan', '/recovery-plans/compare?left=p'], ['Versions', '/recovery-plans/p/versions'],
  ])('BUG 1.7: %s in the menu leads somewhere, and no entry is a line only', async (name, page) => {
    const user = userEvent.setup();
    listed([PLAN], { 'GET /user/permissions': { roles: [], permissions: ['view_recovery_plans', 'create_recovery_plans', 'modify_recovery_plans', 'delete_recovery_plans', 'start_recovery', 'audit_read'] } });
    const { router } = show(<Plans />);
    const items = within(await menu(user));
    expect(items.getAllByRole('menuitem').map((item) => item.textContent)).toEqual(
      ['Start drill', 'Start recovery', 'Readiness', 'Edit', 'Duplicate', 'Compare with another plan', 'Versions', 'Delete'],
    );
    await user.click(items.getByRole('menuitem', { name }));
    await waitFor(() => {
      expect(router.state.location.pathname + router.state.location.search).toBe(page);
    });
  });

  it('deletes several plans after one question, but none that is running', async () => {
    const user = userEvent.setup();
    const calls = listed([PLAN, { ...PLAN, planId: 'q', planName: 'Mail' }, { ...PLAN, planId: 'r', planName: 'Running', lastExecutionStatus: 'RUNNING' }], {
      'DELETE /recovery-plans/p': { message: '', planId: 'p' }, 'DELETE /recovery-plans/q': { message: '', planId: 'q' },
    });
    show(<Plans />);
    const button = () => screen.getByRole('button', { name: 'Delete' });
    await user.click(await screen.findByRole('checkbox', { name: 'Running' }));
    expect(button().getAttribute('aria-disabled')).toBe('true');
    await user.click(screen.getByRole('checkbox', { name: 'Running' }));
    await user.click(screen.getByRole('checkbox', { name: 'Shop' }));
    await user.click(screen.getByRole('checkbox', { name: 'Mail' }));
    await user.click(button());
    const dialog = within(screen.getByRole('dialog', { name: 'Delete 2 plans?' }));
    dialog.getByText('Mail');
    await user.click(dialog.getByRole('button', { name: 'Delete' }));
    await waitFor(() => {
      expect(calls.filter((c) => c.method === 'DELETE').map((c) => c.path).sort()).toEqual(['/recovery-plans/p', '/recovery-plans/q']);
    });
  });

  it('checks plans that are selected, and keeps what was found', async () => {
    const user = userEvent.setup();
    listed([PLAN], { 'POST /recovery-plans/p/precheck': { ...CHECK, verdict: 'NOT_READY', checkedAt: new Date().toISOString() } });
    show(<Plans />);
    await user.click(await screen.findByRole('checkbox', { name: 'Shop' }));
    await user.click(screen.getByRole('button', { name: 'Check readiness' }));
    await (await row('Shop')).findByRole('link', { name: 'Not ready' });
  });

  it('offers two plans to be compared', async () => {
    const user = userEvent.setup();
    listed([PLAN, { ...PLAN, planId: 'q', planName: 'Mail' }]);
    const { router } = show(<Plans />);
    await user.click(await screen.findByRole('checkbox', { name: 'Shop' }));
    expect(screen.getByRole('button', { name: 'Compare' }).getAttribute('aria-disabled')).toBe('true');
    await user.click(screen.getByRole('checkbox', { name: 'Mail' }));
    await user.click(screen.getByRole('button', { name: 'Compare' }));
    expect(router.state.location.pathname).toBe('/recovery-plans/compare');
    expect(router.state.location.search).toMatch(/left=[pq]&right=[pq]/);
  });
});

describe('the copy of a plan', () => {
  it('begins with all of it, under another name, and is saved as a new one', async () => {
    const user = userEvent.setup();
    const calls = answer({
      'GET /recovery-plans/p': PLAN, 'GET /protection-groups': { groups: [GROUP], count: 1, nextToken: null }, 'POST /protection-groups/resolve': { resolvedServers: [] },
      'POST /recovery-plans': { ...PLAN, planId: 'new', planName: 'Copy of Shop', warnings: [{ type: 'CONCURRENT_JOBS_AT_LIMIT', severity: 'warning', message: '20 jobs are active.', recommendation: 'Wait.' }] },
    });
    const { router } = show(<PlanEditor />, '/recovery-plans/new?from=p', '/recovery-plans/new');
    await screen.findByDisplayValue('Copy of Shop');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe('/recovery-plans/new/readiness');
    });
    expect(calls.find((c) => c.method === 'POST' && c.path === '/recovery-plans')?.body).toMatchObject({
      name: 'Copy of Shop', description: 'All of it', notificationEmail: 'ops@example.com', accountId: ACCOUNT, waves: [{ waveName: 'Tier 0' }, { waveName: 'Tier 1' }],
    });
  });
});

describe('two plans', () => {
  it('are compared field by field', async () => {
    const user = userEvent.setup();
    const other = { ...PLAN, planId: 'q', planName: 'Mail', notificationEmail: '', waves: [wave(0)] };
    answer({
      'GET /recovery-plans': { plans: [PLAN, other], count: 2, nextToken: null }, 'GET /recovery-plans/p': PLAN, 'GET /recovery-plans/q': other,
      'GET /protection-groups': { groups: [GROUP], count: 1, nextToken: null },
    });
    show(<ComparePlans />, '/recovery-plans/compare?left=p&right=q', '/recovery-plans/compare');
    const table = within(await screen.findByRole('table', { name: 'Comparison' }));
    table.getByRole('row', { name: /Notification e-mail ops@example.com – Different/ });
    table.getByRole('row', { name: /Waves Tier 0, Tier 1 Tier 0 Different/ });
    table.getByRole('row', { name: /Tier 1: Protection groups Web – Different/ });
    expect(table.queryByRole('row', { name: /Priority/ })).toBeNull();
    await user.click(screen.getByRole('checkbox', { name: 'Only differences' }));
    table.getByRole('row', { name: /Priority 5 5 Same/ });
  });
});

describe('versions of a plan', () => {
  const entry = (id: string, before: object, after: object) => ({
    id, time: '2026-11-29T10:00:00Z', actor: { type: 'user', userId: 'u', email: `${id}@example.com`, roles: [] }, action: 'plan.update', outcome: 'succeeded', before, after,
  });
  const now = { ...PLAN, version: 3 };
  const page = { entries: [entry('c', { version: 2, description: 'Most of it' }, { version: 3, description: 'All of it' }), entry('b', { version: 1, priority: 1 }, { version: 2, priority: 5 })], count: 2, nextToken: null };

  it('are listed with who changed what, and compared', async () => {
    answer({ 'GET /recovery-plans/p': now, 'GET /audit': page, 'GET /protection-groups': { groups: [], count: 0, nextToken: null }, 'GET /user/permissions': { roles: [], permissions: ['audit_read'] } });
    show(<PlanVersions />, '/recovery-plans/p/versions?left=1&right=3', '/recovery-plans/:planId/versions');
    const list = within(await screen.findByRole('table', { name: 'Versions' }));
    await list.findByRole('row', { name: /Version 3, now .*c@example.com Description/ });
    list.getByRole('row', { name: /Version 2 .*b@example.com Priority/ });
    list.getByRole('row', { name: /Version 1 .*Not in the audit trail/ });
    const table = within(screen.getByRole('table', { name: 'Comparison' }));
    table.getByRole('row', { name: /Description Most of it All of it/ });
    table.getByRole('row', { name: /Priority 1 5/ });
  });

  it('are not shown to those who may not read the audit trail', async () => {
    const calls = answer({ 'GET /recovery-plans/p': now });
    show(<PlanVersions />, '/recovery-plans/p/versions', '/recovery-plans/:planId/versions');
    await screen.findByText(/audit_read/);
    expect(calls.some((c) => c.path === '/audit')).toBe(false);
  });
});

describe('the page of a plan', () => {
  it('knows the groups of other accounts that it launches', async () => {
    const other = { ...GROUP, groupId: 'h', groupName: 'Databases', accountId: '210987654321' };
    const both = { ...wave(1), protectionGroupId: 'h', protectionGroupIds: ['h'] };
    answer({
      'GET /recovery-plans/p': { ...PLAN, waves: [wave(0), both] }, 'POST /recovery-plans/p/precheck': CHECK,
      'GET /recovery-plans': { plans: [], count: 0, nextToken: null }, 'GET /executions': { items: [], count: 0, nextToken: null },
      'GET /recovery-plans/p/schedules': { schedules: [], count: 0 },
      'GET /protection-groups': (query: URLSearchParams) => ({ groups: [GROUP, other].filter((g) => [null, g.accountId].includes(query.get('accountId'))), count: 2, nextToken: null }),
    });
    show(<PlanPage />, '/recovery-plans/p', '/recovery-plans/:planId');
    await screen.findByText('Web; Databases');
    within(screen.getByRole('table', { name: 'Waves' })).getByRole('link', { name: 'Databases' });
  });

  it('offers no start while another run uses its servers, as the list does not; it can be changed, which the server allows', async () => {
    const reason = 'Server web-1 is in use by plan Bank';
    answer({
      'GET /recovery-plans': { plans: [{ ...PLAN, hasServerConflict: true, conflictInfo: { reason } }], count: 1, nextToken: null },
      'GET /recovery-plans/p': PLAN, 'GET /executions': { items: [], count: 0 }, 'GET /recovery-plans/p/schedules': { schedules: [], count: 0 },
      'GET /protection-groups': { groups: [GROUP], count: 1, nextToken: null },
    });
    show(<PlanPage />, '/recovery-plans/p', '/recovery-plans/:planId');
    await screen.findByText(reason, { exact: false, selector: '[class*="content"]' });
    for (const name of ['Start drill', 'Start recovery']) {
      expect(screen.getByText(name).closest('button')?.getAttribute('aria-disabled')).toBe('true');
    }
    expect(screen.getAllByText('Edit')[0]?.closest('button')?.getAttribute('aria-disabled')).toBeNull();
  });
});

describe('a plan that was deleted', () => {
  it('is not found on its page, and kept in its editor', async () => {
    const gone = answer({ 'GET /recovery-plans/p': 404 });
    const { unmount } = show(<ReadinessPage />, '/recovery-plans/p/readiness', '/recovery-plans/:planId/readiness');
    await screen.findByRole('heading', { name: 'Page not found' });
    expect(gone.some((c) => c.path.endsWith('/precheck'))).toBe(false);
    unmount();
    answer({ 'GET /recovery-plans/p': PLAN, 'GET /protection-groups': { groups: [], count: 0, nextToken: null } });
    const { client } = show(<PlanEditor />, '/recovery-plans/p/edit', '/recovery-plans/:planId/edit');
    await screen.findByDisplayValue('Shop');
    answer({ 'GET /recovery-plans/p': 404, 'GET /protection-groups': { groups: [], count: 0, nextToken: null } });
    void client.invalidateQueries({ queryKey: ['plan', 'p'] });
    await screen.findByText('It was deleted meanwhile');
    screen.getByDisplayValue('Shop');
  });
});

describe('the readiness of a plan', () => {
  it('names each finding, its servers, and where it is mended; and keeps the trend', async () => {
    answer({
      'GET /recovery-plans/p': PLAN,
      'POST /recovery-plans/p/precheck': {
        ...CHECK, verdict: 'NOT_READY', estimatedSeconds: 900,
        checks: [
          { id: 'WAVE_SIZE', result: 'OK', message: 'Every wave fits.', overridable: false },
          { id: 'REPLICATION', result: 'FAIL', message: '1 server cannot be launched.', overridable: true, serverIds: ['s-1'] },
          { id: 'LAUNCH_SETTINGS', result: 'WARN', message: 'Web has no launch settings.', overridable: false, details: { groupId: 'g' } },
        ],
        waves: [{ waveNumber: 0, waveName: 'Tier 0', serverCount: 1, units: [{ accountId: ACCOUNT, region: 'us-east-1', serverCount: 1 }], estimatedSeconds: 900 }], criticalPath: [0],
        replication: { ok: 0, warn: 0, block: 1, servers: [{ serverId: 's-1', hostname: 'web-1', replicationState: 'DISCONNECTED', class: 'BLOCK', reason: 'no recovery point' }] },
      },
    });
    show(<ReadinessPage />, '/recovery-plans/p/readiness', '/recovery-plans/:planId/readiness');
    const checks = within(await screen.findByRole('table', { name: 'Checks' }));
    const rows = checks.getAllByRole('row').slice(1).map((r) => r.textContent);
    expect(rows.map((r) => /Blocks the start|Warning|Good/.exec(r)?.[0])).toEqual(['Blocks the start', 'Warning', 'Good']);
    expect(checks.getByRole('link', { name: 'web-1' }).getAttribute('href')).toBe('/servers/s-1');
    expect(checks.getByRole('link', { name: 'Launch settings of the group' }).getAttribute('href')).toBe('/protection-groups/g?tab=launch');
    within(screen.getByRole('table', { name: 'Servers whose replication is not healthy' })).getByText('no recovery point');
    within(screen.getByRole('table', { name: 'Waves' })).getByRole('row', { name: /1\. Tier 0 1 1 .*us-east-1 15 min Yes/ });
    within(screen.getByRole('table', { name: 'Last checks' })).getByRole('row', { name: /Drill Not ready 1 1 1/ });
    screen.getByText('15 min, target 4 h');
  });
});
