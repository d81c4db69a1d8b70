// Pages of runs against fixed answers: what the reference got wrong (ui.md 1.9, 1.10), and what they show.
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useCapacity, useExecution, useTagSyncStatus, useTermination } from '../../src/api/queries';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { register } from '../../src/i18n/t';
import ExecutionPage from '../../src/screens/ExecutionPage';
import Executions from '../../src/screens/Executions';
import { ACCOUNT, answer, show, type Answers, withoutSizes } from './page';

// draws with measures that jsdom has not; shown by the browser tests
vi.mock('../../src/plans/WaveGraph', () => ({ default: () => null }));

register(texts, icu);

beforeEach(() => {
  sessionStorage.clear();
  withoutSizes();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const START = Math.floor(Date.now() / 1000) - 300;
const wave = (waveNumber: number, more: object) => ({
  waveNumber, waveName: `Tier ${String(waveNumber)}`, status: 'PENDING', protectionGroupIds: ['g'], dependsOnWaves: waveNumber === 0 ? [] : [waveNumber - 1],
  pauseBeforeWave: false, serverCount: 2, totalServers: 2, launchedServers: 0, failedServers: 0, attempt: 1, ...more,
});
const unit = { unitId: '0-0', waveNumber: 0, seq: 0, accountId: ACCOUNT, region: 'eu-central-1', state: 'STARTED', attempt: 1, jobId: 'drsjob-1', serverIds: ['s-1', 's-2'], launchedServers: 0, failedServers: 0 };
const RUN = {
  executionId: 'x', planId: 'p', recoveryPlanId: 'p', planName: 'Shop', recoveryPlanName: 'Shop', executionType: 'DRILL', status: 'POLLING', initiatedBy: 'ann',
  executedBy: 'ann', startTime: START, currentWave: 1, totalWaves: 2, percentComplete: 40, invocationSource: 'EVENTBRIDGE',
  waves: [wave(0, { status: 'IN_PROGRESS', startTime: START, launchUnits: [unit] }), wave(1, {})], accountContext: {}, accountId: ACCOUNT,
  selectionMode: 'TAGS', hasActiveDrsJobs: true, terminationMetadata: { canTerminate: false },
};
const server = (n: number, launchStatus: string) => ({
  sourceServerId: `s-${String(n)}`, serverId: `s-${String(n)}`, serverName: `web-${String(n)}`, status: launchStatus, launchStatus, waveNumber: 0, region: 'eu-central-1',
});

function page(run: object, more: Answers = {}, path = '/executions/x') {
  answer({
    'GET /executions/x': { ...RUN, ...run },
    'GET /executions/x/servers': { servers: [server(1, 'IN_PROGRESS'), server(2, 'IN_PROGRESS')], count: 2, total: 2, nextToken: null },
    'GET /executions/x/events': { executionId: 'x', events: [], count: 0, nextToken: null },
    'GET /executions/x/job-logs': { executionId: 'x', jobLogs: [] },
    'GET /executions': { items: [], count: 0, nextToken: null },
    'GET /protection-groups': { groups: [], count: 0, nextToken: null },
    'GET /audit': { items: [], count: 0, nextToken: null },
    ...more,
  });
  return show(<ExecutionPage />, path, '/executions/:executionId');
}

const mayStop = { roles: [], permissions: ['stop_recovery', 'start_recovery', 'terminate_instances'] };

describe('the list of runs', () => {
  it('BUG 1.9: the bar of a run is the figure of the server', async () => {
    answer({ 'GET /executions': { items: [RUN], count: 1, nextToken: null } });
    show(<Executions />, '/executions', '/executions');
    expect((await screen.findByRole<HTMLProgressElement>('progressbar')).value).toBe(40);
  });

  it.each([[[], true], [['stop_recovery'], false]])('BUG 1.9: one button deletes what is selected, with permissions %j disabled: %s', async (permissions, off) => {
    const user = userEvent.setup();
    answer({
      'GET /executions': { items: [{ ...RUN, status: 'COMPLETED', endTime: START + 60 }], count: 1, nextToken: null },
      'GET /user/permissions': { roles: [], permissions },
    });
    show(<Executions />, '/executions?tab=history', '/executions');
    await user.click(await screen.findByRole('checkbox', { name: 'Shop, x' }));
    const buttons = screen.getAllByRole('button', { name: /^Delete/ });
    expect(buttons).toHaveLength(1);
    await waitFor(() => {
      expect([buttons[0]?.textContent, buttons[0]?.getAttribute('aria-disabled') === 'true']).toEqual([expect.stringContaining('Delete (1)'), off]);
    });
  });
});

describe('the list of runs, found again', () => {
  const ended = { ...RUN, status: 'COMPLETED', endTime: START + 60, invocationDetails: { rule: 'monthly-drill' } };

  it('counts what runs, and says since when', async () => {
    answer({ 'GET /executions': { items: [RUN, { ...RUN, executionId: 'y' }], count: 2, nextToken: null } });
    show(<Executions />, '/executions', '/executions');
    await screen.findByRole('tab', { name: 'Active (2)' });
    expect(screen.getAllByText('Started')).toHaveLength(2);
  });

  it('is narrowed to a plan, kept under a name, and brought back', async () => {
    const user = userEvent.setup();
    localStorage.clear();
    const asked: (string | null)[] = [];
    answer({
      'GET /executions': (query: URLSearchParams) => {
        asked.push(query.get('planId'));
        return { items: [ended], count: 1, nextToken: null };
      },
      'GET /recovery-plans': { plans: [{ planId: 'p', planName: 'Shop' }], count: 1 },
    });
    const { router } = show(<Executions />, '/executions?tab=history&plan=p&type=DRILL', '/executions');
    await screen.findByRole('link', { name: 'Shop' });
    expect(asked).toContain('p');
    await screen.findByRole('button', { name: /^Plan Shop/ });
    await user.click(screen.getByRole('button', { name: 'Views' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Keep this view' }));
    const dialog = within(screen.getByRole('dialog'));
    await user.type(dialog.getByRole('textbox'), 'Mine');
    await user.click(dialog.getByRole('button', { name: 'Keep' }));
    await router.navigate('/executions?tab=history');
    await user.click(screen.getByRole('button', { name: 'Views' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Your views' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Mine' }));
    expect(Object.fromEntries(new URLSearchParams(router.state.location.search))).toEqual({ tab: 'history', plan: 'p', type: 'DRILL' });
  });

  it('says in words what started a run, and more on request', async () => {
    const user = userEvent.setup();
    answer({ 'GET /executions': { items: [ended], count: 1, nextToken: null } });
    show(<Executions />, '/executions?tab=history', '/executions');
    await user.click(await screen.findByRole('button', { name: 'Schedule' }));
    await screen.findByText('rule: monthly-drill');
  });
});

describe('the page of a run', () => {
  it('BUG 1.10: has one figure of progress', async () => {
    page({});
    await screen.findByText('web-1');
    expect(screen.getAllByRole<HTMLProgressElement>('progressbar').map((bar) => bar.value)).toEqual([40]);
  });

  it('BUG 1.10: PARTIAL and ROLLED_BACK are not asked for again and again', async () => {
    const calls = answer(Object.fromEntries(['PARTIAL', 'ROLLED_BACK', 'POLLING'].map((status) => [`GET /executions/${status}`, { ...RUN, status }])));
    function Asks() {
      return [useExecution('PARTIAL'), useExecution('ROLLED_BACK'), useExecution('POLLING')].map((q) => q.data?.status ?? '').join(' ');
    }
    show(<Asks />, '/', '/', { live: 'polling', pollSeconds: 0.02 });
    const asked = (id: string) => calls.filter((c) => c.path === `/executions/${id}`).length;
    await waitFor(() => {
      expect(asked('POLLING')).toBeGreaterThan(4);
    });
    expect([asked('PARTIAL'), asked('ROLLED_BACK')]).toEqual([1, 1]);
  });

  it.each(['live', 'polling'] as const)('asks for what goes on again and again only without the stream: %s', async (live) => {
    const calls = answer({
      'GET /executions/x/termination-status': { executionId: 'x', state: 'RUNNING', instances: [] },
      [`GET /accounts/targets/${ACCOUNT}/capacity`]: {}, 'GET /drs/tag-sync': { status: 'IN_PROGRESS', lastSync: null },
    });
    function Asks() {
      return [useTermination('x', true), useCapacity(ACCOUNT), useTagSyncStatus()].map((q) => String(q.isSuccess)).join(' ');
    }
    show(<Asks />, '/', '/', { live, pollSeconds: 0.02 });
    await screen.findByText('true true true');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asked = ['/executions/x/termination-status', `/accounts/targets/${ACCOUNT}/capacity`, '/drs/tag-sync'].map((path) => calls.filter((c) => c.path === path).length > 1);
    expect(asked).toEqual([live === 'polling', live === 'polling', live === 'polling']);
  });

  it.each(['POLLING', 'PAUSE_PENDING'])('BUG 1.10: a run of one wave that is %s can be cancelled', async (status) => {
    page({ status, waves: [RUN.waves[0]], currentWave: undefined }, { 'GET /user/permissions': mayStop });
    const button = await screen.findByRole('button', { name: 'Cancel run' });
    await waitFor(() => {
      expect(button.getAttribute('aria-disabled')).not.toBe('true');
    });
  });

  it('BUG 1.10: shows waves that have not begun', async () => {
    page({});
    await screen.findByRole('heading', { name: /^2\. Tier 1/ });
    screen.getByRole('treeitem', { name: /^2\. Tier 1 · Pending/ });
  });

  it('BUG 1.10: a failed server of a completed wave has the word', async () => {
    page(
      { status: 'COMPLETED', endTime: START + 60, waves: [wave(0, { status: 'PARTIAL', startTime: START, endTime: START + 60 })] },
      { 'GET /executions/x/servers': { servers: [server(1, 'LAUNCHED'), server(2, 'FAILED')], count: 2, total: 2, nextToken: null } },
    );
    const row = (await screen.findByText('web-2')).closest('tr');
    expect(row === null ? '' : within(row).getByText('Failed').textContent).toBe('Failed');
  });

  it('BUG 1.10: the section of the running wave can be closed', async () => {
    const user = userEvent.setup();
    page({});
    const section = await screen.findByRole('button', { name: /1\. Tier 0/ });
    expect(section.getAttribute('aria-expanded')).toBe('true');
    await user.click(section);
    expect(section.getAttribute('aria-expanded')).toBe('false');
  });

  it('BUG 1.10: says type, source, account and Region', async () => {
    page({ invocationDetails: { rule: 'monthly-drill' } });
    for (const text of ['Drill', 'Schedule', 'rule: monthly-drill', ACCOUNT, 'eu-central-1']) {
      expect((await screen.findAllByText(text, { exact: false })).length).toBeGreaterThan(0);
    }
  });

  it('says what was decided, noted and warned of', async () => {
    page({
      notes: [{ time: '2026-11-29T10:00:00Z', user: 'bob', text: 'looked at the data base' }],
      overrides: {
        allowDegraded: true, overrideReason: 'the site burns', resume: { allowDegraded: true, overrideReason: 'the site burns' },
      },
      warnings: [{ code: 'SERVER_GONE', message: 'A server left the group', serverIds: ['s-1', 's-9'] }],
    });
    await screen.findByText('looked at the data base');
    screen.getByText('servers whose replication is not healthy were allowed: the site burns');
    screen.getByText('Override when it was resumed');
    // by name where the run knows it
    await screen.findByText('A server left the group: web-1 (s-1), s-9');
  });

  it('goes on without its job logs', async () => {
    page({}, { 'GET /executions/x/job-logs': 502, 'GET /executions/x/events': 502 });
    await screen.findByText('web-1');
    screen.getByRole('treeitem', { name: /^1\. Tier 0/ });
  });

  it('has a log that is filtered, held and followed', async () => {
    const user = userEvent.setup();
    const time = (s: number) => new Date((START + s) * 1000).toISOString();
    const jobLogs = [{ waveNumber: 0, jobId: 'drsjob-1', events: [
      { event: 'SNAPSHOT_START', logDateTime: time(10), sourceServerId: 's-1', eventData: {} },
      { event: 'SNAPSHOT_START', logDateTime: time(12), sourceServerId: 's-2', eventData: {} },
      { event: 'LAUNCH_FAILED', logDateTime: time(40), sourceServerId: 's-2', eventData: {}, error: 'no capacity' },
    ] }];
    const events = [{ id: '1-0', time: time(0), event: 'execution.created', actor: 'ann', topic: 'executions', resourceType: 'execution', resourceId: 'x', data: { status: 'PENDING' } }];
    const answers: Answers = {
      'GET /executions/x/job-logs': { executionId: 'x', jobLogs },
      'GET /executions/x/events': { executionId: 'x', events, count: 1, nextToken: null },
    };
    const { client } = page({}, answers, '/executions/x?log=open');
    const table = await screen.findByRole('table', { name: 'Events of the run and of its DRS jobs' });
    await within(table).findByText('2 servers');
    within(table).getByText('web-2');
    within(table).getByText('Created');
    await user.click(screen.getByRole('checkbox', { name: 'Follow' }));
    jobLogs[0]?.events.push({ event: 'JOB_END', logDateTime: time(50), sourceServerId: '', eventData: {} });
    await client.invalidateQueries({ queryKey: ['job-logs', 'x'] });
    await screen.findByText('1 new event');
    expect(within(table).queryByText('Job end')).toBeNull();
    await user.click(screen.getByRole('checkbox', { name: 'Follow' }));
    await within(table).findByText('Job end');
    await user.click(screen.getByRole('button', { name: /Which events/ }));
    await user.click(await screen.findByRole('option', { name: 'Problems' }));
    await waitFor(() => {
      expect(within(table).queryByText('Created')).toBeNull();
    });
    within(table).getByText('no capacity');
  });

  it('shows what DRS said of an event, as it came', async () => {
    const user = userEvent.setup();
    const event = { event: 'CONVERSION_START', logDateTime: new Date(START * 1000).toISOString(), sourceServerId: 's-1', eventData: { targetInstanceID: 'i-77' } };
    page({}, { 'GET /executions/x/job-logs': { executionId: 'x', jobLogs: [{ waveNumber: 0, jobId: 'drsjob-1', events: [event] }] } }, '/executions/x?log=open');
    await user.click(await screen.findByRole('button', { name: /raw data$/ }));
    const raw = within(screen.getByRole('dialog')).getByRole('group', { name: 'Raw data' });
    expect(JSON.parse(raw.textContent)).toEqual(event);
  });

  it('has the launches of a wave with their jobs', async () => {
    page({ waves: [wave(0, { status: 'IN_PROGRESS', startTime: START, attempt: 2, launchUnits: [{ ...unit, startTime: START }, { ...unit, unitId: '0-1', region: 'eu-west-1', jobId: undefined, state: 'PLANNED' }] })] });
    const table = await screen.findByRole('table', { name: 'Launches of Tier 0' });
    const rows = within(table).getAllByRole('row').slice(1).map((row) => row.textContent);
    expect(rows[0]).toMatch(new RegExp(`${ACCOUNT}.*eu-central-1.*drsjob-1.*Launching.*0 of 2`));
    expect(rows[1]).toMatch(/eu-west-1.*Waiting/);
    within(table).getByRole('button', { name: 'Copy drsjob-1' });
    screen.getByText(/^Started .*, attempt 2$/);
    screen.getByRole('button', { name: 'Copy the ID of Shop' });
  });

  it('shows the evidence of a held launch before it is decided', async () => {
    const user = userEvent.setup();
    const held = {
      since: START + 60, reason: 'two jobs match',
      candidates: [{ jobId: 'drsjob-7', status: 'STARTED', creationDateTime: new Date((START + 5) * 1000).toISOString(), serverIds: ['s-2', 's-9'] }],
      servers: [{ sourceServerId: 's-1', lastLaunchJobId: 'drsjob-6', lastLaunchTime: new Date((START - 3600) * 1000).toISOString() }, { sourceServerId: 's-2' }],
    };
    page(
      { waves: [wave(0, { status: 'IN_PROGRESS', startTime: START, launchUnits: [{ ...unit, serverIds: undefined, jobId: undefined, state: 'HELD', intentAt: START + 2, held }] })] },
      {
        'GET /user/permissions': mayStop,
        'GET /executions/x/servers': { servers: [1, 2, 3].map((n) => ({ ...server(n, 'PENDING'), unitId: '0-0' })), count: 3, total: 3, nextToken: null },
      },
    );
    const time = (seconds: number) => [...screen.getByRole('dialog').querySelectorAll('time')].some((e) => e.dateTime === new Date(seconds * 1000).toISOString());
    await user.click(await screen.findByRole('button', { name: 'Decide' }));
    const dialog = within(screen.getByRole('dialog'));
    await dialog.findByText('web-1');
    const rows = within(dialog.getByRole('table', { name: 'Servers of this launch' })).getAllByRole('row').slice(1).map((row) => row.textContent);
    expect(rows[0]).toContain('drsjob-6');
    expect(rows[1]).toContain('None');
    expect(rows[2]).toMatch(/web-3.*Not known/);
    // held, stored, last launch, candidate
    expect([START + 60, START + 2, START - 3600, START + 5].map(time)).toEqual([true, true, true, true]);
    dialog.getByText(/Its servers: web-2, s-9\./);
  });

  it.each(['CANCELLED', 'PARTIAL'])('J6: asks after a cancel whether what was launched shall go: %s', async (status) => {
    const user = userEvent.setup();
    const waves = [wave(0, { status: 'COMPLETED', startTime: START, endTime: START + 50 }), wave(1, { status: 'CANCELLED' })];
    const ended = { status, waves, endTime: START + 60, outcomeSummary: `${status}: 1 of 2 waves`, terminationMetadata: { canTerminate: true } };
    const { unmount } = page(ended, { 'GET /user/permissions': mayStop, 'GET /executions/x/recovery-instances': { instances: [] } });
    await screen.findByText(/is still there and charged/);
    const buttons = screen.getAllByRole('button', { name: 'Terminate instances' });
    expect(buttons).toHaveLength(2);
    await waitFor(() => {
      expect(buttons[1]?.getAttribute('aria-disabled')).not.toBe('true');
    });
    await user.click(buttons[1] as HTMLElement);
    expect(screen.getAllByRole('dialog')).toHaveLength(1);
    unmount();
    page({ ...ended, instancesTerminated: true });
    await screen.findAllByText(/1 of 2 waves/);
    expect(screen.queryByText(/is still there and charged/)).toBeNull();
  });
});
