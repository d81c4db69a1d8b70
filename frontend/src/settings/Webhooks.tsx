import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import Multiselect from '@cloudscape-design/components/multiselect';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { usePlans } from '../api/queries';
import { useAccountChoice } from '../app/account';
import { useServices } from '../app/context';
import { DataTable, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Ago } from '../components/Time';
import '../i18n/notify';
import { t } from '../i18n/t';
import { eventName } from './Notifications';
import { RemoveDialog, SaveDialog, useOne } from './manage';
import { newSecret, webhookBody, webhookForm, webhookProblems, type Webhook, type WebhookForm } from './notify';
import { useNotificationSettings, useWebhooks } from './notify-queries';

const STALE = ['settings', 'webhooks'];

const FIELDS = ['name', 'url', 'events', 'planIds', 'secret'] as const;

function Editor({ webhook, close, saved }: { webhook: Webhook | null; close: () => void; saved: (secret: string) => void }) {
  const { api } = useServices();
  const events = Object.keys(useNotificationSettings().data?.events ?? {});
  const { selected, all } = useAccountChoice();
  const plans = usePlans(selected?.accountId ?? '', selected !== null || all).data?.plans ?? [];
  const [form, setForm] = useState<WebhookForm>(() => webhookForm(webhook));
  const planOptions = [...new Set([...plans.map((p) => p.planId), ...form.planIds])].map((value) => ({
    value, label: plans.find((p) => p.planId === value)?.planName ?? value,
  }));
  const eventOptions = [...new Set([...events, ...form.events])].map((value) => ({ value, label: eventName(value) }));
  const deselect = (option: { label?: string }) => t('editor.deselect', { name: option.label ?? '' });
  return (
    <SaveDialog
      title={webhook === null ? t('webhook.add') : t('webhook.edit', { name: webhook.name })}
      fields={FIELDS}
      problems={webhookProblems(form, webhook === null)}
      save={() =>
        webhook === null
          ? api.post('/config/webhooks', { body: { ...webhookBody(form), secret: form.secret }, idempotencyKey: crypto.randomUUID() })
          : api.put('/config/webhooks/{webhookId}', {
              path: { webhookId: webhook.webhookId },
              body: { ...webhookBody(form), ...(form.secret === '' ? {} : { secret: form.secret }), version: webhook.version },
            })
      }
      stale={STALE}
      saved={() => {
        saved(form.secret);
      }}
      close={close}
      conflict={t('notify.changed')}
    >
      {(problem, changed) => {
        const set = (change: Partial<WebhookForm>) => {
          changed();
          setForm({ ...form, ...change });
        };
        return (
          <>
            <FormField label={t('name')} errorText={problem('name')}>
              <Input value={form.name} onChange={({ detail }) => {
                set({ name: detail.value });
              }} />
            </FormField>
            <FormField label={t('webhook.url')} description={t('webhook.url.hint')} errorText={problem('url')}>
              <Input value={form.url} spellcheck={false} onChange={({ detail }) => {
                set({ url: detail.value });
              }} />
            </FormField>
            <FormField label={t('webhook.events')} errorText={problem('events')}>
              <SpaceBetween size="xs">
                <Checkbox checked={form.allEvents} onChange={({ detail }) => {
                  set({ allEvents: detail.checked });
                }}>
                  {t('webhook.events.all')}
                </Checkbox>
                {form.allEvents ? null : (
                  <Multiselect
                    options={eventOptions}
                    selectedOptions={eventOptions.filter((o) => form.events.includes(o.value))}
                    placeholder={t('webhook.events.choose')}
                    ariaLabel={t('webhook.events')}
                    deselectAriaLabel={deselect}
                    onChange={({ detail }) => {
                      set({ events: detail.selectedOptions.map((o) => o.value ?? '') });
                    }}
                  />
                )}
              </SpaceBetween>
            </FormField>
            <FormField label={t('nav.plans')} errorText={problem('planIds')}>
              <SpaceBetween size="xs">
                <Checkbox checked={form.allPlans} description={t('webhook.plans.all.hint')} onChange={({ detail }) => {
                  set({ allPlans: detail.checked });
                }}>
                  {t('webhook.plans.all')}
                </Checkbox>
                {form.allPlans ? null : (
                  <Multiselect
                    filteringType="auto"
                    options={planOptions}
                    selectedOptions={planOptions.filter((o) => form.planIds.includes(o.value))}
                    placeholder={t('webhook.plans.choose')}
                    ariaLabel={t('nav.plans')}
                    empty={t('plans.none')}
                    deselectAriaLabel={deselect}
                    onChange={({ detail }) => {
                      set({ planIds: detail.selectedOptions.map((o) => o.value ?? '') });
                    }}
                  />
                )}
              </SpaceBetween>
            </FormField>
            <FormField
              label={t('webhook.secret')}
              description={t(webhook === null ? 'webhook.secret.hint' : 'webhook.secret.keep')}
              errorText={problem('secret')}
              secondaryControl={
                <Button onClick={() => {
                  set({ secret: newSecret() });
                }}>
                  {t('webhook.secret.make')}
                </Button>
              }
            >
              <Input value={form.secret} spellcheck={false} autoComplete={false} onChange={({ detail }) => {
                set({ secret: detail.value });
              }} />
            </FormField>
            <Toggle checked={form.enabled} onChange={({ detail }) => {
              set({ enabled: detail.checked });
            }}>
              {t('webhook.enabled')}
            </Toggle>
          </>
        );
      }}
    </SaveDialog>
  );
}

