// Refused starts, retries and resumes: what is said, where it leads, what can be set aside (ui.md 1.7; bodies as tests/system/test_api_worker.py and test_api_requests.py see them).
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/error';
import { explain } from '../../src/api/explain';
import type { Schemas } from '../../src/api/client';
import { ActionButton } from '../../src/execution/actions';
import { WaveActions } from '../../src/execution/operator';
import { Ago } from '../../src/components/Time';
import { texts } from '../../src/i18n/en';
import '../../src/i18n/errors';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { planTexts } from '../../src/i18n/plan.en';
import { plansTexts } from '../../src/i18n/plans.en';
import { runsTexts } from '../../src/i18n/runs.en';
import { register } from '../../src/i18n/t';
import { findings } from '../../src/plans/refusal';
import { StartDialog } from '../../src/plans/StartDialog';
import { answer, Refused, show, type Answers } from './page';

register({ ...texts, ...moreTexts, ...planTexts, ...plansTexts, ...runsTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const RUN = '7f0c1e52-93cf-4b0e-8d61-0a52b1c7b7a4';
const refusal = (status: number, error: string, code: string, message: string, details: Record<string, unknown>) =>
  ({ status, body: { error, code, message, details, requestId: 'r-1', ...details } });

/** Each refusal of a start, what is shown of it, and the pages it leads to. */
const REFUSALS: Record<string, { answer: ReturnType<typeof refusal>; says: RegExp; names: RegExp[]; leads: string[] }> = {
  WAVE_SIZE_LIMIT_EXCEEDED: {
    answer: refusal(400, 'INVALID_PARAMETER', 'WAVE_SIZE_LIMIT_EXCEEDED', 'A wave has more than 100 servers.', {
      errors: [{ type: 'WAVE_SIZE_EXCEEDED', wave: 'Databases', waveIndex: 1, serverCount: 140, limit: 100, message: 'The wave has more servers than a DRS job may have.' }], limit: 100,
    }),
    says: /at most 100 servers/, names: [/Databases: 140 servers, 100 allowed/], leads: ['/recovery-plans/p/edit'],
  },
  CONCURRENT_JOBS_LIMIT_EXCEEDED: {
    answer: refusal(429, 'DRS_ERROR', 'CONCURRENT_JOBS_LIMIT_EXCEEDED', '20 jobs are active in us-east-1.', {
      currentJobs: 20, maxJobs: 20, activeJobs: [{ jobId: 'drsjob-1', status: 'STARTED', launchStatus: 'PENDING', type: 'LAUNCH' }],
    }),
    says: /20 of 20 jobs/, names: [/DRS job drsjob-1: STARTED/], leads: ['/capacity'],
  },
  SERVERS_IN_JOBS_LIMIT_EXCEEDED: {
    answer: refusal(429, 'DRS_ERROR', 'SERVERS_IN_JOBS_LIMIT_EXCEEDED', '480 servers are in active jobs in us-east-1.', {
      currentServersInJobs: 480, newServerCount: 30, totalAfterNew: 510, maxServers: 500,
    }),
    says: /510 servers would be in jobs; DRS takes 500/, names: [], leads: ['/capacity'],
  },
  UNHEALTHY_SERVER_REPLICATION: {
    answer: refusal(400, 'INVALID_STATE', 'UNHEALTHY_SERVER_REPLICATION', '1 of 2 servers cannot be recovered in their replication state.', {
      unhealthyServers: [{ serverId: 's-1', hostname: 'web-1', replicationState: 'DISCONNECTED', lifecycleState: '', reason: 'replication is disconnected' }],
      healthyCount: 1, unhealthyCount: 1,
    }),
    says: /start all the same with a reason/, names: [/web-1: replication is disconnected/], leads: ['/servers/s-1'],
  },
  SERVER_CONFLICT: {
    answer: refusal(409, 'ALREADY_EXISTS', 'SERVER_CONFLICT', '3 servers are in use by another execution or by a DRS job.', {
      conflicts: [
        { conflictSource: 'execution', serverId: 's-1', conflictingExecutionId: RUN },
        { conflictSource: 'drs_job', serverId: 's-2', conflictingJobId: 'drsjob-2', conflictingJobStatus: 'STARTED' },
        { conflictSource: 'drs_job', serverId: 's-3', conflictingJobId: '', conflictingJobStatus: 'PENDING', heldUntil: '2026-11-29T10:00:00.000Z' },
      ],
      conflictingExecutions: [{ executionId: RUN, planId: 'q', servers: ['s-1'] }],
      conflictingDrsJobs: [{ jobId: 'drsjob-2', jobStatus: 'STARTED', servers: ['s-2'] }, { jobId: '', jobStatus: 'PENDING', servers: ['s-3'] }],
    }),
    says: /Wait for what uses the servers, or cancel it/, names: [/DRS job drsjob-2: STARTED, 1 server/, /Held until .*2026/], leads: [`/executions/${RUN}`],
  },
  EXISTING_RECOVERY_INSTANCES: {
    answer: refusal(409, 'ALREADY_EXISTS', 'EXISTING_RECOVERY_INSTANCES', '2 servers have a live instance of an earlier recovery.', {
      existingInstances: [
        { sourceServerId: 's-1', sourceServerName: 'web-1', ec2InstanceId: 'i-1', sourceExecutionId: RUN, sourcePlanName: 'Shop' },
        { sourceServerId: 's-2', ec2InstanceId: 'i-2', sourceExecutionId: null, sourcePlanName: null },
      ],
    }),
    says: /Terminate them first/, names: [/Go to the run of Shop/, /Instance i-2 of s-2/], leads: [`/executions/${RUN}`],
  },
  LIMITS_UNKNOWN: {
    answer: refusal(503, 'DRS_ERROR', 'LIMITS_UNKNOWN', 'The start was refused, nothing was changed: access was denied', {
      accounts: [{ accountId: '123456789012', region: 'us-east-1', reason: 'role DRSOrchestrationRole: wrong external id' }], region: 'us-east-1',
    }),
    says: /Try again in a moment/, names: [/123456789012, us-east-1: role DRSOrchestrationRole: wrong external id/], leads: ['/settings/accounts'],
  },
  DUPLICATE_SERVER: {
    answer: refusal(400, 'INVALID_PARAMETER', 'DUPLICATE_SERVER', 'A server would be launched by two waves.', { serverIds: ['s-1', 's-2'], waves: [0, 1, 0, 2] }),
    says: /in one wave only/, names: [/s-1 is in the waves 1 and 2/, /s-2 is in the waves 1 and 3/], leads: ['/servers/s-1', '/servers/s-2', '/recovery-plans/p/edit'],
  },
  PLAN_ALREADY_EXECUTING: {
    answer: refusal(409, 'ALREADY_EXISTS', 'PLAN_ALREADY_EXECUTING', `The plan has an active execution, ${RUN}.`, { activeExecutions: [RUN], planId: 'p' }),
    says: /One run of a plan goes on at a time/, names: [/Go to the run that is in progress/], leads: [`/executions/${RUN}`],
  },
  RECOVERY_POINT_UNAVAILABLE: {
    answer: refusal(400, 'INVALID_PARAMETER', 'RECOVERY_POINT_UNAVAILABLE', '1 servers have no recovery point as it is asked for.', { serverIds: ['s-1'] }),
    says: /Choose another recovery point/, names: [/s-1/], leads: ['/servers/s-1'],
  },
  PLAN_HAS_NO_WAVES: {
    answer: refusal(400, 'INVALID_STATE', 'PLAN_HAS_NO_WAVES', 'The plan has no waves.', { planId: 'p', planName: 'Shop' }),
    says: /Add a wave first/, names: [], leads: ['/recovery-plans/p/edit'],
  },
  RECOVERY_PLAN_NOT_FOUND: {
    answer: refusal(404, 'NOT_FOUND', 'RECOVERY_PLAN_NOT_FOUND', 'There is no such plan.', { planId: 'p' }),
    says: /Somebody may have deleted it/, names: [], leads: ['/recovery-plans'],
  },
  ACCOUNT_MISMATCH: {
    answer: refusal(400, 'ACCOUNT_MISMATCH', 'ACCOUNT_MISMATCH', 'The waves are in several accounts.', {}),
    says: /stays in one account/, names: [], leads: ['/recovery-plans/p/edit'],
  },
  INVALID_ACCOUNT: {
    answer: refusal(400, 'INVALID_PARAMETER', 'INVALID_ACCOUNT', 'The start was refused, nothing was changed: the account is not registered', {
      accounts: [{ accountId: '123456789012', region: 'us-east-1', reason: 'not registered' }],
    }),
    says: /not registered/, names: [/123456789012, us-east-1: not registered/], leads: ['/settings/accounts'],
  },
};

describe('refusals of a start', () => {
  it.each(Object.entries(REFUSALS))('BUG 1.7: %s is explained, with what it is about and the way there', (_, { answer: { status, body }, says, names, leads }) => {
    const error = new ApiError({ kind: 'http', status, code: body.code, message: body.message, body });
    const words = explain(error);
    expect(words).toContain(body.message);
    expect(words).toMatch(says);
    const found = findings(error, 'p');
    for (const name of names) {
      expect(found.map((f) => f.text).join('\n')).toMatch(name);
    }
    expect(found.flatMap((f) => f.href ?? [])).toEqual(leads);
  });

  it('that were not answered lead to the runs, since one may have been started', () => {
    expect(findings({ code: 'TIMEOUT', body: {} }, 'p')).toEqual([{ text: 'See whether a run was started', href: '/executions' }]);
  });

  it('are not listed without an end', () => {
    const unhealthyServers = Array.from({ length: 300 }, (_, i) => ({ serverId: `s-${String(i)}`, hostname: `web-${String(i)}`, reason: 'stalled' }));
    const found = findings({ code: 'UNHEALTHY_SERVER_REPLICATION', body: { unhealthyServers } }, 'p');
    expect(found).toHaveLength(21);
    expect(found.at(-1)?.text).toBe('and 280 more');
  });
});

const PLAN = {
  planId: 'p', planName: 'Shop', name: 'Shop', description: '', waveCount: 1, version: 1, rpo: 30, rto: 60,
  waves: [{ waveNumber: 0, waveName: 'One', protectionGroupId: 'g', protectionGroupIds: ['g'], serverIds: [], serverSelection: 'ALL', pauseBeforeWave: false, dependsOnWaves: [] }],
};
const server = (n: number, lagDuration: string) => ({ serverId: `s-${String(n)}`, hostname: `web-${String(n)}`, replicationState: 'CONTINUOUS', class: 'OK', lagDuration });
const CHECK = {
  planId: 'p', executionType: 'DRILL', checkedAt: '2026-11-29T10:00:00Z', mode: 'queue', verdict: 'READY', checks: [], criticalPath: [0], conflicts: [], existingInstances: [],
  waves: [{ waveNumber: 0, waveName: 'One', serverCount: 2, units: [{ accountId: '123456789012', region: 'us-east-1', serverCount: 2 }], estimatedSeconds: 900 }],
  estimatedSeconds: 900, limits: [], launchConfig: [], replication: { ok: 2, warn: 0, block: 0, servers: [server(1, 'PT1M'), server(2, 'PT45M')] },
};
const NONE = { hasExistingInstances: false, instanceCount: 0, planId: 'p', existingInstances: [] };
const DIALOG: Answers = {
  'GET /recovery-plans/p': PLAN, 'POST /recovery-plans/p/precheck': CHECK, 'GET /recovery-plans/p/check-existing-instances': NONE,
};
const STARTED = { executionId: RUN, status: 'PENDING', message: '', statusUrl: '' };

describe('the start dialog', () => {
  const open = (type: 'DRILL' | 'RECOVERY' = 'DRILL') => show(<StartDialog plan={PLAN} type={type} onClose={() => undefined} />);
  const start = () => screen.getByRole('button', { name: 'Start drill' });

  it('tries again under a new key after a refusal, since the server would repeat it', async () => {
    const user = userEvent.setup();
    let tries = 0;
    const { status, body } = REFUSALS.SERVER_CONFLICT?.answer ?? { status: 0, body: {} };
    const calls = answer({ ...DIALOG, 'POST /executions': () => (tries++ === 0 ? new Refused(status, body) : STARTED) });
    const { router } = open();
    await user.click(start());
    await screen.findByText(/3 servers are in use/);
    // the dialog is long
    expect(document.activeElement?.getAttribute('role')).toBe('alert');
    expect(screen.getByRole('link', { name: /A run uses 1 of its servers/ }).getAttribute('href')).toBe(`/executions/${RUN}`);
    await user.click(start());
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/executions/${RUN}`);
    });
    const keys = calls.filter((c) => c.path === '/executions').map((c) => c.key);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(2);
  });

  it('sends what was not answered again under the same key, so that nothing starts twice', async () => {
    const user = userEvent.setup();
    let broken = true;
    const calls = answer(DIALOG);
    const answered = globalThis.fetch;
    const keys: string[] = [];
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      if (!url.endsWith('/executions')) {
        return answered(url, init);
      }
      keys.push((init.headers as Record<string, string>)['Idempotency-Key'] ?? '');
      return broken ? Promise.reject(new TypeError('no network')) : Promise.resolve(new Response(JSON.stringify(STARTED), { status: 202 }));
    });
    const { router } = open();
    await user.click(start());
    await screen.findByText(/The server cannot be reached/);
    screen.getByRole('link', { name: 'See whether a run was started' });
    broken = false;
    await user.click(start());
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/executions/${RUN}`);
    });
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    expect(calls.some((c) => c.path === '/executions')).toBe(false);
  });

  it('asks the checks once more with what is set aside, and keeps offering it', async () => {
    const user = userEvent.setup();
    const failed = { ...CHECK, verdict: 'NOT_READY', checks: [{ id: 'REPLICATION', result: 'FAIL', message: 'web-1 is stalled', overridable: true }] };
    const calls = answer({ ...DIALOG, 'POST /recovery-plans/p/precheck': failed });
    open();
    const box = await screen.findByRole('checkbox', { name: /servers whose replication is not healthy/ });
    answer({ ...DIALOG, 'POST /recovery-plans/p/precheck': { ...CHECK, verdict: 'READY_WITH_WARNINGS' } });
    await user.click(box);
    await screen.findByText('Ready, with warnings');
    expect(screen.getByRole<HTMLInputElement>('checkbox', { name: /servers whose replication is not healthy/ }).checked).toBe(true);
    expect(calls.filter((c) => c.path.endsWith('/precheck')).map((c) => c.body)).toEqual([{ executionType: 'DRILL' }]);
  });

  it('shows the servers of a recovery, those that would lose most first and marked', async () => {
    answer({ ...DIALOG, 'POST /recovery-plans/p/precheck': { ...CHECK, executionType: 'RECOVERY' } });
    open('RECOVERY');
    const table = await screen.findByRole('table', { name: 'Servers and their lag' });
    const rows = within(table).getAllByRole('row').slice(1).map((row) => row.textContent);
    expect(rows[0]).toMatch(/web-2.*45 min/);
    expect(rows[1]).toMatch(/web-1.*1 min/);
    screen.getByText('1 is further behind than the target of 30 min');
  });

  it('takes no answer about a drill for one about a recovery', async () => {
    answer(DIALOG);
    open('RECOVERY');
    await screen.findByText(/No instance of a former run exists/);
    screen.getByText('Checking groups, replication, limits and settings');
    expect(screen.queryByRole('button', { name: 'Check again' })).toBeNull();
  });
});

