// Parts that config.json switches off (ui.md 2.12).
import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { featureAt } from '../../src/app/features';
import { Link } from '../../src/components/Link';
import { NextStep } from '../../src/components/NextStep';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { plansTexts } from '../../src/i18n/plans.en';
import { register } from '../../src/i18n/t';
import { PlanMenu } from '../../src/plans/PlanMenu';
import Settings from '../../src/screens/Settings';
import { answer, show } from './page';

register({ ...texts, ...moreTexts, ...plansTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const without = (...names: string[]) => ({ live: 'live' as const, pollSeconds: 5, config: { features: Object.fromEntries(names.map((name) => [name, false])) } });

describe('parts that are switched off', () => {
  it.each([
    ['/schedules', 'schedules'], ['/schedules/new?plan=p', 'schedules'], ['/recovery-plans/p/schedules/s/edit', 'schedules'],
    ['/reports', 'reports'], ['/settings/transfer/import', 'transfer'], ['/settings/webhooks', 'webhooks'],
    ['/executions/x/report', null], ['/recovery-plans/schedules', null], ['/settings/accounts', null], ['/', null],
  ])('%s belongs to %s', (path, feature) => {
    expect(featureAt(path)).toBe(feature);
  });

  it('are no links, and no next step', async () => {
    answer({ 'GET /user/permissions': { roles: [], permissions: ['import_configuration', 'create_protection_groups'] } });
    const steps = [
      { permission: 'import_configuration', to: '/settings/transfer/import', text: 'Import a file' },
      { permission: 'create_protection_groups', to: '/protection-groups/new', text: 'Create a group' },
    ] as const;
    const page = <><Link to="/schedules">Every Monday</Link><Link to="/servers">All servers</Link><NextStep text="Nothing here" steps={steps} /></>;
    show(page, '/', '/', without('schedules', 'transfer'));
    await screen.findByRole('button', { name: 'Create a group' });
    expect(screen.getAllByRole('link').map((link) => link.textContent)).toEqual(['All servers']);
    expect(screen.getByText('Every Monday')).toBeTruthy();
    expect(screen.queryByText('Import a file')).toBeNull();
  });

  it('have no tab in the settings', async () => {
    answer({ 'GET /user/permissions': { roles: [], permissions: ['export_configuration', 'view_accounts'] } });
    show(<Settings />, '/settings/preferences', '/settings/:tab', without('webhooks'));
    await screen.findByRole('tab', { name: 'Notifications' });
    expect(screen.queryByRole('tab', { name: 'Webhooks' })).toBeNull();
  });

  it('are no tabs that only a permission is missing for: these say which', async () => {
    let grant: ((permissions: unknown) => void) | undefined;
    answer({ 'GET /user/permissions': () => new Promise((resolve) => {
      grant = resolve;
    }) });
    const { router } = show(<Settings />, '/settings/webhooks', '/settings/:tab');
    await screen.findByRole('tab', { name: 'Webhooks' });
    // neither refused nor allowed so far
    expect(screen.queryByText(/Needs the permission/)).toBeNull();
    await waitFor(() => {
      expect(grant).toBeDefined();
    });
    grant?.({ roles: [], permissions: ['view_accounts'] });
    await screen.findByText('Needs the permission export_configuration');
    await userEvent.click(screen.getByRole('tab', { name: 'Notifications' }));
    await screen.findByText('Needs the permission export_configuration');
    expect(screen.queryByRole('tab', { name: 'Export and import' })).toBeNull();
    await router.navigate('/settings/transfer');
    await screen.findByText('Needs the permission export_configuration or import_configuration');
    expect(screen.getByRole('tab', { name: 'Export and import', selected: true })).toBeTruthy();
  });

  it('leave drills, when recoveries are not started here', async () => {
    answer({});
    const start = vi.fn();
    const plan = { planId: 'p', planName: 'Shop' };
    show(<PlanMenu plan={plan} running={false} blocked={null} start={start} remove={() => undefined} row />, '/', '/', without('recovery'));
    const user = userEvent.setup();
    await user.click(screen.getByRole('button', { name: /Shop/ }));
    const entry = await screen.findByRole('menuitem', { name: /Start recovery/ });
    await waitFor(() => {
      expect(screen.getByRole('menuitem', { name: 'Start drill' }).getAttribute('aria-disabled')).not.toBe('true');
    });
    expect(entry.getAttribute('aria-disabled')).toBe('true');
    screen.getByText(/^Recoveries are not started from this console/);
    await user.click(entry);
    expect(start).not.toHaveBeenCalled();
    await user.click(screen.getByRole('menuitem', { name: 'Start drill' }));
    expect(start).toHaveBeenCalledWith('DRILL');
  });
});
