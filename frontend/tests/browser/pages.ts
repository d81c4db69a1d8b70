/** Every route of the console, and a world in which each has something to show. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world';

const SRC = join(import.meta.dirname, '../../src');

/** Paths of the route table, settings with each of their tabs. */
export function routes(): string[] {
  const table = [...readFileSync(join(SRC, 'app/App.tsx'), 'utf8').matchAll(/path: '([^']+)'/g)].map((m) => m[1] ?? '');
  const tabs = /const TABS = \[([^\]]+)\]/.exec(readFileSync(join(SRC, 'screens/Settings.tsx'), 'utf8'))?.[1] ?? '';
  return table.flatMap((path) =>
    path.includes(':tab?') ? [...tabs.matchAll(/'([^']+)'/g)].map((m) => path.replace(':tab?', m[1] ?? '')) : [path],
  );
}

export interface Made {
  accountId: string;
  planId: string;
  groupId: string;
  executionId: string;
  serverId: string;
  scheduleId: string;
}

/** An account with groups, a plan, a schedule and a drill that has ended. */
export async function make(world: World): Promise<Made> {
  const { accountId, planId, serverIds } = await world.plan([2, 1]);
  const { groups } = await world.api('GET', `/protection-groups?accountId=${accountId}`);
  const group = (groups as { groupId: string; groupName: string }[]).find((g) => g.groupName.startsWith('Tier 0'));
  const schedule = await world.api('POST', `/recovery-plans/${planId}/schedules`, {
    name: 'Sunday drill', cron: '0 4 * * 0', timeZone: 'Europe/Berlin', executionType: 'DRILL',
  });
  const executionId = await world.start(planId);
  await world.until(`/executions/${executionId}`, (run) => run.status === 'COMPLETED', 90);
  return { accountId, planId, groupId: group?.groupId ?? '', executionId, serverId: serverIds[0] ?? '', scheduleId: String(schedule.scheduleId) };
}

/** How to reach each route, and what is there once it is loaded. */
export const PAGES: Record<string, { at: (made: Made) => string; text: string | RegExp }> = {
  '/login': { at: () => '/login', text: 'Show the password' },
  '/': { at: () => '/', text: 'Ended last' },
  '/protection-groups': { at: () => '/protection-groups', text: 'Tier 0' },
  '/protection-groups/new': { at: () => '/protection-groups/new', text: 'New protection group' },
  '/protection-groups/:groupId/edit': { at: (m) => `/protection-groups/${m.groupId}/edit`, text: 'Edit Tier 0' },
  '/protection-groups/:groupId': { at: (m) => `/protection-groups/${m.groupId}`, text: 'tier0-' },
  '/recovery-plans': { at: () => '/recovery-plans', text: 'Shop' },
  '/recovery-plans/new': { at: () => '/recovery-plans/new', text: 'New recovery plan' },
  '/recovery-plans/compare': { at: (m) => `/recovery-plans/compare?left=${m.planId}&right=${m.planId}`, text: 'They are the same.' },
  '/recovery-plans/:planId/edit': { at: (m) => `/recovery-plans/${m.planId}/edit`, text: 'Edit Shop' },
  '/recovery-plans/:planId': { at: (m) => `/recovery-plans/${m.planId}`, text: 'Shop' },
  '/recovery-plans/:planId/readiness': { at: (m) => `/recovery-plans/${m.planId}/readiness`, text: 'Groups have servers' },
  '/recovery-plans/:planId/versions': { at: (m) => `/recovery-plans/${m.planId}/versions`, text: 'Saved by' },
  '/recovery-plans/:planId/schedules/:scheduleId': { at: (m) => `/recovery-plans/${m.planId}/schedules/${m.scheduleId}`, text: 'Sunday drill' },
  '/recovery-plans/:planId/schedules/:scheduleId/edit': { at: (m) => `/recovery-plans/${m.planId}/schedules/${m.scheduleId}/edit`, text: 'Edit schedule' },
  '/schedules': { at: () => '/schedules', text: 'Sunday drill' },
  '/schedules/new': { at: () => '/schedules/new', text: 'New schedule' },
  '/executions': { at: () => '/executions?tab=history', text: 'Shop' },
  '/executions/compare': { at: (m) => `/executions/compare?runs=${m.executionId},${m.executionId}`, text: 'The two runs' },
  '/executions/:executionId': { at: (m) => `/executions/${m.executionId}`, text: 'Completed' },
  '/executions/:executionId/report': { at: (m) => `/executions/${m.executionId}/report`, text: 'Report of a recovery drill' },
  '/servers': { at: () => '/servers', text: 'tier0-' },
  '/servers/:serverId': { at: (m) => `/servers/${m.serverId}?owner=${m.accountId}&region=us-east-1`, text: 'tier0-' },
  '/capacity': { at: () => '/capacity', text: '3 of 300' },
  '/reports': { at: () => '/reports', text: 'Slowest servers' },
  '/audit': { at: () => '/audit', text: /^auth\.(login|refresh)/ },
  '/settings/preferences': { at: () => '/settings/preferences', text: 'Dark' },
  '/settings/accounts': { at: () => '/settings/accounts', text: 'Add account' },
  '/settings/accounts/new': { at: () => '/settings/accounts/new', text: 'Add a target account' },
  '/settings/tag-sync': { at: () => '/settings/tag-sync', text: 'Synchronise now' },
  '/settings/notifications': { at: () => '/settings/notifications', text: 'Mails and messages' },
  '/settings/webhooks': { at: () => '/settings/webhooks', text: 'Add webhook' },
  '/settings/about': { at: () => '/settings/about', text: 'State of the server' },
  '/settings/transfer': { at: () => '/settings/transfer', text: 'Download' },
  '/settings/transfer/import': { at: () => '/settings/transfer/import', text: 'Choose a file' },
  '*': { at: () => '/nowhere', text: 'Page not found' },
};

/** The address of a route, with the account of the world. */
export function addressOf(route: string, made: Made): string {
  const path = PAGES[route]?.at(made) ?? '';
  return `${path}${path.includes('?') ? '&' : '?'}account=${made.accountId}`;
}