const EXECUTION = {
  executionId: RUN, planId: 'p', planName: 'Shop', status: 'PAUSED', executionType: 'DRILL', pauseReason: 'WAVE_FAILED', waves: [], terminationMetadata: { canTerminate: false },
} as unknown as Schemas['Execution'];
const WAVE = { waveNumber: 0, waveName: 'One', status: 'FAILED', failedServers: 1, attempt: 1 } as unknown as Schemas['ExecWave'];

describe('how long ago it was', () => {
  it('is never in the future, though a page looks at its clock every ten seconds only', () => {
    show(<Ago value={Date.now() + 4_000} />);
    screen.getByText('now');
  });
});

describe('a retry of failed servers', () => {
  it('can be tried again after a refusal, and with a safety check set aside', async () => {
    const user = userEvent.setup();
    let tries = 0;
    const { status, body } = REFUSALS.UNHEALTHY_SERVER_REPLICATION?.answer ?? { status: 0, body: {} };
    const calls = answer({ [`POST /executions/${RUN}/waves/0/retry`]: () => (tries++ < 2 ? new Refused(status, body) : { executionId: RUN, waveNumber: 0, attempt: 2, serverIds: ['s-1'], status: 'RUNNING' }) });
    show(<WaveActions execution={EXECUTION} wave={WAVE} />);
    await user.click(await screen.findByRole('button', { name: 'Retry failed servers' }));
    const dialog = within(screen.getByRole('dialog'));
    const retry = () => dialog.getByRole('button', { name: 'Retry failed servers' });
    await user.click(retry());
    await dialog.findByText('web-1: replication is disconnected');
    await user.click(retry());
    await waitFor(() => {
      expect(calls.filter((c) => c.method === 'POST')).toHaveLength(2);
    });
    await user.click(await dialog.findByRole('checkbox', { name: /servers whose replication is not healthy/ }));
    expect(retry().hasAttribute('disabled')).toBe(true);
    await user.type(dialog.getByRole('textbox', { name: /Why it is started all the same/ }), 'site is dark');
    await user.click(retry());
    await waitFor(() => {
      expect(calls.filter((c) => c.method === 'POST').at(-1)?.body).toEqual({ allowDegraded: true, overrideReason: 'site is dark' });
    });
    expect(new Set(calls.filter((c) => c.method === 'POST').map((c) => c.key)).size).toBe(3);
  });
});

