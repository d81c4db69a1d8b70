import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useTagSync, useTagSyncStatus } from '../api/queries';
import { useAccountChoice } from '../app/account';
import { useServices } from '../app/context';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Status, statusText } from '../components/Status';
import { Ago, Time } from '../components/Time';
import '../i18n/notify';
import { t } from '../i18n/t';
import { toDate } from '../lib/time';
import { runTagSync } from './tagsync-watch';

const HOURS = [1, 2, 4, 6, 8, 12, 24];

interface Setting {
  enabled: boolean;
  intervalHours: number;
}

function Form({ saved }: { saved: NonNullable<ReturnType<typeof useTagSync>['data']> }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Setting>({ enabled: saved.enabled, intervalHours: saved.intervalHours });
  const changed = draft.enabled !== saved.enabled || draft.intervalHours !== saved.intervalHours;
  const save = useMutation({
    mutationFn: () => api.put('/config/tag-sync', { body: draft }),
    onSuccess: (answer) => {
      flashes.add({ type: 'success', header: t('tagsync.saved'), content: answer.message ?? '' });
    },
    onError: (cause) => {
      flashes.error(t('tagsync.save.failed'), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['settings'] }),
  });
  const hours = [...new Set([...HOURS, saved.intervalHours])].sort((a, b) => a - b);
  const options = hours.map((value) => ({ value: String(value), label: t('tagsync.hours', { count: value }) }));
  return (
    <Container
      header={
        <Header variant="h2" description={t('tagsync.what')}>
          {t('tagsync.schedule')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Toggle checked={draft.enabled} onChange={({ detail }) => {
          setDraft({ ...draft, enabled: detail.checked });
        }}>
          {t('tagsync.enabled')}
        </Toggle>
        <FormField label={t('tagsync.interval')}>
          <Select
            disabled={!draft.enabled}
            options={options}
            selectedOption={options.find((o) => o.value === String(draft.intervalHours)) ?? null}
            onChange={({ detail }) => {
              setDraft({ ...draft, intervalHours: Number(detail.selectedOption.value) });
            }}
          />
        </FormField>
        <SpaceBetween size="xs" direction="horizontal">
          <GatedButton permission="modify_protection_groups" variant="primary" disabled={!changed} loading={save.isPending} onClick={() => {
            save.mutate();
          }}>
            {t('save')}
          </GatedButton>
          <Button disabled={!changed} onClick={() => {
            setDraft({ enabled: saved.enabled, intervalHours: saved.intervalHours });
          }}>
            {t('reset')}
          </Button>
        </SpaceBetween>
        <KeyValuePairs
          columns={3}
          items={[
            { label: t('tagsync.expression'), value: <Box variant="code">{saved.scheduleExpression}</Box> },
            { label: t('tagsync.rule'), value: <Box variant="code">{saved.ruleName}</Box> },
            { label: t('modified'), value: <Time value={saved.lastModified} /> },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

/** When the schedule begins the next run, at the latest; null when it is off. */
export function nextSync(setting: Setting | undefined, lastSync: string | null): Date | null {
  const last = toDate(lastSync);
  return setting?.enabled !== true || last === null ? null : new Date(last.getTime() + setting.intervalHours * 3_600_000);
}

function LastRun({ setting }: { setting: Setting | undefined }) {
  const services = useServices();
  const { flashes } = services;
  const client = useQueryClient();
  const accountId = useAccountChoice().selected?.accountId;
  const query = useTagSyncStatus();
  const run = useMutation({
    mutationFn: () => runTagSync(services, client, accountId),
    onError: (cause) => {
      flashes.error(t('tagsync.start.failed'), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['settings'] }),
  });
  const last = query.data;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <GatedButton permission="modify_protection_groups" loading={run.isPending} onClick={() => {
              run.mutate();
            }}>
              {t('tagsync.now')}
            </GatedButton>
          }
        >
          {t('tagsync.last')}
        </Header>
      }
    >
      {query.isError ? (
        <Failed what={t('tagsync.failed')} error={query.error} retry={() => void query.refetch()} />
      ) : last === undefined ? (
        <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
      ) : (
        <SpaceBetween size="m">
          {last.status === 'IN_PROGRESS' ? (
            <div aria-live="polite">
              <StatusIndicator type="loading">{t(last.lastSync === null ? 'tagsync.running.first' : 'tagsync.running')}</StatusIndicator>
            </div>
          ) : last.lastSync === null ? (
            <Alert type="info">{t('tagsync.never')}</Alert>
          ) : null}
          {last.lastSync === null ? null : (
            <KeyValuePairs
              columns={4}
              items={[
                ...(last.status === 'IN_PROGRESS' ? [] : [{ label: t('status'), value: <Status value={last.status} kind="tagsync" /> }]),
                { label: t('tagsync.ended'), value: <Ago value={last.lastSync} /> },
                { label: t('source'), value: statusText(last.source, 'tagsource') },
                { label: t('accounts'), value: last.totalAccounts },
                { label: t('tagsync.synced'), value: t('capacity.of', { current: last.totalSynced, max: last.totalServers }) },
                { label: t('failed'), value: last.totalFailed },
                { label: t('tagsync.next'), value: setting?.enabled === true ? <Time value={nextSync(setting, last.lastSync)?.getTime()} /> : t('tagsync.off') },
              ]}
            />
          )}
          {last.status === 'PARTIAL' ? <Alert type="warning">{t('tagsync.partial')}</Alert> : null}
        </SpaceBetween>
      )}
    </Container>
  );
}

export default function TagSync() {
  const query = useTagSync();
  if (query.isError && query.data === undefined) {
    return <Failed what={t('tagsync.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <SpaceBetween size="l">
      {query.data === undefined ? (
        <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
      ) : (
        <Form key={`${String(query.data.enabled)}-${String(query.data.intervalHours)}`} saved={query.data} />
      )}
      <LastRun setting={query.data} />
    </SpaceBetween>
  );
}
