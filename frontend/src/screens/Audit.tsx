import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useDeferredValue } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useAudit } from '../api/queries';
import { usePermissions } from '../app/permissions';
import { useTitle } from '../app/page';
import { Failed } from '../components/Failed';
import { Time } from '../components/Time';
import '../i18n/more';
import { t } from '../i18n/t';
import { csv, download } from '../lib/csv';

type Entry = Schemas['AuditEntry'];

const OUTCOMES = ['allowed', 'succeeded', 'denied', 'failed'] as const;

function actorOf(entry: Entry): string {
  return entry.actor.email ?? entry.actor.userId;
}

function Change({ entry }: { entry: Entry }) {
  if (entry.before === undefined && entry.after === undefined) {
    return <>–</>;
  }
  return (
    <ExpandableSection headerText={t('audit.change')}>
      <Box variant="code">
        <pre>{JSON.stringify({ before: entry.before ?? null, after: entry.after ?? null }, null, 1)}</pre>
      </Box>
    </ExpandableSection>
  );
}

function List() {
  const [params, setParams] = useSearchParams();
  const actor = params.get('actor') ?? '';
  const outcome = params.get('outcome') ?? '';
  const wanted = useDeferredValue(actor.trim());
  const query = useAudit({
    ...(wanted === '' ? {} : { actor: wanted }),
    ...(OUTCOMES.some((o) => o === outcome) ? { outcome: outcome as (typeof OUTCOMES)[number] } : {}),
  });
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  const set = (name: string, value: string) => {
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === '') {
          next.delete(name);
        } else {
          next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  };
  const options = [
    { value: '', label: t('audit.all') },
    ...OUTCOMES.map((value) => ({ value, label: t(`audit.outcome.${value}`) })),
  ];
  if (query.isError && query.data === undefined) {
    return <Failed what={t('audit.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <Table
      variant="full-page"
      stickyHeader
      items={entries}
      trackBy="id"
      loading={query.isPending}
      loadingText={t('loading')}
      ariaLabels={{ tableLabel: t('nav.audit') }}
      header={
        <Header
          variant="h1"
          description={t('audit.description')}
          actions={
            <Button
              iconName="download"
              disabled={entries.length === 0}
              onClick={() => {
                download(
                  'audit.csv',
                  'text/csv',
                  csv(
                    ['time', 'actor', 'action', 'resourceType', 'resourceId', 'resourceName', 'outcome', 'sourceIp', 'correlationId', 'hash'],
                    entries.map((e) => [
                      e.time, actorOf(e), e.action, e.resourceType, e.resourceId, e.resourceName, e.outcome, e.sourceIp, e.correlationId, e.hash,
                    ]),
                  ),
                );
              }}
            >
              {t('audit.csv')}
            </Button>
          }
        >
          {t('nav.audit')}
        </Header>
      }
      filter={
        <SpaceBetween size="xs" direction="horizontal">
          <TextFilter
            filteringText={actor}
            filteringPlaceholder={t('audit.actor')}
            filteringAriaLabel={t('audit.actor')}
            onChange={({ detail }) => {
              set('actor', detail.filteringText);
            }}
          />
          <Select
            options={options}
            selectedOption={options.find((o) => o.value === outcome) ?? options[0] ?? null}
            ariaLabel={t('audit.outcome')}
            onChange={({ detail }) => {
              set('outcome', detail.selectedOption.value ?? '');
            }}
          />
        </SpaceBetween>
      }
      empty={<Box textAlign="center">{t('audit.none')}</Box>}
      columnDefinitions={[
        { id: 'time', header: t('time'), cell: (e) => <Time value={e.time} /> },
        { id: 'actor', header: t('audit.who'), cell: (e) => actorOf(e) },
        { id: 'action', header: t('audit.action'), cell: (e) => e.action, isRowHeader: true },
        {
          id: 'resource',
          header: t('audit.resource'),
          cell: (e) => `${e.resourceType} ${e.resourceName ?? e.resourceId}`,
        },
        {
          id: 'outcome',
          header: t('audit.outcome'),
          cell: (e) => (
            <StatusIndicator type={e.outcome === 'denied' || e.outcome === 'failed' ? 'error' : 'success'}>
              {t(`audit.outcome.${e.outcome}`)}
            </StatusIndicator>
          ),
        },
        { id: 'source', header: t('audit.from'), cell: (e) => e.sourceIp ?? '–' },
        { id: 'change', header: t('audit.change'), minWidth: 150, cell: (e) => <Change entry={e} /> },
      ]}
      footer={
        query.hasNextPage ? (
          <Box textAlign="center">
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t('more')}
            </Button>
          </Box>
        ) : undefined
      }
    />
  );
}

export default function Audit() {
  useTitle(t('nav.audit'));
  const gate = usePermissions();
  if (gate.known && !gate.can('audit_read')) {
    return (
      <SpaceBetween size="m">
        <Header variant="h1">{t('nav.audit')}</Header>
        <StatusIndicator type="stopped">{gate.reason('audit_read')}</StatusIndicator>
      </SpaceBetween>
    );
  }
  return gate.known ? <List /> : null;
}
