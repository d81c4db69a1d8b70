/** The log of a run: found, filtered, followed, copied and downloaded. */
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useMemo, useState } from 'react';
import type { Schemas } from '../api/client';
import { useJobLogs } from '../api/queries';
import { useServices } from '../app/context';
import { useParam } from '../app/params';
import { DataTable, tableCsv, type Column } from '../components/DataTable';
import { Dialog } from '../components/Dialog';
import { Failed } from '../components/Failed';
import { Time } from '../components/Time';
import '../i18n/live';
import { hasMessage, t } from '../i18n/t';
import { download } from '../lib/csv';
import { humanize } from '../lib/status';
import { formatTime } from '../lib/time';
import { LOG_FILTERS, logRows, passes, type LogFilter, type LogRow } from './log';
import { serverName } from './names';
import './panel.css';
import { useAllServers, useHistory } from './queries';

function eventName(row: LogRow): string {
  const id = `report.event.${row.event}`;
  return hasMessage(id) ? t(id) : humanize(row.event);
}

function columnsOf(names: ReadonlyMap<string, string>, show: (row: LogRow) => void): readonly Column<LogRow>[] {
  const servers = (row: LogRow) => row.servers.map((id) => names.get(id) ?? id);
  return [
    { id: 'time', header: t('time'), sort: (r) => r.at, csv: (r) => new Date(r.at).toISOString(), cell: (r) => <Time value={r.at} /> },
    { id: 'event', header: t('event'), name: true, sort: eventName, cell: eventName },
    { id: 'wave', header: t('wave'), sort: (r) => (r.wave ?? -1) + 1, csv: (r) => (r.wave === null ? '' : r.wave + 1), cell: (r) => (r.wave === null ? '–' : r.wave + 1) },
    {
      id: 'server',
      header: t('server'),
      sort: (r) => servers(r).join(' '),
      cell: (r) => (r.servers.length > 1 ? <span title={servers(r).join('\n')}>{t('log.servers', { count: r.servers.length })}</span> : (servers(r)[0] ?? '–')),
    },
    { id: 'detail', header: t('log.detail'), sort: (r) => r.text, cell: (r) => (r.text === '' ? '–' : r.problem ? <Box color="text-status-error">{r.text}</Box> : r.text) },
    { id: 'job', header: t('job'), sort: (r) => r.jobId, cell: (r) => r.jobId || '–' },
    { id: 'account', header: t('account'), sort: (r) => r.accountId, cell: (r) => r.accountId || '–' },
    { id: 'by', header: t('log.by'), sort: (r) => r.actor, cell: (r) => r.actor || '–' },
    { id: 'conversion', header: t('log.conversion'), sort: (r) => r.conversionServerId, cell: (r) => r.conversionServerId || '–', optional: true },
    {
      id: 'raw',
      header: t('log.raw'),
      csv: (r) => JSON.stringify(r.raw),
      cell: (r) => (
        <Button variant="inline-link" ariaLabel={t('log.raw.of', { event: eventName(r), time: formatTime(r.at) })} onClick={() => {
          show(r);
        }}>
          {t('log.raw.show')}
        </Button>
      ),
    },
  ];
}

/** What the server or DRS said, as it came. */
function Raw({ row, close }: { row: LogRow; close: () => void }) {
  const text = JSON.stringify(row.raw.length === 1 ? row.raw[0] : row.raw, null, 2);
  return (
    <Dialog
      title={t('log.raw.of', { event: eventName(row), time: formatTime(row.at) })}
      cancel={t('close')}
      close={close}
      buttons={
        <CopyToClipboard variant="button" textToCopy={text} copyButtonText={t('log.raw.copy')} copySuccessText={t('copied')} copyErrorText={t('copy.failed')} />
      }
    >
      <pre className="raw-data" tabIndex={0} role="group" aria-label={t('log.raw')}>{text}</pre>
    </Dialog>
  );
}

