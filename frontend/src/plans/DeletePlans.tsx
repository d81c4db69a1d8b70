import { useQueryClient } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import type { Schemas } from '../api/client';
import { useDelete } from '../api/optimistic';
import { useApi } from '../app/context';
import { Confirm } from '../components/Confirm';
import { t } from '../i18n/t';

interface Doomed {
  planId: string;
  planName: string;
}

interface List {
  plans: readonly Schemas['PlanListItem'][];
}

/** Asks, and deletes one after the other up to the first that the server keeps; the list does not wait for it. */
export function DeletePlans({ plans, onDone, onClose }: { plans: readonly Doomed[]; onDone: () => void; onClose: () => void }) {
  const api = useApi();
  const client = useQueryClient();
  const remove = useDelete<Doomed, List>({
    queryKey: ['plans'],
    without: (data, gone) => ({ ...data, plans: data.plans.filter((p) => !gone.some((g) => g.planId === p.planId)) }),
    remove: ({ planId }) => api.delete('/recovery-plans/{id}', { path: { id: planId } }),
    done: (count) => t('plans.deleted', { count }),
    failed: (count) => t('plans.delete.failed', { count }),
  });
  return (
    <Confirm
      title={t('plans.delete.title', { count: plans.length })}
      action={t('delete')}
      busy={false}
      onConfirm={() => {
        onClose();
        // the page that asked may be another by then
        void remove.mutateAsync(plans).then(onDone, () => undefined).finally(() => client.invalidateQueries({ queryKey: ['schedules'] }));
      }}
      onClose={onClose}
    >
      <Box>{t('plans.delete.text')}</Box>
      <ul>
        {plans.map((p) => (
          <li key={p.planId}>{p.planName}</li>
        ))}
      </ul>
    </Confirm>
  );
}
