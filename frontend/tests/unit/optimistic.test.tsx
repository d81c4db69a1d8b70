// Lists that do not wait for the server (ui.md 2.6), and long work in one message (2.4).
import { QueryClient } from '@tanstack/react-query';
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { showAtOnce } from '../../src/api/optimistic';
import { tagSyncQuery } from '../../src/api/queries';
import { Flashes } from '../../src/app/flashes';
import { follow } from '../../src/app/follow';
import { DataTable } from '../../src/components/DataTable';
import { tellTermination } from '../../src/execution/watch';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { register } from '../../src/i18n/t';
import Executions from '../../src/screens/Executions';
import Groups from '../../src/screens/Groups';
import Accounts from '../../src/settings/Accounts';
import { runTagSync } from '../../src/settings/tagsync-watch';
import { ACCOUNT, answer, Refused, services, show } from './page';

register(texts, icu);

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const group = (id: string) => ({
  groupId: id, groupName: `Group ${id}`, description: '', region: 'eu-central-1', accountId: ACCOUNT, serverSelectionTags: { Tier: id }, sourceServerIds: [], version: 1,
  launchConfigStatus: { status: 'ready' }, createdDate: 1, lastModifiedDate: 1,
});

function listed(ids: readonly string[], remove: (id: string) => unknown) {
  const gone = new Set<string>();
  const calls = answer({
    'GET /protection-groups': () => ({ groups: ids.filter((id) => !gone.has(id)).map(group), count: ids.length, nextToken: null }),
    'GET /recovery-plans': { plans: [], count: 0 },
    'GET /executions': { items: [], count: 0, nextToken: null },
    'GET /drs/source-servers': { servers: [], serverCount: 0 },
    'GET /user/permissions': { roles: [], permissions: ['delete_protection_groups', 'view_protection_groups'] },
    ...Object.fromEntries(ids.map((id) => [`DELETE /protection-groups/${id}`, () => {
      const answered = remove(id);
      if (!(answered instanceof Refused)) {
        gone.add(id);
      }
      return answered;
    }])),
    ...Object.fromEntries(ids.map((id) => [`GET /protection-groups/${id}`, group(id)])),
  });
  return { calls, ...show(<Groups />) };
}

/** Requests of the method are not answered before they are let go. */
function hold(method: string): () => void {
  const waiting: (() => void)[] = [];
  const plain = fetch;
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (init.method === method) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    return plain(url, init);
  });
  return () => {
    for (const go of waiting.splice(0)) {
      go();
    }
  };
}

const names = () => screen.queryAllByRole('link', { name: /^Group / }).map((l) => l.textContent);

async function remove(user: ReturnType<typeof userEvent.setup>) {
  await user.click(screen.getByRole('button', { name: 'Delete' }));
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
}