/** The one time that a secret is shown. */
function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Modal
      visible
      header={t('webhook.secret.once')}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            {t('webhook.secret.done')}
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">{t('webhook.secret.once.text')}</Alert>
        <CopyToClipboard
          variant="inline"
          textToCopy={secret}
          copyButtonAriaLabel={t('webhook.secret.copy')}
          copySuccessText={t('copied')}
          copyErrorText={t('copy.failed')}
        />
      </SpaceBetween>
    </Modal>
  );
}

const DELIVERY = { DELIVERED: 'success', RETRYING: 'in-progress', FAILED: 'error' } as const;

function Delivery({ webhook }: { webhook: Webhook }) {
  const last = webhook.lastDelivery;
  if (last === null) {
    return <Box color="text-status-inactive">{t('webhook.never')}</Box>;
  }
  return (
    <SpaceBetween size="xxs">
      <span>
        <StatusIndicator type={DELIVERY[last.status]}>{t(`webhook.delivery.${last.status}`)}</StatusIndicator> <Ago value={last.time} />
      </span>
      {last.status === 'DELIVERED' ? null : (
        <Box variant="small" color="text-body-secondary">
          {t('webhook.delivery.tries', { count: last.attempts, error: last.error ?? '' })}
        </Box>
      )}
    </SpaceBetween>
  );
}

