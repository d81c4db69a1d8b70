import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Wizard from '@cloudscape-design/components/wizard';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useServices } from '../app/context';
import { useTitle } from '../app/page';
import { usePermissions } from '../app/permissions';
import { Failed } from '../components/Failed';
import { FilePick } from '../components/FilePick';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Time } from '../components/Time';
import '../i18n/more';
import '../i18n/transfer';
import { hasMessage, t } from '../i18n/t';
import { download } from '../lib/csv';
import { humanize } from '../lib/status';
import { importDiff, itemHref, MAX_BYTES, readExport, type ItemDiff, type Summary } from '../settings/transfer';

type Result = Schemas['ImportResult'];
type Item = Schemas['ImportItem'];

/** Reason and details of an item in words; details of the server are shown as they are. */
function Why({ item }: { item: Item }) {
  const { reason, details } = item;
  if (reason === undefined) {
    return <>–</>;
  }
  const id = `import.${reason}`;
  const more = Object.entries(details ?? {}).filter(([, value]) => value !== null && value !== '');
  return (
    <SpaceBetween size="xxs">
      <span>{hasMessage(id) ? t(id) : humanize(reason)}</span>
      {more.length === 0 ? null : (
        <Box variant="small" color="text-body-secondary">
          {more.map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' · ')}
        </Box>
      )}
    </SpaceBetween>
  );
}

function Items({ items, what }: { items: readonly Item[]; what: string }) {
  return (
    <Table
      variant="embedded"
      wrapLines
      items={items}
      trackBy={(i) => `${i.type}:${i.name}`}
      ariaLabels={{ tableLabel: what }}
      columnDefinitions={[
        {
          id: 'name',
          header: t('name'),
          isRowHeader: true,
          cell: (i) => {
            const href = itemHref(i);
            return href === null ? i.name : <Link to={href}>{i.name}</Link>;
          },
        },
        { id: 'type', header: t('type'), cell: (i) => t(`transfer.type.${i.type}`) },
        { id: 'status', header: t('status'), cell: (i) => <Status value={i.status} kind="import" /> },
        { id: 'reason', header: t('transfer.reason'), cell: (i) => <Why item={i} /> },
      ]}
    />
  );
}

function Counts({ result }: { result: Result }) {
  const counts = { created: result.created.length, skipped: result.skipped.length, failed: result.failed.length };
  return (
    <Alert type={counts.failed > 0 ? 'warning' : 'success'} header={t(result.dryRun ? 'transfer.would' : 'transfer.done', counts)}>
      {t('transfer.correlation', { id: result.correlationId })}
    </Alert>
  );
}

function SaveResult({ result }: { result: Result }) {
  return (
    <Button iconName="download" onClick={() => {
      download(`import-${result.dryRun ? 'trial' : 'result'}.json`, 'application/json', JSON.stringify(result, null, 2));
    }}>
      {t('transfer.result.save')}
    </Button>
  );
}

function Difference({ diff: { item, changes } }: { diff: ItemDiff }) {
  const title = `${t(`transfer.type.${item.type}`)}: ${item.name}`;
  if (item.status !== 'skipped') {
    return (
      <Box>
        <Status value={item.status} kind="import" /> {title}
      </Box>
    );
  }
  if (changes === null || changes.length === 0) {
    return (
      <Box>
        <StatusIndicator type="stopped">{t(changes === null ? 'transfer.diff.unknown' : 'transfer.diff.same')}</StatusIndicator> {title}
      </Box>
    );
  }
  return (
    <ExpandableSection
      headerText={title}
      headerDescription={t('transfer.diff.differs', { count: changes.length })}
    >
      <Table
        variant="embedded"
        wrapLines
        items={changes}
        trackBy="field"
        ariaLabels={{ tableLabel: title }}
        columnDefinitions={[
          { id: 'field', header: t('transfer.diff.field'), isRowHeader: true, cell: (c) => c.field },
          { id: 'now', header: t('transfer.diff.now'), cell: (c) => <Box variant="code">{c.before ?? '–'}</Box> },
          { id: 'file', header: t('transfer.diff.file'), cell: (c) => <Box variant="code">{c.after ?? '–'}</Box> },
        ]}
      />
    </ExpandableSection>
  );
}

/** Where the file differs from what is there; only for those who may export. */
function Differences({ summary, result }: { summary: Summary; result: Result }) {
  const { api } = useServices();
  const gate = usePermissions();
  const may = gate.can('export_configuration');
  const query = useQuery({
    queryKey: ['config-export', result.correlationId],
    queryFn: ({ signal }) => api.get('/config/export', { signal }),
    enabled: may,
    staleTime: Infinity,
  });
  if (may && query.isPending) {
    return <StatusIndicator type="loading">{t('loading')}</StatusIndicator>;
  }
  return (
    <SpaceBetween size="s">
      {query.isError ? <Failed what={t('transfer.diff.failed')} error={query.error} retry={() => void query.refetch()} /> : null}
      <Box>{t('transfer.diff.what')}</Box>
      {importDiff(summary.config, query.data ?? null, result).map((diff) => (
        <Difference key={`${diff.item.type}:${diff.item.name}`} diff={diff} />
      ))}
    </SpaceBetween>
  );
}

/** One message from the begin of an import to its end. */
const FLASH = 'import';