describe('rows that are deleted', () => {
  it('go before the server has answered', async () => {
    const user = userEvent.setup();
    listed(['a', 'b'], () => ({ message: '' }));
    await screen.findByRole('link', { name: 'Group a' });
    const release = hold('DELETE');
    await user.click(screen.getByRole('checkbox', { name: 'a' }));
    await remove(user);
    await waitFor(() => {
      expect(names()).toEqual(['Group b']);
    });
    release();
  });

  it('come back when the server keeps them, but not those that are gone', async () => {
    const user = userEvent.setup();
    listed(['a', 'b', 'c'], (id) => (id === 'b' ? new Refused(409, { error: 'PG_IN_USE', message: 'Used by Shop.' }) : { message: '' }));
    await screen.findByRole('link', { name: 'Group a' });
    for (const id of ['a', 'b']) {
      await user.click(screen.getByRole('checkbox', { name: id }));
    }
    await remove(user);
    await waitFor(() => {
      expect(names()).toEqual(['Group b', 'Group c']);
    });
  });

  it.each([[true, ['run-c']], [false, ['run-a', 'run-b', 'run-c']]])('go at once when they are runs, and those that the server keeps are there again (answers: %s)', async (answers, after) => {
    const user = userEvent.setup();
    const run = (id: string) => ({
      executionId: id, planId: 'p', planName: id, executionType: 'DRILL', status: 'COMPLETED', initiatedBy: 'ann', startTime: 1790000000, endTime: 1790000060,
      currentWave: 1, totalWaves: 1, percentComplete: 100, waves: [], terminationMetadata: { canTerminate: false },
    });
    let there = ['run-a', 'run-b', 'run-c'];
    const calls = answer({
      'GET /executions': () => ({ items: there.map(run), count: there.length, nextToken: null }),
      'GET /recovery-plans': { plans: [], count: 0 },
      'GET /user/permissions': { roles: [], permissions: ['stop_recovery'] },
      'POST /executions/delete': () => {
        there = after;
        return answers ? { deletedCount: 2, notFound: 0, failed: 0, activeExecutionsSkipped: [] } : new Refused(403, { error: 'FORBIDDEN', message: 'No.' });
      },
    });
    const { services: all } = show(<Executions />, '/executions?tab=history', '/executions');
    const runs = () => screen.queryAllByRole('link', { name: /^run-/ }).map((l) => l.textContent);
    await screen.findByRole('link', { name: 'run-a' });
    const release = hold('POST');
    await user.click(screen.getByRole('checkbox', { name: 'run-a, run-a' }));
    await user.click(screen.getByRole('checkbox', { name: 'run-b, run-b' }));
    await user.click(screen.getByRole('button', { name: 'Delete (2)' }));
    await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
    await waitFor(() => {
      expect([runs(), screen.queryByRole('dialog')]).toEqual([['run-c'], null]);
    });
    release();
    await waitFor(() => {
      expect([runs(), all.flashes.snapshot().map((f) => f.type)]).toEqual([after, [answers ? 'success' : 'error']]);
    });
    expect(calls.find((c) => c.method === 'POST')?.body).toEqual({ executionIds: ['run-a', 'run-b'], force: false });
  });

  it('are brought back as they were by whoever showed the change', async () => {
    const client = new QueryClient();
    client.setQueryData(['groups', '1'], { groups: [1, 2, 3] });
    const undo = await showAtOnce<{ groups: number[] }>(client, ['groups'], (data) => ({ groups: data.groups.slice(1) }));
    expect(client.getQueryData(['groups', '1'])).toEqual({ groups: [2, 3] });
    undo();
    expect(client.getQueryData(['groups', '1'])).toEqual({ groups: [1, 2, 3] });
  });
});

describe('the name of an account', () => {
  it('is changed in the table at once, and is back when the server refuses', async () => {
    const user = userEvent.setup();
    const account = { accountId: ACCOUNT, accountName: 'Shop', isCurrentAccount: true, stagingAccounts: [], status: 'active' };
    let name = 'Shop';
    let refuse = false;
    const calls = answer({
      'GET /accounts/targets': () => [{ ...account, accountName: name }],
      'GET /accounts/current': { accountId: ACCOUNT },
      'GET /user/permissions': { roles: [], permissions: ['modify_accounts'] },
      [`PUT /accounts/targets/${ACCOUNT}`]: () => {
        if (refuse) {
          return new Refused(400, { error: 'INVALID_NAME', message: 'No.' });
        }
        name = 'Store';
        return account;
      },
    });
    show(<Accounts />);
    const edit = async (to: string) => {
      await user.click(await screen.findByRole('button', { name: /^Edit Name of/ }));
      const field = screen.getByRole('textbox', { name: 'Name' });
      await user.clear(field);
      await user.type(field, to);
      await user.click(screen.getByRole('button', { name: 'Take the value over' }));
    };
    await screen.findByText('Shop');
    const release = hold('PUT');
    await edit('Store');
    await screen.findByText('Store');
    expect(calls.some((c) => c.method === 'PUT')).toBe(false);
    release();
    await waitFor(() => {
      expect(calls.find((c) => c.method === 'PUT')?.body).toEqual({ accountName: 'Store' });
    });
    refuse = true;
    await edit('X');
    await screen.findByText('X');
    release();
    await screen.findByText('Store');
  });
});

