import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useJobLogs } from '../api/queries';
import { Failed } from '../components/Failed';
import { Time } from '../components/Time';
import { t } from '../i18n/t';
import { humanize } from '../lib/status';

interface Row {
  key: string;
  wave: number;
  jobId: string;
  event: string;
  time: string;
  server: string;
  error: string;
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** What DRS said of its jobs, newest first; loaded when opened. */
export function JobEvents({ executionId }: { executionId: string }) {
  const [open, setOpen] = useState(false);
  const query = useJobLogs(executionId, open);
  const rows = (query.data?.jobLogs ?? [])
    .flatMap((log) =>
      (log.events ?? []).map((event, i): Row => ({
        key: `${log.jobId ?? ''}-${String(i)}`,
        wave: log.waveNumber ?? 0,
        jobId: log.jobId ?? '',
        event: text(event.event),
        time: text(event.logDateTime),
        server: text(event.sourceServerId),
        error: text(event.error),
      })),
    )
    .sort((a, b) => b.time.localeCompare(a.time));
  return (
    <ExpandableSection
      variant="container"
      headingTagOverride="h2"
      headerText={t('events.title')}
      expanded={open}
      onChange={({ detail }) => {
        setOpen(detail.expanded);
      }}
    >
      {query.isError && query.data === undefined ? (
        <Failed what={t('events.failed')} error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Table
          variant="embedded"
          items={rows.slice(0, 500)}
          trackBy="key"
          loading={query.isPending}
          loadingText={t('loading')}
          wrapLines={false}
          empty={<Box textAlign="center">{t('events.none')}</Box>}
          columnDefinitions={[
            { id: 'time', header: t('time'), cell: (r) => <Time value={r.time} /> },
            { id: 'event', header: t('event'), isRowHeader: true, cell: (r) => humanize(r.event) },
            { id: 'wave', header: t('wave'), cell: (r) => r.wave + 1 },
            { id: 'server', header: t('server'), cell: (r) => r.server || '–' },
            { id: 'job', header: t('job'), cell: (r) => r.jobId },
            { id: 'error', header: t('problem'), cell: (r) => r.error || '–' },
          ]}
        />
      )}
    </ExpandableSection>
  );
}
