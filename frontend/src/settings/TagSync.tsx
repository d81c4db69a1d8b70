import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
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
import type { Schemas } from '../api/client';
import { useTagSync, useTagSyncStatus } from '../api/queries';
import { useAccountChoice } from '../app/account';
import { useServices } from '../app/context';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Status } from '../components/Status';
import { Ago, Time } from '../components/Time';
import { t } from '../i18n/t';

const HOURS = [1, 2, 4, 6, 8, 12, 24];

interface Setting {
  enabled: boolean;
  intervalHours: number;
}

function Form({ saved }: { saved: Setting & { lastModified: string | null } }) {
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
        <div>
          {t('modified')}: <Time value={saved.lastModified} />
        </div>
      </SpaceBetween>
    </Container>
  );
}

function LastRun() {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const accountId = useAccountChoice().selected?.accountId;
  const query = useTagSyncStatus();
  const run = useMutation({
    mutationFn: () =>
      api.post('/drs/tag-sync', { body: { async: true, ...(accountId === undefined ? {} : { accountId }) } satisfies Body }),
    onSuccess: () => {
      flashes.add({ type: 'info', header: t('tagsync.started') });
    },
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
      ) : last.lastSync === null ? (
        <Alert type="info">{t('tagsync.never')}</Alert>
      ) : (
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('status'), value: <Status value={last.status} kind="tagsync" /> },
            { label: t('time'), value: <Ago value={last.lastSync} /> },
            { label: t('tagsync.synced'), value: `${String(last.totalSynced)} / ${String(last.totalServers)}` },
            { label: t('failed'), value: last.totalFailed },
          ]}
        />
      )}
    </Container>
  );
}

type Body = { async: boolean; accountId?: Schemas['TargetAccount']['accountId'] };

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
      <LastRun />
    </SpaceBetween>
  );
}
