import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { lazy, Suspense } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import { useFeatures } from '../app/features';
import { usePermissions } from '../app/permissions';
import { useTitle } from '../app/page';
import '../i18n/more';
import { t } from '../i18n/t';

const Accounts = lazy(() => import('../settings/Accounts'));
const TagSync = lazy(() => import('../settings/TagSync'));
const Transfer = lazy(() => import('../settings/Transfer'));
const Notifications = lazy(() => import('../settings/Notifications'));
const Webhooks = lazy(() => import('../settings/Webhooks'));
const About = lazy(() => import('../settings/About'));
const Preferences = lazy(() => import('../settings/Preferences'));

const TABS = ['preferences', 'accounts', 'tag-sync', 'notifications', 'webhooks', 'transfer', 'about'] as const;
type Tab = (typeof TABS)[number];

const CONTENT: Record<Tab, () => React.ReactNode> = {
  preferences: () => <Preferences />,
  accounts: () => <Accounts />,
  'tag-sync': () => <TagSync />,
  notifications: () => <Notifications />,
  webhooks: () => <Webhooks />,
  transfer: () => <Transfer />,
  about: () => <About />,
};

export default function Settings() {
  useTitle(t('nav.settings'));
  const { tab = '' } = useParams();
  const navigate = useNavigate();
  const gate = usePermissions();
  const features = useFeatures();
  const active = TABS.find((id) => id === tab);
  if (active === undefined) {
    return <Navigate to="/settings/preferences" replace />;
  }
  const allowed = (id: Tab) =>
    id === 'transfer'
      ? gate.can('export_configuration') || gate.can('import_configuration')
      : (id !== 'notifications' && id !== 'webhooks') || gate.can('export_configuration');
  return (
    <SpaceBetween size="m">
      <Header variant="h1">{t('nav.settings')}</Header>
      <Tabs
        activeTabId={active}
        ariaLabel={t('nav.settings')}
        onChange={({ detail }) => {
          void navigate(`/settings/${detail.activeTabId}`);
        }}
        tabs={TABS.filter((id) => allowed(id) && features.leads(`/settings/${id}`)).map((id) => ({
          id,
          label: t(`settings.${id}`),
          content: id === active ? <Suspense>{CONTENT[id]()}</Suspense> : null,
        }))}
      />
    </SpaceBetween>
  );
}
