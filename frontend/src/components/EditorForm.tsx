import { useMutation } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { toApiError, type ApiError } from '../api/error';
import { explain } from '../api/explain';
import { useServices, useSession } from '../app/context';
import { usePermissions } from '../app/permissions';
import '../i18n/editor';
import { t } from '../i18n/t';
import { dropKept, keep, readKept } from '../lib/kept';
import { differences, same, type Part } from '../lib/merge';
import type { Permission } from '../lib/permissions';
import { formatTime } from '../lib/time';
import { Conflict } from './Conflict';
import { LeaveGuard } from './LeaveGuard';

const Steps = lazy(() => import('./EditorSteps'));

export type Problems = Readonly<Record<string, string>>;

export interface EditorProps<D extends object, E extends { version: number }> {
  /** Names the kept draft, such as `plan:new`. */
  id: string;
  title: string;
  description: string;
  permission: Permission;
  /** What is stored, as it is now; null for something new. */
  entity: E | null;
  /** It was deleted meanwhile. */
  gone?: boolean;
  /** The draft of what is stored; `before` is what it was when the editing began. */
  draftOf: (entity: E | null, before: D | null) => D;
  problemsOf: (draft: D) => Problems;
  /** Problems that are seen only with what is read for them; a hook. */
  useProblems?: (draft: D) => Problems;
  /** What is compared when somebody else saved first. */
  partsOf: (base: D, mine: D, theirs: D) => Part<D>[];
  save: (draft: D, version: number | null) => Promise<E>;
  /** After the saving: the caches and the page that follows. */
  saved: (entity: E) => { name: string; path: string };
  /** Fetches what is stored now. */
  refetch: () => Promise<unknown>;
  /** Key of the problem for a field that the server names. */
  fieldOf: (field: string, draft: D) => string | null;
  /** Where "Cancel" leads. */
  back: string;
  /** All fields on one page, or one step after the other. */
  children: (form: EditorFields<D>) => ReactNode | readonly EditorStep[];
}

export interface EditorFields<D> {
  draft: D;
  change: (next: D) => void;
  problems: Problems;
}

export interface EditorStep {
  title: string;
  description?: string;
  /** Whether the step shows the problem with this key. */
  has: (key: string) => boolean;
  content: ReactNode;
}

interface Refusal {
  field?: string;
  message?: string;
}

