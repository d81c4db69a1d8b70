import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { showAtOnce } from '../api/optimistic';
import type { FlashInput } from '../app/flashes';
import { useServices } from '../app/context';
import { Confirm } from '../components/Confirm';
import { t } from '../i18n/t';

/** What became of each run, in messages of their own. */
export function deletionMessages(answer: { deletedCount: number; notFound: number; failed: number; activeExecutionsSkipped?: readonly { reason?: string }[] }): FlashInput[] {
  const skipped = answer.activeExecutionsSkipped ?? [];
  const there = skipped.filter((s) => s.reason === 'INSTANCES_NOT_TERMINATED').length;
  const out: FlashInput[] = [];
  if (answer.deletedCount > 0) {
    out.push({ type: 'success', header: t('history.deleted', { count: answer.deletedCount }) });
  }
  if (there > 0) {
    out.push({ type: 'warning', header: t('history.kept.instances', { count: there }) });
  }
  if (skipped.length > there) {
    out.push({ type: 'warning', header: t('history.kept.active', { count: skipped.length - there }) });
  }
  if (answer.notFound > 0) {
    out.push({ type: 'info', header: t('history.notfound', { count: answer.notFound }) });
  }
  if (answer.failed > 0) {
    out.push({ type: 'error', header: t('history.notdeleted', { count: answer.failed }) });
  }
  return out;
}

interface List {
  pages: readonly { items: readonly Schemas['Execution'][] }[];
}

const without = (data: List, gone: readonly Schemas['Execution'][]): List => ({
  ...data,
  pages: data.pages.map((page) => ({ ...page, items: page.items.filter((run) => !gone.some((g) => g.executionId === run.executionId)) })),
});

/** Asks before ended runs are deleted; the list does not wait for it, and what the server keeps comes back. */
export function DeleteRuns({ runs, onClose }: { runs: readonly Schemas['Execution'][]; onClose: (done: boolean) => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const [force, setForce] = useState(false);
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const there = runs.filter((r) => r.terminationMetadata.canTerminate).length;
  const remove = useMutation({
    mutationFn: (doomed: readonly Schemas['Execution'][]) =>
      api.post('/executions/delete', {
        idempotencyKey: `${idempotencyKey}-${String(force)}`,
        body: { executionIds: doomed.map((r) => r.executionId), force },
      }),
    onMutate: (doomed) => {
      onClose(true);
      return showAtOnce<List | object>(client, ['executions'], (data) => ('pages' in data ? without(data, doomed) : data));
    },
    onSuccess: (answer) => {
      for (const message of deletionMessages(answer)) {
        flashes.add(message);
      }
    },
    onError: (cause, doomed, undo) => {
      undo?.();
      flashes.error(t('history.delete.failed', { count: doomed.length }), cause);
    },
    // what is kept is there again
    onSettled: () => client.invalidateQueries({ queryKey: ['executions'] }),
  });
  return (
    <Confirm
      title={t('history.delete.title', { count: runs.length })}
      action={t('delete')}
      busy={false}
      onConfirm={() => {
        remove.mutate(runs);
      }}
      onClose={() => {
        onClose(false);
      }}
    >
      <Box>{t('history.delete.text')}</Box>
      {there === 0 ? null : (
        <Alert type="warning">
          {t('history.delete.there', { count: there })}
          <Checkbox checked={force} onChange={({ detail }) => {
            setForce(detail.checked);
          }}>
            {t('history.delete.force')}
          </Checkbox>
        </Alert>
      )}
    </Confirm>
  );
}
