import { useMutation, useQueryClient } from '@tanstack/react-query';
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useAccountScope } from '../app/account';
import { useServices } from '../app/context';
import { usePermissions } from '../app/permissions';
import { GatedButton } from '../components/GatedButton';
import '../i18n/overview';
import { t } from '../i18n/t';
import { runTagSync } from '../settings/tagsync-watch';
import type { Period } from '../screens/Dashboard';

/** The period that is shown; reads everything again; copies the tags of the instances. */
export default function Actions({ period, periods, choose }: { period: Period; periods: readonly Period[]; choose: (next: string) => void }) {
  const { all, accountId } = useAccountScope();
  const services = useServices();
  const { api, flashes } = services;
  const client = useQueryClient();
  const gate = usePermissions();
  const refresh = useMutation({
    mutationFn: async () => {
      await client.invalidateQueries();
      // one after the other they would take long; that of one account finds its own
      return !all && gate.can('modify_accounts') ? api.post('/accounts/targets/{id}/staging-accounts/sync', { path: { id: accountId } }) : null;
    },
    onSuccess: (synced) => {
      const added = synced?.changes.added ?? [];
      const removed = synced?.changes.removed ?? [];
      if (added.length + removed.length > 0) {
        flashes.add({ type: 'info', header: t('dashboard.staging', { added: added.join(', ') || '–', removed: removed.join(', ') || '–' }) });
        void client.invalidateQueries({ queryKey: ['capacity'] });
      }
    },
    // a failure is not told: what was asked for is the figures
  });
  const tags = useMutation({
    mutationFn: () => runTagSync(services, client, all ? undefined : accountId),
    onError: (cause) => {
      flashes.error(t('tagsync.start.failed'), cause);
    },
  });
  return (
    <SpaceBetween size="xs" direction="horizontal">
      <SegmentedControl
        selectedId={period}
        label={t('period')}
        options={periods.map((id) => ({ id, text: t(`dashboard.period.${id}`) }))}
        onChange={({ detail }) => {
          choose(detail.selectedId);
        }}
      />
      <Button iconName="refresh" ariaLabel={t('refresh')} loading={refresh.isPending} onClick={() => {
        refresh.mutate();
      }} />
      <GatedButton permission="modify_protection_groups" loading={tags.isPending} onClick={() => {
        tags.mutate();
      }}>
        {t('dashboard.tags')}
      </GatedButton>
    </SpaceBetween>
  );
}
