/** Evidence of one run for an auditor: on the screen, on paper, as JSON and CSV. */
import { useQueries } from '@tanstack/react-query';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useMemo, useState } from 'react';
import { useParams } from 'react-router';
import '../i18n/more';
import '../i18n/runs';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { keys, useExecution, usePlan, useTermination } from '../api/queries';
import { useApi, useConfig } from '../app/context';
import { useTitle } from '../app/page';
import { Failed } from '../components/Failed';
import { PageFailed } from '../components/PageFailed';
import { Facts, Grid, useDigest, usePaper } from '../components/Paper';
import { evidence, evidenceCsv, evidenceText, type Evidence, type Sheet } from '../execution/evidence';
import { targetsOf } from '../execution/objectives';
import { useAllServers, useHistory } from '../execution/queries';
import { reportMarkdown, reportTitle, sections, type Block } from '../execution/report';
import { timeline } from '../execution/timeline';
import { TimelineFigure } from '../execution/TimelineFigure';
import { t } from '../i18n/t';
import { download } from '../lib/csv';
import { isTerminal } from '../lib/status';
import { formatTime } from '../lib/time';
import { zip } from '../lib/zip';
import NotFound from './NotFound';

type Execution = Schemas['Execution'];

function BlockView({ block, doc, execution }: { block: Block; doc: Evidence; execution: Execution }) {
  switch (block.kind) {
    case 'facts':
      return <Facts items={block.items} />;
    case 'table':
      return <Grid {...block} />;
    case 'text':
      return <p className="report-text">{block.text}</p>;
    case 'list':
      return (
        <ul>
          {block.items.map((item, i) => (
            <li key={i}>{item}</li>
          ))}
        </ul>
      );
    case 'timeline':
      return (
        <TimelineFigure
          line={timeline(execution, Date.parse(doc.generatedAt))}
          pauses={(doc.pauses ?? []).map((p) => ({ start: Date.parse(p.from), end: p.to === null ? null : Date.parse(p.to), by: p.by ?? '', reason: p.reason ?? '' }))}
        />
      );
    case 'signoff':
      return (
        <div className="report-signoff">
          <Grid caption={t('report.signoff')} columns={block.columns} rows={block.roles.map((role) => [role, ...block.columns.slice(1).map(() => '')])} empty="" />
        </div>
      );
  }
}

const SHEETS: readonly Sheet[] = ['servers', 'waves', 'events', 'termination'];

/** Groups as they are now; one that is gone is left out. */
function useGroups(execution: Execution) {
  const api = useApi();
  const ids = [...new Set((execution.waves ?? []).flatMap((w) => w.protectionGroupIds ?? []))];
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: keys.group(id),
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get('/protection-groups/{id}', { path: { id }, signal }),
    })),
    combine: (results) => ({ pending: results.some((r) => r.isPending), groups: results.flatMap((r) => (r.data === undefined ? [] : [r.data])) }),
  });
}

/** When this was read; reading the same again changes neither this nor the hash. */
function useReadAt(data: readonly unknown[], updatedAt: number): number {
  const [kept, keep] = useState({ data, at: 0 });
  if (kept.at === 0 ? updatedAt !== 0 : kept.data.some((value, i) => value !== data[i])) {
    keep({ data, at: updatedAt });
    return updatedAt;
  }
  return kept.at;
}

