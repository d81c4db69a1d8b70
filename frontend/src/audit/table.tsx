import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiClient, Schemas } from '../api/client';
import { useAudit, type AuditFilter } from '../api/queries';
import { useServices } from '../app/context';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import Table from '../components/Table';
import { Time } from '../components/Time';
import { more } from '../components/more';
import '../i18n/audit';
import { hasMessage, t } from '../i18n/t';
import { fieldChanges } from '../lib/changes';
import { csv, download } from '../lib/csv';
import { humanize } from '../lib/status';

type Entry = Schemas['AuditEntry'];

/** Files have no more entries than this; drs-worker audit export has no limit. */
const EXPORT_MAX = 10_000;
const PAGE = 100;

export function actorOf(entry: Pick<Entry, 'actor'>): string {
  return entry.actor.email ?? entry.actor.userId;
}

const COLUMNS: readonly (readonly [string, (e: Entry) => unknown])[] = [
  ['time', (e) => e.time], ['actor', actorOf], ['actorType', (e) => e.actor.type], ['action', (e) => e.action],
  ['resourceType', (e) => e.resourceType], ['resourceId', (e) => e.resourceId], ['resourceName', (e) => e.resourceName],
  ['outcome', (e) => e.outcome], ['errorCode', (e) => e.errorCode], ['sourceIp', (e) => e.sourceIp], ['correlationId', (e) => e.correlationId],
  ['overrideReason', (e) => e.overrideReason],
  ['before', (e) => (e.before === undefined ? '' : JSON.stringify(e.before))],
  ['after', (e) => (e.after === undefined ? '' : JSON.stringify(e.after))],
  ['id', (e) => e.id], ['prevHash', (e) => e.prevHash], ['hash', (e) => e.hash],
];

export function auditCsv(entries: readonly Entry[]): string {
  return csv(COLUMNS.map(([name]) => name), entries.map((e) => COLUMNS.map(([, of]) => of(e))));
}

/** All entries of a filter, the newest first, at most EXPORT_MAX. */
export async function allEntries(api: Pick<ApiClient, 'get'>, filter: AuditFilter, max = EXPORT_MAX): Promise<Entry[]> {
  const entries: Entry[] = [];
  let nextToken: string | null = '';
  while (nextToken !== null && entries.length < max) {
    const page: Schemas['AuditEntries'] = await api.get('/audit', {
      query: { ...filter, limit: PAGE, ...(nextToken === '' ? {} : { nextToken }) },
    });
    entries.push(...page.entries);
    nextToken = page.nextToken;
  }
  return entries.slice(0, max);
}

const PAGES: Record<string, string> = {
  plan: '/recovery-plans/', group: '/protection-groups/', execution: '/executions/',
};

const members = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : value === undefined || value === null ? {} : { '': value };

const NAMES = ['planName', 'groupName', 'accountName', 'name'] as const;

/** The name of what an entry is about: as the server wrote it, else as it was or became, else its ID. */
export function resourceOf(entry: Pick<Entry, 'resourceId' | 'resourceName' | 'before' | 'after'>): string {
  const named = [members(entry.after), members(entry.before)].flatMap((side) => NAMES.map((field) => side[field]));
  return entry.resourceName ?? named.find((name): name is string => typeof name === 'string' && name !== '') ?? entry.resourceId;
}

function Resource({ entry }: { entry: Entry }) {
  const kind = `audit.type.${entry.resourceType}`;
  const page = PAGES[entry.resourceType];
  const text = resourceOf(entry);
  return (
    <>
      <Box variant="small" color="text-body-secondary" display="block">
        {hasMessage(kind) ? t(kind) : humanize(entry.resourceType)}
      </Box>
      {page === undefined || entry.resourceId === '' ? text : <Link to={page + entry.resourceId}>{text}</Link>}
    </>
  );
}