/** "Must be …" of "servers[0].launchTemplate.instanceType must be …": the text stands at its field. */
function withoutPath(message: string, path: string): string {
  const text = message.replace(/ \([A-Z_]+\)$/, '');
  return /[.[]/.test(path) && text.startsWith(`${path} `) ? text.charAt(path.length + 1).toUpperCase() + text.slice(path.length + 2) : text;
}

/** The fields a refusal names, with a sentence for each. */
export function refusedFields(failure: ApiError): [string, string][] {
  const details = failure.body.details as { errors?: Refusal[]; parameter?: string } | undefined;
  const exact = (failure.body.validationErrors as Refusal[] | undefined) ?? [];
  // an entry of the one list may stand for several of the other
  const others = (details?.errors ?? []).filter((e) => !exact.some((x) => x.field?.startsWith(e.field ?? '') === true));
  const listed = [...exact, ...others].flatMap((e): [string, string][] =>
    typeof e.field === 'string' && typeof e.message === 'string' ? [[e.field, withoutPath(e.message, e.field)]] : [],
  );
  const named = failure.body.field ?? details?.parameter ?? (failure.code.endsWith('_NAME_EXISTS') ? 'name' : undefined);
  return listed.length > 0 ? listed : typeof named === 'string' ? [[named, explain(failure)]] : [];
}

const useNone = (): Problems => ({});

const isSteps = (content: ReactNode | readonly EditorStep[]): content is readonly EditorStep[] =>
  Array.isArray(content) && content.length > 0 && content.every((part: unknown) => typeof part === 'object' && part !== null && 'has' in part);

/** Everything around the fields of an editor: saving, drafts, and what somebody else does meanwhile. */
export function EditorForm<D extends object, E extends { version: number }>(props: EditorProps<D, E>) {
  const { id, entity, permission, draftOf, useProblems = useNone } = props;
  const { flashes } = useServices();
  const navigate = useNavigate();
  const gate = usePermissions();
  const session = useSession();
  const user = session.phase === 'signed-in' ? session.session.name : '';
  const form = useRef<HTMLFormElement>(null);
  const [kept] = useState(() => readKept(user, id, draftOf(entity, null)));
  const [base, setBase] = useState(() => ({
    version: kept === null ? (entity?.version ?? null) : kept.version,
    draft: kept?.base ?? draftOf(entity, null),
  }));
  const [draft, setDraft] = useState(kept?.draft ?? base.draft);
  const [restoredAt, setRestoredAt] = useState(kept?.at ?? null);
  const [followed, setFollowed] = useState<number | null>(null);
  const [comparing, setComparing] = useState(false);
  const [tried, setTried] = useState(false);
  const [done, setDone] = useState(false);
  const dirty = !same(draft, base.draft);
  const read = useProblems(draft);
  const problems = { ...props.problemsOf(draft), ...read };

  const save = useMutation({
    mutationFn: () => props.save(draft, base.version),
    onSuccess: (answer) => {
      setDone(true);
      dropKept(user, id);
      const { name, path } = props.saved(answer);
      flashes.add({ type: 'success', header: t('editor.saved', { name }) });
      void navigate(path);
    },
    onError: async (error) => {
      if (toApiError(error).code === 'VERSION_CONFLICT') {
        await props.refetch();
        setComparing(true);
      }
    },
  });
  const failure = save.isError ? toApiError(save.error) : null;
  const settled = !done && !save.isPending;
  const newer = settled && entity !== null && base.version !== null && entity.version > base.version ? entity : null;
  if (newer !== null && !dirty) {
    // nothing was entered yet: the form shows what is stored
    const next = draftOf(newer, null);
    setBase({ version: newer.version, draft: next });
    setDraft(next);
    setFollowed(newer.version);
  }

  useEffect(() => {
    if (done) {
      return;
    }
    if (dirty) {
      keep(user, id, { version: base.version, base: base.draft, draft, at: Date.now() });
    } else {
      dropKept(user, id);
    }
  }, [user, id, base, draft, dirty, done]);

  const change = (next: D) => {
    if (save.isError) {
      save.reset();
    }
    setDraft(next);
  };
  const refused = failure === null ? [] : refusedFields(failure).flatMap(([name, text]) => {
    const key = props.fieldOf(name, draft);
    return key === null ? [] : [[key, text] as const];
  });
  const shown: Problems = { ...(tried ? problems : {}), ...Object.fromEntries(refused) };
  const theirs = newer === null ? null : draftOf(newer, base.draft);
  const discard = () => {
    setDraft(base.draft);
    setRestoredAt(null);
    setTried(false);
    save.reset();
  };
  const submit = () => {
    setTried(true);
    if (Object.keys(problems).length > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    } else if (gate.can(permission)) {
      save.mutate();
    }
  };
  const content = props.children({ draft, change, problems: shown });
  const cancel = () => void navigate(props.back);
  const refusal = failure === null || refused.length > 0 ? undefined : failure.code === 'VERSION_CONFLICT' ? t('editor.conflict') : explain(failure);
  const notes = (
    <>
      {props.gone === true ? (
        <Alert type="error" header={t('editor.gone')}>
          {t('editor.gone.text')}
        </Alert>
      ) : null}
      {restoredAt !== null && dirty ? (
        <Alert
          type="info"
          header={t('editor.restored')}
          action={
            <Button formAction="none" onClick={discard}>
              {t('editor.restored.discard')}
            </Button>
          }
        >
          {t('editor.restored.text', { time: formatTime(restoredAt) })}
        </Alert>
      ) : null}
      {theirs !== null && newer !== null ? (
        <Alert
          type="warning"
          header={t('editor.changed')}
          action={
            <Button formAction="none" onClick={() => {
              setComparing(true);
            }}>
              {t('editor.changed.compare')}
            </Button>
          }
        >
          {t('editor.changed.text', { version: newer.version })}
        </Alert>
      ) : null}
      {followed !== null && theirs === null ? (
        <Alert type="info" dismissible dismissAriaLabel={t('dismiss')} onDismiss={() => {
          setFollowed(null);
        }}>
          {t('editor.followed', { version: followed })}
        </Alert>
      ) : null}
    </>
  );
  const all = (
    <>
      <LeaveGuard dirty={settled && dirty} discard={() => {
        setDone(true);
        dropKept(user, id);
      }} />
      {isSteps(content) ? (
        <Suspense>
          <Steps
            title={props.title}
            description={props.description}
            notes={notes}
            steps={content}
            problems={Object.keys(problems)}
            shown={Object.keys(shown)}
            refused={refused.map(([key]) => key)}
            refusal={refusal}
            permission={permission}
            saving={save.isPending}
            existing={entity !== null}
            cancel={cancel}
            setTried={setTried}
            submit={submit}
          />
        </Suspense>
      ) : (
        <Form
          header={
            <Header variant="h1" description={props.description}>
              {props.title}
            </Header>
          }
          actions={
            <SpaceBetween size="xs" direction="horizontal">
              <Button variant="link" formAction="none" onClick={cancel}>
                {t('cancel')}
              </Button>
              <Button variant="primary" formAction="submit" loading={save.isPending} disabled={!gate.can(permission)} disabledReason={gate.reason(permission)}>
                {t('save')}
              </Button>
            </SpaceBetween>
          }
          errorText={refusal}
        >
          <SpaceBetween size="l">
            {notes}
            {content}
            {Object.keys(shown).length > 0 ? (
              <div role="alert">
                <StatusIndicator type="error">{t('editor.problems', { count: Object.keys(shown).length })}</StatusIndicator>
              </div>
            ) : null}
          </SpaceBetween>
        </Form>
      )}
      {comparing && theirs !== null && newer !== null ? (
        <Conflict
          // an even newer version asks again
          key={newer.version}
          version={newer.version}
          found={differences(props.partsOf(base.draft, draft, theirs), base.draft, draft, theirs)}
          base={base.draft}
          mine={draft}
          theirs={theirs}
          use={(next) => {
            setBase({ version: newer.version, draft: theirs });
            change(next);
            setRestoredAt(null);
            setComparing(false);
          }}
          onClose={() => {
            setComparing(false);
          }}
        />
      ) : null}
    </>
  );
  // tables in steps have forms of their own, and Enter in a field of a step saves nothing
  return isSteps(content) ? <div>{all}</div> : (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {all}
    </form>
  );
}