describe('a resume', () => {
  it('says what hinders it and goes on with the check set aside', async () => {
    const user = userEvent.setup();
    let tries = 0;
    const { status, body } = REFUSALS.UNHEALTHY_SERVER_REPLICATION?.answer ?? { status: 0, body: {} };
    const calls = answer({ [`POST /executions/${RUN}/resume`]: () => (tries++ === 0 ? new Refused(status, body) : { executionId: RUN, status: 'RESUMING', message: '', nextWave: 1 }) });
    show(<ActionButton execution={EXECUTION} name="resume" />);
    await user.click(await screen.findByRole('button', { name: 'Resume' }));
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.queryByRole('checkbox')).toBeNull();
    await user.click(dialog.getByRole('button', { name: 'Resume' }));
    await dialog.findByText('The run cannot be resumed');
    await user.click(dialog.getByRole('checkbox', { name: /servers whose replication is not healthy/ }));
    await user.type(dialog.getByRole('textbox', { name: /Why it is started all the same/ }), 'agreed');
    await user.click(dialog.getByRole('button', { name: 'Resume' }));
    await waitFor(() => {
      expect(calls.filter((c) => c.path.endsWith('/resume')).map((c) => c.body)).toEqual([{}, { allowDegraded: true, overrideReason: 'agreed' }]);
    });
  });
});
