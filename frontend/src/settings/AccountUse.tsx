import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useGroups, usePlans } from '../api/queries';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import '../i18n/notify';
import { t } from '../i18n/t';

/** Groups and plans that stand in the way of removing an account. */
export function AccountUse({ accountId }: { accountId: string }) {
  const [groups, plans] = [useGroups(accountId), usePlans(accountId)];
  const failed = [groups, plans].find((q) => q.isError && q.data === undefined);
  if (failed !== undefined) {
    return <Failed what={t('account.use.failed')} error={failed.error} retry={() => void failed.refetch()} />;
  }
  if (groups.data === undefined || plans.data === undefined) {
    return <StatusIndicator type="loading">{t('loading')}</StatusIndicator>;
  }
  const links = [
    ...groups.data.groups.map((g) => ({ id: g.groupId, to: `/protection-groups/${g.groupId}`, text: t('account.use.group', { name: g.groupName }) })),
    ...plans.data.plans.map((p) => ({ id: p.planId, to: `/recovery-plans/${p.planId}`, text: t('account.use.plan', { name: p.planName }) })),
  ];
  return links.length === 0 ? (
    <StatusIndicator type="success">{t('account.use.none')}</StatusIndicator>
  ) : (
    <Alert type="warning" header={t('account.use.some', { count: links.length })}>
      <SpaceBetween size="xxs">
        {links.map(({ id, to, text }) => (
          <Link key={id} to={to}>
            {text}
          </Link>
        ))}
      </SpaceBetween>
    </Alert>
  );
}
