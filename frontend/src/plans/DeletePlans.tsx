import { useMutation, useQueryClient } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useServices } from '../app/context';
import { Confirm } from '../components/Confirm';
import { t } from '../i18n/t';

interface Doomed {
  planId: string;
  planName: string;
}

/** Asks, and deletes one after the other up to the first that the server keeps. */
export function DeletePlans({ plans, onDone, onClose }: { plans: readonly Doomed[]; onDone: () => void; onClose: () => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: async () => {
      for (const { planId } of plans) {
        await api.delete('/recovery-plans/{id}', { path: { id: planId } });
      }
    },
    onSuccess: () => {
      flashes.add({ type: 'success', header: t('plans.deleted', { count: plans.length }) });
      onDone();
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['plans'] });
      void client.invalidateQueries({ queryKey: ['schedules'] });
    },
  });
  return (
    <Confirm
      title={t('plans.delete.title', { count: plans.length })}
      action={t('delete')}
      busy={remove.isPending}
      problem={remove.isError ? explain(toApiError(remove.error)) : null}
      onConfirm={() => {
        remove.mutate();
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
