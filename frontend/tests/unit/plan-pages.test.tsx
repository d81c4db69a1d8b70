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
import { register } from '../../src/i18n/t';
import { StartDialog } from '../../src/plans/StartDialog';
import PlanEditor from '../../src/screens/PlanEditor';
import Plans from '../../src/screens/Plans';
import { ACCOUNT, answer, services, show } from './page';

// draws with measures that jsdom has not; shown by the browser tests
vi.mock('../../src/plans/WaveGraph', () => ({ default: () => null }));

register({ ...texts, ...moreTexts, ...editorTexts, ...graphTexts, ...planTexts }, icu);

beforeEach(() => {
  sessionStorage.clear();
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

  it('BUG 1.8: asks for the servers of tags in the Region of the group', async () => {
    const calls = answer({ 'POST /protection-groups/resolve': { resolvedServers: [] } });
    await new QueryClient().fetchQuery(groupServersQuery(services().api, GROUP));
    expect(calls).toMatchObject([{ path: '/protection-groups/resolve', body: { region: 'eu-central-1', accountId: ACCOUNT } }]);
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
      sourceExecutionId, sourcePlanName: 'Shop',
    });
    const calls = answer({
      'GET /recovery-plans/p': PLAN, 'POST /recovery-plans/p/precheck': CHECK,
      'GET /recovery-plans/p/check-existing-instances': { hasExistingInstances: true, instanceCount: 2, planId: 'p', existingInstances: [instance('1', 'drill'), instance('2', 'real')] },
      'GET /executions/drill': { executionId: 'drill', executionType: 'DRILL' }, 'GET /executions/real': { executionId: 'real', executionType: 'RECOVERY' },
      'POST /executions/drill/terminate-instances': { totalTerminated: 1 }, 'POST /executions/real/terminate-instances': { totalTerminated: 1 },
    });
    dialog();
    await user.click(await screen.findByRole('button', { name: 'Terminate them first' }));
    await user.click(screen.getByRole('button', { name: 'Terminate 1 instance' }));
    await screen.findByText(/2 instances are left/);
    expect(calls.filter((c) => c.path.endsWith('/terminate-instances')).map((c) => c.path)).toEqual(['/executions/drill/terminate-instances']);
  });
});

describe('the list of plans', () => {
  it('BUG 1.7: stays while it is read again', async () => {
    answer({ 'GET /recovery-plans': { plans: [PLAN], recoveryPlans: [PLAN], count: 1, nextToken: null } });
    const { client } = show(<Plans />);
    await screen.findByRole('link', { name: 'Shop' });
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    void client.invalidateQueries({ queryKey: ['plans'] });
    await waitFor(() => {
      expect(client.isFetching({ queryKey: ['plans'] })).toBe(1);
    });
    within(screen.getByRole('table')).getByRole('link', { name: 'Shop' });
  });
});
