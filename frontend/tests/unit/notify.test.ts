import { describe, expect, it } from 'vitest';
import { texts } from '../../src/i18n/en';
import { editorTexts } from '../../src/i18n/editor.en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { notifyTexts } from '../../src/i18n/notify.en';
import { register } from '../../src/i18n/t';
import type { ApiClient } from '../../src/api/client';
import { allEntries, auditCsv } from '../../src/audit/table';
import { hoursOf, newSecret, notifyBody, notifyForm, notifyProblems, webhookBody, webhookForm, webhookProblems } from '../../src/settings/notify';
import { importDiff, itemHref } from '../../src/settings/transfer';

register({ ...texts, ...editorTexts, ...moreTexts, ...notifyTexts }, icu);

const SETTINGS = {
  executionTopicArn: 'arn:aws:sns:us-east-1:111122223333:runs', adminEmail: 'ops@example.com', events: { start: true, wave_completed: false },
  pauseReminderHours: [24, 168], version: 3, outbox: { pending: 0, failed: 0, oldestAgeSeconds: 0 },
};

describe('notification settings', () => {
  it('are sent as they were when nothing was changed', () => {
    const form = notifyForm(SETTINGS);
    expect(notifyProblems(form)).toEqual({});
    expect(notifyBody(form)).toEqual({
      executionTopicArn: SETTINGS.executionTopicArn, alertsTopicArn: '', adminEmail: 'ops@example.com', publicBaseUrl: '',
      pauseReminderHours: [24, 168], events: { start: true, wave_completed: false },
    });
  });

  it.each([
    [{ executionTopicArn: 'runs' }, 'executionTopicArn'], [{ alertsTopicArn: 'arn:aws:sqs:us-east-1:111122223333:x' }, 'alertsTopicArn'],
    [{ adminEmail: 'ops@' }, 'adminEmail'], [{ publicBaseUrl: 'http://drs.example.com' }, 'publicBaseUrl'], [{ publicBaseUrl: 'drs' }, 'publicBaseUrl'],
    [{ reminders: '24, soon' }, 'pauseReminderHours'], [{ reminders: '0' }, 'pauseReminderHours'], [{ reminders: '8761' }, 'pauseReminderHours'],
  ])('name the field of %j', (change, field) => {
    expect(Object.keys(notifyProblems({ ...notifyForm(SETTINGS), ...change }))).toEqual([field]);
  });

  it('take hours in any spelling', () => {
    expect([hoursOf(''), hoursOf('1 2,3'), hoursOf('1.5')]).toEqual([[], [1, 2, 3], null]);
    expect(hoursOf(Array.from({ length: 21 }, () => '1').join(','))).toBeNull();
  });
});

describe('webhooks', () => {
  const stored = {
    webhookId: 'w', name: 'Chat', url: 'https://hooks.example.com/drs', events: ['pause'], planIds: ['p'], enabled: false, secretSet: true,
    lastDelivery: null, createdAt: '', updatedAt: '', createdBy: '', version: 2,
  };

  it('keep what is stored, and the secret too when no new one is entered', () => {
    const form = webhookForm(stored);
    expect(form.secret).toBe('');
    expect(webhookProblems(form, false)).toEqual({});
    expect(webhookBody(form)).toEqual({ name: 'Chat', url: 'https://hooks.example.com/drs', events: ['pause'], planIds: ['p'], enabled: false });
    expect(webhookBody({ ...form, allEvents: true, allPlans: true })).toMatchObject({ events: ['*'], planIds: [] });
  });

  it('begin with a secret that nobody guesses', () => {
    const [a, b] = [newSecret(), newSecret()];
    expect(a).toMatch(/^[\w-]{43}$/);
    expect(a).not.toBe(b);
    expect(webhookProblems({ ...webhookForm(null), name: 'n', url: 'https://x.example.com' }, true)).toEqual({});
  });

  it.each([
    [{ name: ' ' }, 'name'], [{ url: 'http://hooks.example.com' }, 'url'], [{ url: '' }, 'url'], [{ events: [] }, 'events'], [{ planIds: [] }, 'planIds'],
    [{ secret: 'short' }, 'secret'], [{ secret: 'x'.repeat(257) }, 'secret'],
  ])('name the field of %j', (change, field) => {
    expect(Object.keys(webhookProblems({ ...webhookForm(stored), ...change }, false))).toEqual([field]);
    expect(webhookProblems({ ...webhookForm(stored), secret: '' }, true)).toHaveProperty('secret');
  });
});