describe('rows that are pointed at', () => {
  it('are read ahead once the pointer rests, each once', () => {
    vi.useFakeTimers();
    const asked: string[] = [];
    answer({});
    show(
      <DataTable id="t" title="Things" items={[{ id: 'a' }, { id: 'b' }]} rowKey={(i) => i.id} text={(i) => i.id} loading={false} empty="" columns={[{ id: 'n', header: 'Name', name: true, cell: (i) => i.id }]} prefetch={(i) => {
        asked.push(i.id);
      }} />,
    );
    fireEvent.pointerOver(screen.getByText('a'));
    fireEvent.pointerOver(screen.getByText('b'));
    fireEvent.pointerOver(screen.getByText('b'));
    act(() => {
      vi.advanceTimersByTime(500);
    });
    expect(asked).toEqual(['b']);
    vi.useRealTimers();
  });
});

describe('long work', () => {
  it('is one message that changes, comes back with its result, and is not pushed out by others', () => {
    const flashes = new Flashes();
    const run = { executionId: 'x', planName: 'Shop' };
    const at = (state: 'RUNNING' | 'DONE', done: number) =>
      tellTermination(flashes, run, {
        state, instances: [0, 1, 2].map((i) => ({ recoveryInstanceId: `i-${String(i)}`, state: i < done ? 'TERMINATED' : 'TERMINATING' })),
      } as unknown as Parameters<typeof tellTermination>[2]);
    expect(at('RUNNING', 1)).toBe(true);
    at('RUNNING', 2);
    expect(flashes.snapshot()).toMatchObject([{ type: 'in-progress', header: 'Instances of Shop are being terminated', content: '2 of 3', action: { href: '/executions/x' } }]);
    for (const header of ['a', 'b', 'c', 'd', 'e']) {
      flashes.add({ type: 'error', header });
    }
    expect(flashes.snapshot()).toHaveLength(4);
    expect(flashes.snapshot().some((f) => f.type === 'in-progress')).toBe(true);
    flashes.close('termination-x');
    at('RUNNING', 2);
    expect(flashes.snapshot().some((f) => f.id === 'termination-x')).toBe(false);
    expect(at('DONE', 3)).toBe(false);
    expect(flashes.snapshot()[0]).toMatchObject({ type: 'success', header: 'The instances of Shop are terminated' });
  });

  it('of the synchronisation of tags ends with its figures, and not with those of the run before', async () => {
    let status: Record<string, unknown> | Refused = { lastSync: '2026-11-29T10:00:00Z', status: 'SUCCESS', totalSynced: 1, totalServers: 1, totalFailed: 0 };
    const calls = answer({ 'GET /drs/tag-sync': () => status, 'POST /drs/tag-sync': { message: '' } });
    const all = services({ live: 'polling', pollSeconds: 0.02 });
    const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    await runTagSync(all, client, ACCOUNT);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(all.flashes.snapshot()).toMatchObject([{ type: 'in-progress' }]);
    // trouble on the way ends nothing
    status = new Refused(500, { error: 'INTERNAL_ERROR', message: 'away' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(all.flashes.snapshot()).toMatchObject([{ type: 'in-progress' }]);
    status = { lastSync: '2026-11-29T11:00:00Z', status: 'PARTIAL', totalSynced: 3, totalServers: 4, totalFailed: 1 };
    await waitFor(() => {
      expect(all.flashes.snapshot()).toMatchObject([{ type: 'warning', content: '3 of 4 servers done, 1 failed' }]);
    });
    const asked = calls.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(calls.length).toBe(asked);
    expect(calls.find((c) => c.method === 'POST')?.body).toEqual({ async: true, accountId: ACCOUNT });
  });

  it('of something that is gone is followed no further, and its message goes', async () => {
    const calls = answer({ 'GET /drs/tag-sync': new Refused(404, { error: 'NOT_FOUND', message: 'gone' }) });
    const all = services({ live: 'polling', pollSeconds: 0.02 });
    const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    all.flashes.add({ id: 'work', type: 'in-progress', header: 'Going on' });
    follow(all, client, { id: 'work', query: tagSyncQuery(all.api), tell: () => true });
    await waitFor(() => {
      expect(all.flashes.snapshot()).toEqual([]);
    });
    const asked = calls.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(calls.length).toBe(asked);
  });
});
