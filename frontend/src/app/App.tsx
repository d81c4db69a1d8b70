import { lazy, useState } from 'react';
import { createBrowserRouter, Navigate, Outlet, RouterProvider, useLocation } from 'react-router';
import { basename } from '../lib/config';
import { BaseContext, useSession, type Base } from './context';
import { useFeatures } from './features';

const SignIn = lazy(() => import('../screens/SignIn'));
const Signed = lazy(() => import('./Signed'));
const Dashboard = lazy(() => import('../screens/Dashboard'));
const Executions = lazy(() => import('../screens/Executions'));
const Groups = lazy(() => import('../screens/Groups'));
const GroupPage = lazy(() => import('../screens/Group'));
const GroupEditor = lazy(() => import('../screens/GroupEditor'));
const Plans = lazy(() => import('../screens/Plans'));
const PlanEditor = lazy(() => import('../screens/PlanEditor'));
const ReadinessPage = lazy(() => import('../screens/ReadinessPage'));
const ComparePlans = lazy(() => import('../screens/ComparePlans'));
const PlanVersions = lazy(() => import('../screens/PlanVersions'));
const PlanPage = lazy(() => import('../screens/Plan'));
const Servers = lazy(() => import('../screens/Servers'));
const ServerPage = lazy(() => import('../screens/Server'));
const Schedules = lazy(() => import('../screens/Schedules'));
const SchedulePage = lazy(() => import('../screens/SchedulePage'));
const ScheduleEditor = lazy(() => import('../screens/ScheduleEditor'));
const Capacity = lazy(() => import('../screens/Capacity'));
const Reports = lazy(() => import('../screens/Reports'));
const Audit = lazy(() => import('../screens/Audit'));
const AccountWizard = lazy(() => import('../screens/AccountWizard'));
const ImportWizard = lazy(() => import('../screens/ImportWizard'));
const Settings = lazy(() => import('../screens/Settings'));
const ExecutionPage = lazy(() => import('../screens/ExecutionPage'));
const Compare = lazy(() => import('../screens/Compare'));
const Report = lazy(() => import('../screens/Report'));
const PageError = lazy(() => import('./PageError'));
const NotFound = lazy(() => import('../screens/NotFound'));
const SwitchedOff = lazy(() => import('../screens/SwitchedOff'));

/** Pages for signed-in users; others go to sign-in and come back. */
function Private() {
  const state = useSession();
  const location = useLocation();
  if (state.phase === 'restoring') {
    return null;
  }
  if (state.phase === 'signed-out' || state.session.mustChangePassword) {
    const here = location.pathname + location.search;
    return <Navigate to={here === '/' ? '/login' : `/login?returnTo=${encodeURIComponent(here)}`} replace />;
  }
  return <Signed />;
}

function Pages() {
  const { pathname } = useLocation();
  return useFeatures().leads(pathname) ? <Outlet /> : <SwitchedOff />;
}

export function App({ base }: { base: Base }) {
  const [router] = useState(() => createBrowserRouter(
    [
      {
        element: <Outlet />,
        errorElement: <PageError />,
        children: [
          { path: '/login', element: <SignIn /> },
          {
            element: <Private />,
            children: [
              {
                element: <Pages />,
                errorElement: <PageError />,
                children: [
                  { path: '/', element: <Dashboard /> },
                  { path: '/protection-groups', element: <Groups /> },
                  { path: '/protection-groups/new', element: <GroupEditor /> },
                  { path: '/protection-groups/:groupId/edit', element: <GroupEditor /> },
                  { path: '/protection-groups/:groupId', element: <GroupPage /> },
                  { path: '/recovery-plans', element: <Plans /> },
                  { path: '/recovery-plans/new', element: <PlanEditor /> },
                  { path: '/recovery-plans/compare', element: <ComparePlans /> },
                  { path: '/recovery-plans/:planId/edit', element: <PlanEditor /> },
                  { path: '/recovery-plans/:planId', element: <PlanPage /> },
                  { path: '/recovery-plans/:planId/readiness', element: <ReadinessPage /> },
                  { path: '/recovery-plans/:planId/versions', element: <PlanVersions /> },
                  { path: '/recovery-plans/:planId/schedules/:scheduleId', element: <SchedulePage /> },
                  { path: '/recovery-plans/:planId/schedules/:scheduleId/edit', element: <ScheduleEditor /> },
                  { path: '/schedules', element: <Schedules /> },
                  { path: '/schedules/new', element: <ScheduleEditor /> },
                  { path: '/executions', element: <Executions /> },
                  { path: '/executions/compare', element: <Compare /> },
                  { path: '/executions/:executionId', element: <ExecutionPage /> },
                  { path: '/executions/:executionId/report', element: <Report /> },
                  { path: '/servers', element: <Servers /> },
                  { path: '/servers/:serverId', element: <ServerPage /> },
                  { path: '/capacity', element: <Capacity /> },
                  { path: '/reports', element: <Reports /> },
                  { path: '/audit', element: <Audit /> },
                  { path: '/settings/accounts/new', element: <AccountWizard /> },
                  { path: '/settings/transfer/import', element: <ImportWizard /> },
                  { path: '/settings/:tab?', element: <Settings /> },
                  { path: '*', element: <NotFound /> },
                ],
              },
            ],
          },
        ],
      },
    ],
    { basename: basename() },
  ));
  return (
    <BaseContext value={base}>
      <RouterProvider router={router} />
    </BaseContext>
  );
}