export default function EventLog({ execution }: { execution: Schemas['Execution'] }) {
  const { flashes } = useServices();
  const id = execution.executionId;
  const history = useHistory(id);
  const logs = useJobLogs(id, true);
  const servers = useAllServers(id, true).data;
  const [kind, setKind] = useParam('events');
  const filter: LogFilter = LOG_FILTERS.find((f) => f === kind) ?? 'all';
  const [held, setHeld] = useState<readonly LogRow[] | null>(null);
  const rows = useMemo(
    () => logRows(history.data ?? [], logs.data?.jobLogs ?? [], execution.waves ?? []),
    [history.data, logs.data, execution.waves],
  );
  const names = useMemo(() => new Map((servers ?? []).map((s) => [s.sourceServerId, serverName(s)])), [servers]);
  const [shown, show] = useState<LogRow | null>(null);
  const { refetch } = logs;
  const columns = useMemo(() => columnsOf(names, (row) => {
    show(row);
    // entries that came as events lack what DRS said besides
    if (row.kind === 'job') {
      void refetch();
    }
  }), [names, refetch]);
  const words = useMemo(
    () => (r: LogRow) => [eventName(r), r.text, r.actor, r.jobId, r.accountId, ...r.servers, ...r.servers.map((s) => names.get(s) ?? '')].join(' '),
    [names],
  );
  const predicate = useMemo(() => (row: LogRow) => passes(row, filter), [filter]);
  const options = LOG_FILTERS.map((value) => ({ value, label: t(`log.kind.${value}`) }));
  const failed = [history, logs].find((q) => q.isError && q.data === undefined);

  const copy = async () => {
    const shown = (held ?? rows).filter(predicate);
    try {
      await navigator.clipboard.writeText(tableCsv(columns, shown));
      flashes.add({ type: 'success', header: t('log.copied', { count: shown.length }) });
    } catch (cause) {
      flashes.error(t('log.copy.failed'), cause);
    }
  };

  const saveAll = async () => {
    const whole = await logs.refetch();
    download(`events-${id}.json`, 'application/json', `${JSON.stringify({ executionId: id, events: history.data, jobLogs: whole.data?.jobLogs }, null, 2)}\n`);
  };

  return (
    <SpaceBetween size="s">
      {failed === undefined ? null : <Failed what={t('events.failed')} error={failed.error} retry={() => void failed.refetch()} />}
      {(logs.data?.jobLogs ?? []).flatMap((log) => (log.error === undefined ? [] : [log])).map((log) => (
        <Alert key={log.jobId} type="warning">
          {t('log.jobfailed', { job: log.jobId ?? '', error: log.error })}
        </Alert>
      ))}
      <DataTable
        id="run-events"
        variant="embedded"
        title={t('log.table')}
        items={held ?? rows}
        columns={columns}
        rowKey={(r) => r.key}
        text={words}
        loading={history.isPending || logs.isPending}
        empty={t('log.empty')}
        sort={{ id: 'time', descending: true }}
        predicate={predicate}
        filters={
          <SpaceBetween size="s" direction="horizontal" alignItems="center">
            <Select
              ariaLabel={t('log.kind')}
              options={options}
              selectedOption={options.find((o) => o.value === filter) ?? null}
              onChange={({ detail }) => {
                setKind(detail.selectedOption.value === 'all' ? '' : (detail.selectedOption.value ?? ''));
              }}
            />
            <Toggle checked={held === null} onChange={({ detail }) => {
              setHeld(detail.checked ? null : rows);
            }}>
              {t('log.follow')}
            </Toggle>
            {held === null ? null : <Box color="text-body-secondary">{t('log.held', { count: rows.length - held.length })}</Box>}
          </SpaceBetween>
        }
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button iconName="copy" variant="icon" ariaLabel={t('log.copy')} disabled={rows.length === 0} onClick={() => void copy()} />
            <Button iconName="file" variant="icon" ariaLabel={t('log.json')} disabled={rows.length === 0} onClick={() => void saveAll()} />
          </SpaceBetween>
        }
      />
      {shown === null ? null : <Raw row={rows.find((r) => r.key === shown.key && r.at === shown.at) ?? shown} close={() => {
        show(null);
      }} />}
    </SpaceBetween>
  );
}
