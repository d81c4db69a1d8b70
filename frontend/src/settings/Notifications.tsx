import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { usePlans } from '../api/queries';
import { accountText, useAccountChoice } from '../app/account';
import { useServices } from '../app/context';
import { refusedFields } from '../components/EditorForm';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { LeaveGuard } from '../components/LeaveGuard';
import { Link } from '../components/Link';
import '../i18n/notices';
import '../i18n/notify';
import Table from '../components/Table';
import { hasMessage, t } from '../i18n/t';
import { humanize } from '../lib/status';
import { formatSeconds } from '../lib/time';
import { notifyBody, notifyForm, notifyProblems, type NotifyForm, type Settings } from './notify';
import { useNotificationSettings } from './notify-queries';

/** The name of an event, as the notification centre has it. */
export function eventName(event: string): string {
  const id = `notice.${event}`;
  return hasMessage(id) ? t(id) : humanize(event);
}

function Outbox({ settings }: { settings: Settings }) {
  const { pending, failed, oldestAgeSeconds } = settings.outbox;
  return (
    <Container header={<Header variant="h2" description={t('notify.outbox.what')}>{t('notify.outbox')}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: t('notify.outbox.pending'), value: pending },
          { label: t('notify.outbox.oldest'), value: pending === 0 ? '–' : formatSeconds(oldestAgeSeconds) },
          {
            label: t('notify.outbox.failed'),
            value:
              failed === 0 ? (
                0
              ) : (
                <StatusIndicator type="error">{t('notify.outbox.retry', { count: failed })}</StatusIndicator>
              ),
          },
        ]}
      />
    </Container>
  );
}

function Form({ settings }: { settings: Settings }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const [base, setBase] = useState(settings);
  const [form, setForm] = useState<NotifyForm>(() => notifyForm(settings));
  const dirty = JSON.stringify(form) !== JSON.stringify(notifyForm(base));
  if (!dirty && settings.version !== base.version) {
    setBase(settings);
    setForm(notifyForm(settings));
  }
  const problems = notifyProblems(form);
  const save = useMutation({
    mutationFn: () => api.put('/config/notifications', { body: { ...notifyBody(form), version: base.version } }),
    onSuccess: (saved) => {
      setBase(saved);
      setForm(notifyForm(saved));
      client.setQueryData(['settings', 'notifications'], saved);
      flashes.add({ type: 'success', header: t('notify.saved') });
    },
  });
  const failure = save.isError ? toApiError(save.error) : null;
  const refused = failure === null ? {} : Object.fromEntries(refusedFields(failure));
  const problem = (field: string) => refused[field] ?? problems[field];
  const set = (change: Partial<NotifyForm>) => {
    save.reset();
    setForm({ ...form, ...change });
  };
  const text = (field: 'executionTopicArn' | 'alertsTopicArn' | 'adminEmail' | 'publicBaseUrl') => (
    <FormField label={t(`notify.${field}`)} description={t(`notify.${field}.hint`)} errorText={problem(field)}>
      <Input value={form[field]} spellcheck={false} onChange={({ detail }) => {
        set({ [field]: detail.value });
      }} />
    </FormField>
  );
  return (
    <Container
      header={<Header variant="h2" description={t('notify.what')}>{t('notify.title')}</Header>}
      footer={
        <SpaceBetween size="xs" direction="horizontal">
          <GatedButton
            permission="import_configuration"
            variant="primary"
            disabled={!dirty || Object.keys(problems).length > 0}
            loading={save.isPending}
            onClick={() => {
              save.mutate();
            }}
          >
            {t('save')}
          </GatedButton>
          <Button disabled={!dirty} onClick={() => {
            save.reset();
            setBase(settings);
            setForm(notifyForm(settings));
          }}>
            {t('reset')}
          </Button>
        </SpaceBetween>
      }
    >
      <LeaveGuard dirty={dirty} discard={() => {
        setForm(notifyForm(base));
      }} />
      <SpaceBetween size="m">
        {dirty && settings.version !== base.version ? <Alert type="warning">{t('notify.changed')}</Alert> : null}
        {text('executionTopicArn')}
        {text('alertsTopicArn')}
        {text('adminEmail')}
        {text('publicBaseUrl')}
        <FormField label={t('notify.reminders')} description={t('notify.reminders.hint')} errorText={problem('pauseReminderHours')}>
          <Input value={form.reminders} onChange={({ detail }) => {
            set({ reminders: detail.value });
          }} />
        </FormField>
        <FormField label={t('notify.events')} description={t('notify.events.hint')} errorText={problem('events')} stretch>
          <ColumnLayout columns={3}>
            {Object.keys(form.events).map((event) => (
              <Checkbox key={event} checked={form.events[event] ?? false} onChange={({ detail }) => {
                set({ events: { ...form.events, [event]: detail.checked } });
              }}>
                {eventName(event)}
              </Checkbox>
            ))}
          </ColumnLayout>
        </FormField>
        {failure !== null && Object.keys(refused).length === 0 ? (
          <Alert type="error" header={t('notify.failed')}>{failure.code === 'VERSION_CONFLICT' ? t('notify.changed') : explain(failure)}</Alert>
        ) : null}
      </SpaceBetween>
    </Container>
  );
}

/** Which plan writes to whom, and whether the address agreed. */
function PlanMails() {
  const { accounts, selected, all } = useAccountChoice();
  const query = usePlans(selected?.accountId ?? '', selected !== null || all);
  const plans = (query.data?.plans ?? []).filter((plan) => plan.notificationEmail !== '');
  if (selected === null && !all) {
    return null;
  }
  if (query.isError && query.data === undefined) {
    return <Failed what={t('plans.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <Table
      items={plans}
      trackBy={(p) => p.planId}
      loading={query.isPending}
      loadingText={t('loading')}
      header={<Header variant="h2" description={selected === null ? t('notify.plans.all') : t('notify.plans.what', { account: accountText(accounts, selected.accountId) })}>{t('notify.plans')}</Header>}
      ariaLabels={{ tableLabel: t('notify.plans') }}
      empty={t('notify.plans.none')}
      columnDefinitions={[
        { id: 'plan', header: t('plan'), isRowHeader: true, cell: (p) => <Link to={`/recovery-plans/${p.planId}`}>{p.planName}</Link> },
        { id: 'mail', header: t('notify.adminEmail'), cell: (p) => p.notificationEmail },
        {
          id: 'state',
          header: t('notify.subscription'),
          cell: (p) =>
            p.snsSubscriptionArn === undefined || p.snsSubscriptionArn === '' ? (
              <StatusIndicator type="stopped">{t('notify.subscription.none')}</StatusIndicator>
            ) : p.snsSubscriptionArn.startsWith('arn:') ? (
              <StatusIndicator type="success">{t('notify.subscription.confirmed')}</StatusIndicator>
            ) : (
              <StatusIndicator type="pending">{t('notify.subscription.pending')}</StatusIndicator>
            ),
        },
      ]}
    />
  );
}

export default function Notifications() {
  const query = useNotificationSettings();
  if (query.data === undefined) {
    return query.isError ? (
      <Failed what={t('notify.load.failed')} error={query.error} retry={() => void query.refetch()} />
    ) : (
      <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
    );
  }
  return (
    <SpaceBetween size="l">
      <Form settings={query.data} />
      <PlanMails />
      <Outbox settings={query.data} />
    </SpaceBetween>
  );
}