export default function Webhooks() {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const query = useWebhooks();
  const [open, setOpen] = useState<'add' | 'edit' | 'delete' | null>(null);
  const [secret, setSecret] = useState('');
  const webhooks = query.data ?? [];
  const { one, selection } = useOne(webhooks, (w) => w.webhookId);
  const close = () => {
    setOpen(null);
  };
  const path = { webhookId: one?.webhookId ?? '' };
  const settled = { onSettled: () => client.invalidateQueries({ queryKey: STALE }) };
  const test = useMutation({
    mutationFn: () => api.post('/config/webhooks/{webhookId}/test', { path, idempotencyKey: crypto.randomUUID() }),
    onSuccess: () => {
      flashes.add({ type: 'info', header: t('webhook.tested'), content: t('webhook.tested.text') });
    },
    onError: (cause) => {
      flashes.error(t('webhook.test.failed'), cause);
    },
    ...settled,
  });
  const pause = useMutation({
    mutationFn: (enabled: boolean) => api.put('/config/webhooks/{webhookId}', { path, body: { enabled } }),
    onError: (cause) => {
      flashes.error(t('webhook.change.failed'), cause);
    },
    ...settled,
  });
  if (query.isError && query.data === undefined) {
    return <Failed what={t('webhooks.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const which = one === null ? t('webhook.selectone') : undefined;
  const columns: Column<Webhook>[] = [
    { id: 'name', header: t('name'), name: true, sort: (w) => w.name, cell: (w) => w.name },
    { id: 'url', header: t('webhook.url'), sort: (w) => w.url, cell: (w) => w.url },
    {
      id: 'events', header: t('webhook.events'), csv: (w) => w.events.join(' '),
      cell: (w) => (w.events.includes('*') ? t('webhook.events.all') : w.events.map(eventName).join(', ')),
    },
    {
      id: 'plans', header: t('nav.plans'), sort: (w) => w.planIds.length,
      cell: (w) => (w.planIds.length === 0 ? t('webhook.plans.all') : t('webhook.plans.some', { count: w.planIds.length })),
    },
    {
      id: 'state', header: t('state'), sort: (w) => (w.enabled ? 0 : 1),
      cell: (w) => <StatusIndicator type={w.enabled ? 'success' : 'stopped'}>{t(w.enabled ? 'webhook.enabled' : 'webhook.paused')}</StatusIndicator>,
    },
    { id: 'last', header: t('webhook.last'), sort: (w) => w.lastDelivery?.time ?? '', cell: (w) => <Delivery webhook={w} /> },
  ];
  return (
    <>
      <DataTable
        id="webhooks"
        variant="container"
        title={t('settings.webhooks')}
        description={t('webhooks.description')}
        items={webhooks}
        rowKey={(w) => w.webhookId}
        text={(w) => [w.name, w.url].join(' ')}
        loading={query.isPending}
        empty={t('webhooks.none')}
        emptyHint={t('webhooks.none.hint')}
        selection={selection}
        columns={columns}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton permission="import_configuration" disabled={one === null} disabledReason={which} onClick={() => {
              setOpen('delete');
            }}>
              {t('delete')}
            </GatedButton>
            <GatedButton permission="import_configuration" disabled={one === null} disabledReason={which} loading={pause.isPending} onClick={() => {
              pause.mutate(one?.enabled === false);
            }}>
              {t(one?.enabled === false ? 'webhook.resume' : 'webhook.pause')}
            </GatedButton>
            <GatedButton permission="import_configuration" disabled={one === null} disabledReason={which} loading={test.isPending} onClick={() => {
              test.mutate();
            }}>
              {t('webhook.test')}
            </GatedButton>
            <GatedButton permission="import_configuration" disabled={one === null} disabledReason={which} onClick={() => {
              setOpen('edit');
            }}>
              {t('edit')}
            </GatedButton>
            <GatedButton permission="import_configuration" variant="primary" onClick={() => {
              setOpen('add');
            }}>
              {t('webhook.add')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {open === 'add' || open === 'edit' ? (
        <Editor
          webhook={open === 'edit' ? one : null}
          saved={(made) => {
            setOpen(null);
            setSecret(made);
          }}
          close={close}
        />
      ) : null}
      {secret === '' ? null : (
        <Secret secret={secret} onClose={() => {
          setSecret('');
        }} />
      )}
      {open === 'delete' && one !== null ? (
        <RemoveDialog
          title={t('webhook.delete.title', { name: one.name })}
          action={t('delete')}
          remove={() => api.delete('/config/webhooks/{webhookId}', { path })}
          stale={STALE}
          close={close}
        >
          <Box>{t('webhook.delete.text')}</Box>
        </RemoveDialog>
      ) : null}
    </>
  );
}
