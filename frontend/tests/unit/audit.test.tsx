// The audit trail as people read it (ui.md 5.10).
import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import { fieldChanges } from '../../src/lib/changes';
import Audit from '../../src/screens/Audit';
import { answer, show } from './page';

register({ ...texts, ...moreTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const ENTRY = {
  id: '1-1', time: '2026-11-29T08:00:00Z', correlationId: 'c', requestId: 'r', actor: { type: 'user', userId: 'u', email: 'ann@example.com' },
  resourceType: 'plan', resourceId: 'p', resourceName: 'Shop', prevHash: '', hash: '',
};

function page(entries: object[], path = '/audit') {
  const asked: URL[] = [];
  answer({
    'GET /audit': { entries, count: entries.length, nextToken: null },
    'GET /user/permissions': { roles: [], permissions: ['audit_read'] },
  });
  const fetched = globalThis.fetch;
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push(new URL(url, 'https://console'));
    return fetched(url, init);
  });
  show(<Audit />, path, '/audit');
  return asked;
}

describe('an entry of the audit trail', () => {
  it('tells field by field what it changed', async () => {
    page([{ ...ENTRY, action: 'plan.update', outcome: 'succeeded', before: { description: 'old', version: 1 }, after: { description: 'new', version: 1, owner: 'ops' } }]);
    await userEvent.setup().click(await screen.findByRole('button', { name: '2 fields' }));
    const table = screen.getByRole('table', { name: 'Change 1-1' });
    const rows = within(table).getAllByRole('row').slice(1).map((row) => row.textContent);
    expect(rows).toEqual(['description"old""new"', 'owner–"ops"']);
  });

  it('names what it is about in words, also when the server wrote no name', async () => {
    page([
      { ...ENTRY, action: 'exec.start', resourceType: 'execution', resourceId: 'x', outcome: 'succeeded' },
      { ...ENTRY, id: '1-2', action: 'plan.create', resourceName: undefined, after: { planName: 'Bank' }, outcome: 'succeeded' },
      { ...ENTRY, id: '1-3', action: 'new.thing', resourceType: 'new_thing', resourceId: 'thing-1', resourceName: undefined, outcome: 'succeeded' },
    ]);
    const cells = async (action: string) => within((await screen.findByText(action)).closest('tr') ?? document.body);
    expect((await cells('exec.start')).getByText('Execution')).toBeTruthy();
    expect((await cells('exec.start')).getByRole('link', { name: 'Shop' }).getAttribute('href')).toMatch(/\/executions\/x/);
    expect((await cells('plan.create')).getByRole('link', { name: 'Bank' }).getAttribute('href')).toMatch(/\/recovery-plans\/p/);
    expect((await cells('new.thing')).getByText('New thing')).toBeTruthy();
    expect((await cells('new.thing')).getByText('thing-1')).toBeTruthy();
  });

  it('tells why something was refused, and which check was set aside', async () => {
    page([
      { ...ENTRY, action: 'exec.start', outcome: 'failed', errorCode: 'SERVERS_NOT_READY' },
      { ...ENTRY, id: '1-2', action: 'exec.start', outcome: 'succeeded', overrideReason: 'site is down' },
    ]);
    await screen.findByText('SERVERS_NOT_READY');
    await screen.findByText('Set aside a check: site is down');
  });
});

describe('the period of the audit trail', () => {
  it.each([
    ['2026-01-01/2026-01-31', { from: '2026-01-01', to: '2026-01-31' }],
    ['', { from: null, to: null }],
  ])('%j of the address is asked for', async (period, query) => {
    const asked = page([{ ...ENTRY, action: 'plan.list', outcome: 'allowed' }], `/audit?period=${encodeURIComponent(period)}`);
    await screen.findByText('plan.list');
    const { searchParams } = asked.find((url) => url.pathname === '/api/audit') ?? new URL('https://none');
    expect({ from: searchParams.get('from'), to: searchParams.get('to') }).toEqual(query);
  });
});

describe('changes of a document', () => {
  it('are not those of the order of its members', () => {
    expect(fieldChanges({ a: { x: 1, y: [1, { p: 1, q: 2 }] } }, { a: { y: [1, { q: 2, p: 1 }], x: 1 } })).toEqual([]);
    expect(fieldChanges({ a: [1, 2], b: null }, { a: [2, 1] })).toEqual([
      { field: 'a', before: '[1,2]', after: '[2,1]' }, { field: 'b', before: 'null', after: null },
    ]);
  });
});
