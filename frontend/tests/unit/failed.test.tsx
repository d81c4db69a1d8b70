// A page whose thing cannot be loaded still has its heading (ui.md 2.9), says why and offers to try again; one that is being loaded shows its place (2.6).
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, expect, it, vi } from 'vitest';
import PageError from '../../src/app/PageError';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import ExecutionPage from '../../src/screens/ExecutionPage';
import GroupPage from '../../src/screens/Group';
import Groups from '../../src/screens/Groups';
import PlanPage from '../../src/screens/Plan';
import Plans from '../../src/screens/Plans';
import Schedules from '../../src/screens/Schedules';
import { answer, show } from './page';

register({ ...texts, ...moreTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const PAGES = [
  ['a run', <ExecutionPage key="x" />, '/executions/x', '/executions/:executionId', 'GET /executions/x'],
  ['a group', <GroupPage key="x" />, '/protection-groups/x', '/protection-groups/:groupId', 'GET /protection-groups/x'],
  ['a plan', <PlanPage key="x" />, '/recovery-plans/x', '/recovery-plans/:planId', 'GET /recovery-plans/x'],
  ['the list of groups', <Groups key="x" />, '/protection-groups', '/protection-groups', 'GET /protection-groups'],
  ['the list of plans', <Plans key="x" />, '/recovery-plans', '/recovery-plans', 'GET /recovery-plans'],
  ['the list of schedules', <Schedules key="x" />, '/schedules', '/schedules', 'GET /recovery-plans'],
] as const;

it.each(PAGES)('%s that cannot be loaded has a heading, a reason and a way on', async (_, element, path, pattern, call) => {
  answer({ 'GET /schedules': { schedules: [], nextToken: null }, [call]: 503 });
  show(element, path, pattern);
  await screen.findByText(/refused with 503/);
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  expect(screen.getAllByRole('heading', { level: 1 })).toHaveLength(1);
});

it.each(PAGES)('ui.md 2.6: %s that is read for the first time has its place, and words for who does not see it', async (_, element, path, pattern, call) => {
  const calls = answer({ 'GET /schedules': { schedules: [], nextToken: null }, [call]: () => new Promise(() => undefined) });
  const { container } = show(element, path, pattern);
  // before the account is known it is not the page that waits
  await waitFor(() => {
    expect(calls.map((c) => `${c.method} ${c.path}`)).toContain(call);
  });
  expect(container.querySelectorAll('[aria-busy="true"]')).toHaveLength(1);
  screen.getByText(/^Loading/);
});

it('a page that failed in the browser offers another try and the way home', async () => {
  answer({});
  const router = createMemoryRouter([{
    path: '*', element: <p>A page</p>, HydrateFallback: () => null, errorElement: <PageError />,
    loader: () => {
      throw new Error('no such part');
    },
  }], { basename: '/console', initialEntries: ['/console/executions'] });
  render(<RouterProvider router={router} />);
  await screen.findByText('no such part');
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Go to the dashboard' }).getAttribute('href')).toMatch(/^\/console\/?$/);
});