/** Steps to the content of a file: trial and differences come before anything is stored. */
export default function ImportWizard() {
  useTitle(t('transfer.import'));
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const gate = usePermissions();
  const [step, setStep] = useState(0);
  const [round, setRound] = useState(0);
  const [summary, setSummary] = useState<Summary | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const send = useMutation({
    mutationFn: ({ config, dryRun }: { config: Summary['config']; dryRun: boolean }) =>
      // the server checks the document; the type is only its shape
      api.post('/config/import', { body: { config: config as Schemas['ConfigDocument'], dryRun } }),
    // the page may be left meanwhile
    onMutate: ({ dryRun }) => {
      if (!dryRun) {
        flashes.add({ id: FLASH, type: 'in-progress', header: t('transfer.going') });
      }
    },
    onSuccess: (result) => {
      if (!result.dryRun) {
        void client.invalidateQueries();
        flashes.add({
          id: FLASH, type: result.failed.length > 0 ? 'warning' : 'success', header: t('transfer.over'),
          content: t('transfer.counts', { created: result.created.length, skipped: result.skipped.length, failed: result.failed.length }),
        });
      }
    },
    onError: (_, { dryRun }) => {
      // the page says why
      if (!dryRun) {
        flashes.add({ id: FLASH, type: 'error', header: t('transfer.import.failed') });
      }
    },
  });
  const forget = () => {
    send.reset();
    setSummary(null);
    setProblem(null);
    setStep(0);
  };
  const restart = () => {
    forget();
    setRound(round + 1);
  };
  const read = (text: string | null) => {
    forget();
    try {
      setSummary(text === null ? null : readExport(text));
    } catch (cause) {
      setProblem(toApiError(cause).message);
    }
  };

  const result = send.data;
  if (gate.known && !gate.can('import_configuration')) {
    return (
      <SpaceBetween size="m">
        <Header variant="h1">{t('transfer.import')}</Header>
        <StatusIndicator type="stopped">{gate.reason('import_configuration')}</StatusIndicator>
      </SpaceBetween>
    );
  }
  if (result?.dryRun === false) {
    return (
      <Container header={<Header variant="h1">{t('transfer.import')}</Header>}>
        <SpaceBetween size="m">
          <Counts result={result} />
          <Items items={[...result.failed, ...result.created, ...result.skipped]} what={t('transfer.result')} />
          <SpaceBetween size="xs" direction="horizontal">
            <SaveResult result={result} />
            <Button onClick={restart}>{t('transfer.another')}</Button>
          </SpaceBetween>
        </SpaceBetween>
      </Container>
    );
  }
  const failure = send.isError ? <Alert type="error" header={t('transfer.import.failed')}>{explain(toApiError(send.error))}</Alert> : null;
  const go = (wanted: number) => {
    if (wanted > 0 && summary === null) {
      setProblem(problem ?? t('transfer.problem.none'));
      return;
    }
    if (wanted > 1 && result === undefined) {
      return;
    }
    setStep(wanted);
    if (wanted === 1 && summary !== null && result === undefined) {
      // nobody imports what was not tried first
      send.mutate({ config: summary.config, dryRun: true });
    }
  };
  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={send.isPending}
      submitButtonText={t('transfer.import.do', { count: result?.created.length ?? 0 })}
      i18nStrings={{
        stepNumberLabel: (number) => t('step', { number }),
        collapsedStepsLabel: (number, count) => t('step.of', { number, count }),
        cancelButton: t('cancel'),
        previousButton: t('step.previous'),
        nextButton: t('step.next'),
        navigationAriaLabel: t('transfer.steps'),
      }}
      onCancel={() => void navigate('/settings/transfer')}
      onNavigate={({ detail }) => {
        go(detail.requestedStepIndex);
      }}
      onSubmit={() => {
        if (summary !== null && result !== undefined && result.created.length > 0 && gate.can('import_configuration')) {
          send.mutate({ config: summary.config, dryRun: false });
        }
      }}
      steps={[
        {
          title: t('transfer.choose'),
          description: t('transfer.import.what'),
          content: (
            <SpaceBetween size="m">
              <FilePick
                key={round}
                accept=".json,application/json"
                hint={t('transfer.file.hint')}
                maxBytes={MAX_BYTES}
                problem={problem}
                read={read}
                refuse={() => {
                  forget();
                  setProblem(t('transfer.problem.size'));
                }}
              />
              {summary === null ? null : (
                <KeyValuePairs
                  columns={4}
                  items={[
                    { label: t('nav.groups'), value: summary.groups },
                    { label: t('nav.plans'), value: summary.plans },
                    { label: t('source'), value: summary.source },
                    { label: t('transfer.schema'), value: summary.schemaVersion },
                    { label: t('transfer.exportedAt'), value: <Time value={summary.exportedAt} /> },
                  ]}
                />
              )}
              {(summary?.notices ?? []).map((notice) => (
                <Alert key={notice} type="info">
                  {notice}
                </Alert>
              ))}
            </SpaceBetween>
          ),
        },
        {
          title: t('transfer.try'),
          description: t('transfer.try.what'),
          content: (
            <SpaceBetween size="m">
              {send.isPending ? <StatusIndicator type="loading">{t('transfer.working')}</StatusIndicator> : null}
              {failure}
              {result === undefined ? null : (
                <>
                  <Counts result={result} />
                  <Items items={[...result.failed, ...result.created, ...result.skipped]} what={t('transfer.try')} />
                  <SaveResult result={result} />
                </>
              )}
            </SpaceBetween>
          ),
        },
        {
          title: t('transfer.diff'),
          content: summary === null || result === undefined ? null : <Differences summary={summary} result={result} />,
        },
        {
          title: t('transfer.import'),
          content: (
            <SpaceBetween size="m">
              {result === undefined ? null : <Counts result={result} />}
              {result?.created.length === 0 ? <Alert type="info">{t('transfer.nothing')}</Alert> : null}
              {failure}
            </SpaceBetween>
          ),
        },
      ].map((one) => ({ ...one, content: <Container>{one.content}</Container> }))}
    />
  );
}
