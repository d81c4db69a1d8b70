// Tabs of the settings, with an API that answers from a table.
import { cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import TagSync from '../../src/settings/TagSync';
import Transfer from '../../src/settings/Transfer';
import { answer, show } from './page';

register({ ...texts, ...moreTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('the schedule of tag synchronisation has its expression and the name of its rule', async () => {
  answer({
    'GET /config/tag-sync': { enabled: true, intervalHours: 6, scheduleExpression: 'rate(6 hours)', ruleName: 'drs-tag-sync', lastModified: null },
    'GET /drs/tag-sync': { status: 'NEVER', lastSync: null },
  });
  show(<TagSync />);
  await screen.findByText('rate(6 hours)');
  expect(screen.getByText('drs-tag-sync')).toBeTruthy();
});

it.each([[0, 'No server has settings of its own.'], [2, '2 servers have settings of their own.']])('an export tells how many servers have settings of their own: %d', async (serversWithCustomConfig, text) => {
  answer({
    'GET /user/permissions': { roles: [], permissions: ['export_configuration'] },
    'GET /config/export': { metadata: { schemaVersion: '1.1', serversWithCustomConfig }, protectionGroups: [], recoveryPlans: [] },
  });
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }));
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  const { services } = show(<Transfer />);
  await userEvent.click(await screen.findByRole('button', { name: /^Download/ }));
  await vi.waitFor(() => {
    expect(services.flashes.snapshot().map((f) => [f.header, f.content])).toEqual([['The configuration was exported', text]]);
  });
});