function Document({ execution }: { execution: Execution }) {
  const config = useConfig();
  const id = execution.executionId;
  const plan = usePlan(execution.planId);
  const servers = useAllServers(id, true);
  const history = useHistory(id);
  const begun = execution.terminationInitiatedAt !== undefined;
  const termination = useTermination(id, begun);
  const { groups, pending } = useGroups(execution);
  const [remarks, setRemarks] = useState('');
  const failed = [servers, history].filter((q) => q.isError && q.data === undefined);
  const waiting = plan.isPending || servers.isPending || history.isPending || pending || (begun && termination.isPending);

  const readAt = useReadAt([servers.data, history.data, termination.data, plan.data], Math.max(servers.dataUpdatedAt, servers.errorUpdatedAt, history.dataUpdatedAt));
  const doc = useMemo(
    () =>
      waiting
        ? null
        : evidence({
            execution, servers: servers.data ?? null, events: history.data ?? null, termination: termination.data ?? null, groups,
            targets: targetsOf(plan.data, config), environment: config.environment?.name ?? null, remarks: remarks.trim(),
            now: readAt,
          }),
    [waiting, readAt, execution, servers.data, history.data, termination.data, groups, plan.data, config, remarks],
  );
  const text = useMemo(() => (doc === null ? '' : evidenceText(doc)), [doc]);
  const digest = useDigest(text);
  const generated = doc === null ? '' : t('report.generated', { time: formatTime(doc.generatedAt, { zone: 'utc' }) });
  usePaper(doc === null ? '' : `${generated}. ${t('report.hash', { hash: digest })}`);

  if (doc === null) {
    return <StatusIndicator type="loading">{t('report.loading')}</StatusIndicator>;
  }
  const base = `run-${id}`;
  const has = (sheet: Sheet) => sheet !== 'termination' || doc.termination !== null;
  return (
    <SpaceBetween size="l">
      <div className="no-print">
        <Header
          variant="h1"
          description={t('report.description')}
          actions={
            <SpaceBetween size="xs" direction="horizontal">
              <Button iconName="download" onClick={() => {
                download(`${base}.json`, 'application/json', text);
              }}>
                {t('report.json')}
              </Button>
              <ButtonDropdown
                items={[
                  { id: 'all', text: t('report.csv.all') },
                  ...SHEETS.map((sheet) => ({ id: sheet, text: t(`report.csv.${sheet}`), disabled: !has(sheet) })),
                ]}
                onItemClick={({ detail }) => {
                  if (detail.id === 'all') {
                    const files = SHEETS.filter(has).map((sheet) => ({ name: `${base}-${sheet}.csv`, text: evidenceCsv(doc, sheet) }));
                    download(`${base}-csv.zip`, 'application/zip', zip(files, new Date(doc.generatedAt)));
                    return;
                  }
                  const sheet = SHEETS.find((s) => s === detail.id) ?? 'servers';
                  download(`${base}-${sheet}.csv`, 'text/csv', evidenceCsv(doc, sheet));
                }}
              >
                {t('report.csv')}
              </ButtonDropdown>
              <Button iconName="download" onClick={() => {
                download(`${base}.md`, 'text/markdown', reportMarkdown(doc, generated, t('report.hash', { hash: digest })));
              }}>
                {t('report.markdown')}
              </Button>
              <Button variant="primary" iconName="file" onClick={() => {
                window.print();
              }}>
                {t('report.print')}
              </Button>
            </SpaceBetween>
          }
        >
          {t('report.of', { plan: execution.planName })}
        </Header>
      </div>
      {failed.map((query) => (
        <div key={query === servers ? 'servers' : 'history'} className="no-print">
          <Failed what={t(query === servers ? 'report.servers.unknown' : 'report.history.unknown')} error={query.error} retry={() => void query.refetch()} />
        </div>
      ))}
      <div className="no-print">
        <Container>
          <FormField label={t('report.remarks')} description={t('report.remarks.hint')}>
            <Textarea value={remarks} rows={3} onChange={({ detail }) => {
              setRemarks(detail.value.slice(0, 5000));
            }} />
          </FormField>
        </Container>
      </div>
      <article className="report">
        <div className="report-title">{reportTitle(doc)}</div>
        {isTerminal(execution.status) ? null : <p>{t('report.preliminary')}</p>}
        {sections(doc).map(({ title, blocks }) => (
          <section key={title}>
            <h2>{title}</h2>
            {blocks.map((block, i) => (
              <BlockView key={i} block={block} doc={doc} execution={execution} />
            ))}
          </section>
        ))}
        <footer className="report-footer">
          <div>{generated}</div>
          <div className="report-hash">{t('report.hash', { hash: digest })}</div>
        </footer>
      </article>
    </SpaceBetween>
  );
}

export default function Report() {
  const { executionId = '' } = useParams();
  const query = useExecution(executionId);
  useTitle(query.data === undefined ? t('report.title') : t('report.of', { plan: query.data.planName }));
  if (query.data !== undefined) {
    return <Document execution={query.data} />;
  }
  if (query.isPending) {
    return <StatusIndicator type="loading">{t('report.loading')}</StatusIndicator>;
  }
  return toApiError(query.error).status === 404 ? (
    <NotFound />
  ) : (
    <PageFailed what={t('report.failed')} error={query.error} retry={() => void query.refetch()} />
  );
}