function Change({ entry }: { entry: Entry }) {
  const changes = fieldChanges(members(entry.before), members(entry.after));
  const value = (text: string | null) => <Box variant="code">{text ?? '–'}</Box>;
  return (
    <>
      {entry.overrideReason === undefined ? null : <Box>{t('audit.override', { reason: entry.overrideReason })}</Box>}
      {changes.length === 0 ? (
        '–'
      ) : (
        <ExpandableSection headerText={t('audit.fields', { count: changes.length })}>
          <Table
            variant="embedded"
            wrapLines
            contentDensity="compact"
            items={changes}
            trackBy="field"
            ariaLabels={{ tableLabel: `${t('audit.change')} ${entry.id}` }}
            columnDefinitions={[
              { id: 'field', header: t('audit.field'), isRowHeader: true, cell: (c) => c.field },
              { id: 'before', header: t('audit.before'), cell: (c) => value(c.before) },
              { id: 'after', header: t('audit.after'), cell: (c) => value(c.after) },
            ]}
          />
        </ExpandableSection>
      )}
    </>
  );
}

/** Entries of the audit trail that a filter lets through. */
export function AuditTable({
  filter, title, description, file, filters, variant = 'full-page',
}: {
  filter: AuditFilter;
  title: string;
  description?: string;
  /** Name of the files, without the ending. */
  file: string;
  filters?: ReactNode;
  variant?: 'full-page' | 'embedded';
}) {
  const { api, flashes } = useServices();
  const query = useAudit(filter);
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  const save = useMutation({
    mutationFn: async (kind: 'csv' | 'jsonl') => {
      const all = await allEntries(api, filter);
      if (kind === 'csv') {
        download(`${file}.csv`, 'text/csv', auditCsv(all));
      } else {
        download(`${file}.jsonl`, 'application/x-ndjson', all.map((e) => `${JSON.stringify(e)}\n`).join(''));
      }
      return all.length;
    },
    onSuccess: (count) => {
      flashes.add({
        type: count < EXPORT_MAX ? 'success' : 'warning', header: t('audit.saved', { count }),
        content: count < EXPORT_MAX ? '' : t('audit.saved.cut'),
      });
    },
    onError: (cause) => {
      flashes.error(t('audit.save.failed'), cause);
    },
  });
  if (query.isError && query.data === undefined) {
    return <Failed what={t('audit.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const button = (kind: 'csv' | 'jsonl') => (
    <Button
      iconName="download"
      disabled={entries.length === 0}
      loading={save.isPending && save.variables === kind}
      onClick={() => {
        save.mutate(kind);
      }}
    >
      {t(`audit.${kind}`)}
    </Button>
  );
  return (
    <Table
      variant={variant}
      wrapLines
      stickyHeader={variant === 'full-page'}
      items={entries}
      trackBy="id"
      loading={query.isPending}
      loadingText={t('loading')}
      ariaLabels={{ tableLabel: title }}
      header={
        <Header
          variant={variant === 'full-page' ? 'h1' : 'h2'}
          description={description}
          actions={
            <SpaceBetween size="xs" direction="horizontal">
              {button('csv')}
              {button('jsonl')}
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
      filter={filters}
      empty={<Box textAlign="center">{t('audit.none')}</Box>}
      columnDefinitions={[
        { id: 'time', header: t('time'), minWidth: 130, cell: (e) => <Time value={e.time} /> },
        {
          id: 'actor',
          header: t('audit.who'),
          minWidth: 150,
          cell: (e) => (
            <>
              {actorOf(e)}
              {e.sourceIp === undefined ? null : <Box variant="small" color="text-body-secondary" display="block">{t('audit.from', { address: e.sourceIp })}</Box>}
            </>
          ),
        },
        { id: 'action', header: t('audit.action'), minWidth: 140, cell: (e) => e.action, isRowHeader: true },
        { id: 'resource', header: t('audit.resource'), minWidth: 200, cell: (e) => <Resource entry={e} /> },
        {
          id: 'outcome',
          header: t('audit.outcome'),
          minWidth: 120,
          cell: (e) => (
            <StatusIndicator type={e.outcome === 'denied' || e.outcome === 'failed' ? 'error' : 'success'}>
              {t(`audit.outcome.${e.outcome}`)}
              {e.errorCode === undefined ? null : <Box variant="small"> {e.errorCode}</Box>}
            </StatusIndicator>
          ),
        },
        {
          id: 'correlation',
          header: t('audit.correlation'),
          minWidth: 110,
          cell: (e) => <Link to={`/audit?correlationId=${encodeURIComponent(e.correlationId)}`}>{t('audit.correlation.show')}</Link>,
        },
        { id: 'change', header: t('audit.change'), minWidth: 140, cell: (e) => <Change entry={e} /> },
      ]}
      footer={more(query)}
    />
  );
}
