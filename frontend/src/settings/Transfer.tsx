import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useServices } from '../app/context';
import { GatedButton } from '../components/GatedButton';
import { Status } from '../components/Status';
import { Time } from '../components/Time';
import { t } from '../i18n/t';
import { download } from '../lib/csv';
import { humanize } from '../lib/status';
import { MAX_BYTES, readExport, type Summary } from './transfer';

type Result = Schemas['ImportResult'];

function Export() {
  const { api, flashes } = useServices();
  const run = useMutation({
    mutationFn: () => api.get('/config/export'),
    onSuccess: (config) => {
      const stamp = new Date().toISOString().replace(/[:.]/g, '-');
      download(`drs-orchestration-config-${stamp}.json`, 'application/json', JSON.stringify(config, null, 2));
      flashes.add({ type: 'success', header: t('transfer.exported') });
    },
    onError: (cause) => {
      flashes.error(t('transfer.export.failed'), cause);
    },
  });
  return (
    <Container header={<Header variant="h2" description={t('transfer.export.what')}>{t('transfer.export')}</Header>}>
      <GatedButton permission="export_configuration" iconName="download" loading={run.isPending} onClick={() => {
        run.mutate();
      }}>
        {t('transfer.export.do')}
      </GatedButton>
    </Container>
  );
}

function ResultTable({ result }: { result: Result }) {
  const items = [...result.failed, ...result.created, ...result.skipped];
  const counts = { created: result.created.length, skipped: result.skipped.length, failed: result.failed.length };
  return (
    <SpaceBetween size="s">
      <Alert type={counts.failed > 0 ? 'warning' : 'success'} header={t(result.dryRun ? 'transfer.would' : 'transfer.done', counts)}>
        {t('transfer.correlation', { id: result.correlationId })}
      </Alert>
      <Table
        variant="embedded"
        items={items}
        trackBy={(i) => `${i.type}:${i.name}`}
        ariaLabels={{ tableLabel: t('transfer.result') }}
        columnDefinitions={[
          { id: 'name', header: t('name'), cell: (i) => i.name, isRowHeader: true },
          { id: 'type', header: t('type'), cell: (i) => t(`transfer.type.${i.type}`) },
          { id: 'status', header: t('status'), cell: (i) => <Status value={i.status} kind="import" /> },
          { id: 'reason', header: t('transfer.reason'), cell: (i) => (i.reason === undefined ? '–' : humanize(i.reason)) },
        ]}
      />
      <Button iconName="download" onClick={() => {
        download('import-result.json', 'application/json', JSON.stringify(result, null, 2));
      }}>
        {t('transfer.result.save')}
      </Button>
    </SpaceBetween>
  );
}

function Import() {
  const { api } = useServices();
  const client = useQueryClient();
  const [files, setFiles] = useState<File[]>([]);
  const [summary, setSummary] = useState<Summary | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const send = useMutation({
    mutationFn: ({ config, dryRun }: { config: Summary['config']; dryRun: boolean }) =>
      // the server checks the document; the type is only its shape
      api.post('/config/import', { body: { config: config as Schemas['ConfigDocument'], dryRun } }),
    onSuccess: (result) => {
      if (!result.dryRun) {
        void client.invalidateQueries();
      }
    },
  });

  async function choose(chosen: File[]) {
    setFiles(chosen);
    setSummary(null);
    setProblem(null);
    send.reset();
    const file = chosen[0];
    if (file === undefined) {
      return;
    }
    if (file.size > MAX_BYTES) {
      setProblem(t('transfer.problem.size'));
      return;
    }
    try {
      const read = readExport(await file.text());
      setSummary(read);
      // nobody imports what was not tried first
      send.mutate({ config: read.config, dryRun: true });
    } catch (cause) {
      setProblem(toApiError(cause).message);
    }
  }

  const result = send.data;
  return (
    <Container header={<Header variant="h2" description={t('transfer.import.what')}>{t('transfer.import')}</Header>}>
      <SpaceBetween size="m">
        <FormField label={t('transfer.file')} errorText={problem}>
          <FileUpload
            value={files}
            accept=".json,application/json"
            showFileSize
            constraintText={t('transfer.file.hint')}
            onChange={({ detail }) => void choose(detail.value)}
            i18nStrings={{
              uploadButtonText: () => t('transfer.choose'),
              dropzoneText: () => t('transfer.drop'),
              removeFileAriaLabel: () => t('remove'),
              limitShowFewer: t('less'),
              limitShowMore: t('more'),
              errorIconAriaLabel: t('failed'),
            }}
          />
        </FormField>
        {summary === null ? null : (
          <>
            <KeyValuePairs
              columns={4}
              items={[
                { label: t('nav.groups'), value: summary.groups },
                { label: t('nav.plans'), value: summary.plans },
                { label: t('transfer.schema'), value: summary.schemaVersion },
                { label: t('transfer.exportedAt'), value: <Time value={summary.exportedAt} /> },
              ]}
            />
            {summary.notices.map((notice) => (
              <Alert key={notice} type="info">
                {notice}
              </Alert>
            ))}
          </>
        )}
        {send.isPending ? <Box>{t('transfer.working')}</Box> : null}
        {send.isError ? <Alert type="error" header={t('transfer.import.failed')}>{explain(toApiError(send.error))}</Alert> : null}
        {result === undefined ? null : <ResultTable result={result} />}
        {summary !== null && result?.dryRun === true ? (
          <GatedButton
            permission="import_configuration"
            variant="primary"
            disabled={result.created.length === 0}
            loading={send.isPending}
            onClick={() => {
              send.mutate({ config: summary.config, dryRun: false });
            }}
          >
            {t('transfer.import.do', { count: result.created.length })}
          </GatedButton>
        ) : null}
      </SpaceBetween>
    </Container>
  );
}

export default function Transfer() {
  return (
    <SpaceBetween size="l">
      <Export />
      <Import />
    </SpaceBetween>
  );
}