describe('an import', () => {
  const result = {
    success: false, dryRun: true, correlationId: 'c',
    summary: { protectionGroups: { created: 0, skipped: 0, failed: 0 }, recoveryPlans: { created: 0, skipped: 0, failed: 0 } },
    created: [{ type: 'RecoveryPlan' as const, name: 'New', status: 'created' as const, details: { planId: 'p1' } }],
    skipped: [
      { type: 'ProtectionGroup' as const, name: 'Shop', status: 'skipped' as const, reason: 'ALREADY_EXISTS', details: { existingGroupId: 'g1' } },
      { type: 'ProtectionGroup' as const, name: 'Same', status: 'skipped' as const, reason: 'ALREADY_EXISTS' },
    ],
    failed: [{ type: 'ProtectionGroup' as const, name: 'Bad', status: 'failed' as const, reason: 'NO_TAG_MATCHES' }],
  };
  const file = {
    protectionGroups: [
      { groupName: 'shop', region: 'eu-west-1', serverSelectionTags: { b: '2', a: '1' }, description: 'x' },
      { groupName: 'Same', serverSelectionTags: { a: '1', b: '2' } }, { groupName: 'Bad' },
    ],
    recoveryPlans: [{ planName: 'New' }],
  };
  const now = {
    protectionGroups: [
      { groupName: 'Shop', region: 'us-east-1', serverSelectionTags: { a: '1', b: '2' } },
      { groupName: 'Same', serverSelectionTags: { b: '2', a: '1' } },
    ],
    recoveryPlans: [],
  };

  it('shows where the file differs from what is there, failures first', () => {
    const diff = importDiff(file, now, result);
    expect(diff.map((d) => [d.item.name, d.changes?.length ?? null])).toEqual([['Bad', null], ['New', null], ['Shop', 3], ['Same', 0]]);
    expect(diff[2]?.changes).toEqual([
      { field: 'groupName', before: '"Shop"', after: '"shop"' }, { field: 'region', before: '"us-east-1"', after: '"eu-west-1"' },
      { field: 'description', before: null, after: '"x"' },
    ]);
    expect(importDiff(file, null, result).every((d) => d.changes === null)).toBe(true);
  });

  it('leads to what was made and to what exists', () => {
    expect([...result.created, ...result.skipped, ...result.failed].map(itemHref)).toEqual(['/recovery-plans/p1', '/protection-groups/g1', null, null]);
  });
});

describe('files of the audit trail', () => {
  const entry = (n: number) => ({
    id: `1-${String(n)}`, time: '2026-11-29T06:00:00Z', correlationId: 'c', requestId: 'r', actor: { type: 'user' as const, userId: '=cmd()', roles: [] },
    action: 'plan.update', resourceType: 'plan', resourceId: 'p', outcome: 'succeeded' as const, after: { name: 'a,b' }, prevHash: 'x', hash: 'y',
  });

  it('have every page of the filter, up to a limit', async () => {
    const asked: unknown[] = [];
    const api = {
      get: (_path: string, options: { query: { nextToken?: string } }) => {
        asked.push(options.query);
        const page = Number(options.query.nextToken ?? 0);
        return Promise.resolve({ entries: [entry(2 * page), entry(2 * page + 1)], count: 2, nextToken: page < 2 ? String(page + 1) : null });
      },
    } as unknown as Pick<ApiClient, 'get'>;
    expect((await allEntries(api, { resourceId: 'p' })).map((e) => e.id)).toEqual(['1-0', '1-1', '1-2', '1-3', '1-4', '1-5']);
    expect(asked[1]).toEqual({ resourceId: 'p', limit: 100, nextToken: '1' });
    expect(await allEntries(api, {}, 3)).toHaveLength(3);
  });

  it('have what was changed, and nothing that a spreadsheet takes for a formula', () => {
    const [head, row] = auditCsv([entry(1)]).split('\r\n');
    expect(head).toMatch(/^time,actor,.*hash$/);
    expect(row).toContain("'=cmd()");
    expect(row).toContain('"{""name"":""a,b""}"');
  });
});
