/** What the lists of settings have in common: one selected row, a dialog that saves, one that removes. */
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import Button from '@cloudscape-design/components/button';
import { useState, type ReactNode } from 'react';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { Confirm } from '../components/Confirm';
import { Dialog } from '../components/Dialog';
import { refusedFields } from '../components/EditorForm';
import { t } from '../i18n/t';

/** The selected row, as it is now; null when it is gone. */
export function useOne<T>(items: readonly T[], key: (item: T) => string) {
  const [chosen, choose] = useState<string | null>(null);
  const one = items.find((item) => key(item) === chosen) ?? null;
  return {
    one,
    selection: {
      selected: one === null ? [] : [one],
      set: (selected: readonly T[]) => {
        const last = selected.at(-1);
        choose(last === undefined ? null : key(last));
      },
    },
  };
}

type Problems = Readonly<Record<string, string | undefined>>;

/** Fields and "Save": nothing is sent while a field has a problem, and what the server names is told at its field. */
export function SaveDialog<R>({
  title, fields, problems, save, stale, saved, close, conflict, children,
}: {
  title: string;
  /** Fields that show what the server says of them. */
  fields: readonly string[];
  problems: Problems;
  save: () => Promise<R>;
  stale: QueryKey;
  saved: (answer: R) => void;
  close: () => void;
  /** What it means that somebody else saved first. */
  conflict?: string;
  children: (problem: (field: string) => string | undefined, changed: () => void) => ReactNode;
}) {
  const client = useQueryClient();
  const [tried, setTried] = useState(false);
  const sending = useMutation({
    mutationFn: save,
    onSuccess: saved,
    onSettled: () => client.invalidateQueries({ queryKey: stale }),
  });
  const failure = sending.isError ? toApiError(sending.error) : null;
  const refused: Problems = failure === null ? {} : Object.fromEntries(refusedFields(failure));
  const general = failure === null || fields.some((field) => refused[field] !== undefined) ? null : failure;
  return (
    <Dialog
      title={title}
      close={close}
      problem={general === null ? null : general.code === 'VERSION_CONFLICT' && conflict !== undefined ? conflict : explain(general)}
      buttons={
        <Button
          variant="primary"
          loading={sending.isPending}
          onClick={() => {
            setTried(true);
            if (Object.values(problems).every((text) => text === undefined)) {
              sending.mutate();
            }
          }}
        >
          {t('save')}
        </Button>
      }
    >
      {children(
        (field) => refused[field] ?? (tried ? problems[field] : undefined),
        () => {
          sending.reset();
        },
      )}
    </Dialog>
  );
}

/** Asks before something is removed, and says what stands in the way. */
export function RemoveDialog({
  title, action, typed, remove, stale, close, children,
}: {
  title: string;
  action: string;
  typed?: string;
  remove: () => Promise<unknown>;
  stale: QueryKey;
  close: () => void;
  children: ReactNode;
}) {
  const client = useQueryClient();
  const sending = useMutation({
    mutationFn: remove,
    onSuccess: close,
    onSettled: () => client.invalidateQueries({ queryKey: stale }),
  });
  return (
    <Confirm
      title={title}
      action={action}
      {...(typed === undefined ? {} : { typed })}
      busy={sending.isPending}
      problem={sending.isError ? explain(toApiError(sending.error)) : null}
      onConfirm={() => {
        sending.mutate();
      }}
      onClose={close}
    >
      {children}
    </Confirm>
  );
}
