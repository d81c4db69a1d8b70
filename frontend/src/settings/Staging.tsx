import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Modal from '@cloudscape-design/components/modal';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys, useCapacity, useServiceLimits } from '../api/queries';
import type { Account } from '../app/account';
import { useServices } from '../app/context';
import { Confirm } from '../components/Confirm';
import { DataTable } from '../components/DataTable';
import { GatedButton } from '../components/GatedButton';
import { Time } from '../components/Time';
import '../i18n/accounts';
import { t } from '../i18n/t';

type StagingAccount = Account['stagingAccounts'][number];

const EXTERNAL_ID = 'drs-orchestration-cross-account';

function Add({ account, onClose }: { account: Account; onClose: () => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const [accountId, setAccountId] = useState('');
  const [accountName, setAccountName] = useState('');
  const [externalId, setExternalId] = useState(EXTERNAL_ID);
  const [region, setRegion] = useState('us-east-1');
  const [shared, setShared] = useState(false);
  const check = useMutation({
    mutationFn: () => api.post('/staging-accounts/validate', { body: { accountId, externalId, region, targetAccountId: account.accountId } }),
  });
  const add = useMutation({
    mutationFn: () =>
      api.post('/accounts/targets/{id}/staging-accounts', {
        path: { id: account.accountId },
        idempotencyKey: crypto.randomUUID(),
        body: {
          stagingAccount: {
            accountId,
            externalId,
            ...(accountName.trim() === '' ? {} : { accountName: accountName.trim() }),
            ...(shared ? { shared: true } : {}),
          },
        },
      }),
    onSuccess: () => {
      flashes.add({ type: 'success', header: t('staging.added', { id: accountId }) });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  // any change makes a former check worthless
  const change = (set: (value: string) => void) => (event: { detail: { value: string } }) => {
    set(event.detail.value);
    check.reset();
  };
  const limits = useServiceLimits().data;
  const regions = [...new Set([region, ...(limits?.regions ?? [])])].sort().map((value) => ({ value, label: value }));
  const perAccount = limits?.limits.MAX_REPLICATING_SERVERS;
  const before = useCapacity(account.accountId).data?.combined;
  const result = check.data;
  const failure = check.isError ? check.error : add.isError ? add.error : null;
  return (
    <Modal
      visible
      header={t('staging.add')}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button disabled={!/^\d{12}$/.test(accountId) || externalId === ''} loading={check.isPending} onClick={() => {
              check.mutate();
            }}>
              {t('staging.check')}
            </Button>
            <Button variant="primary" disabled={result?.valid !== true} loading={add.isPending} onClick={() => {
              add.mutate();
            }}>
              {t('add')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label={t('accounts.id')} constraintText={t('account.accountId.hint')}>
          <Input value={accountId} onChange={change(setAccountId)} />
        </FormField>
        <FormField label={t('name')}>
          <Input value={accountName} onChange={({ detail }) => {
            setAccountName(detail.value.slice(0, 50));
          }} />
        </FormField>
        <FormField label={t('account.externalId')}>
          <Input value={externalId} onChange={change(setExternalId)} />
        </FormField>
        <FormField label={t('region')} description={t('staging.region.hint')}>
          <Select
            filteringType="auto"
            options={regions}
            selectedOption={regions.find((r) => r.value === region) ?? null}
            onChange={({ detail }) => {
              setRegion(detail.selectedOption.value ?? '');
              check.reset();
            }}
          />
        </FormField>
        <Checkbox checked={shared} onChange={({ detail }) => {
          setShared(detail.checked);
        }}>
          {t('staging.shared')}
        </Checkbox>
        {result === undefined ? null : result.valid ? (
          <SpaceBetween size="s">
            <StatusIndicator type="success">{t('staging.valid')}</StatusIndicator>
            <KeyValuePairs
              columns={3}
              items={[
                { label: t('staging.before'), value: before === undefined ? '–' : t('capacity.of', { current: before.totalReplicating, max: before.maxReplicating }) },
                {
                  label: t('staging.after'),
                  value: before === undefined || perAccount === undefined ? result.totalAfter : t('capacity.of', { current: result.totalAfter, max: before.maxReplicating + perAccount }),
                },
                { label: t('staging.current'), value: result.currentServers },
              ]}
            />
            {result.currentServers > 0 ? <Alert type="warning">{t('staging.occupied', { count: result.currentServers })}</Alert> : null}
          </SpaceBetween>
        ) : (
          <StatusIndicator type="error">{result.error ?? t('staging.invalid')}</StatusIndicator>
        )}
        {failure === null ? null : <Alert type="error">{explain(toApiError(failure))}</Alert>}
      </SpaceBetween>
    </Modal>
  );
}

/** Accounts that lend replication capacity to a target account. */
export function Staging({ account }: { account: Account }) {
  const { api } = useServices();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [selected, setSelected] = useState<StagingAccount[]>([]);
  const [removing, setRemoving] = useState(false);
  const one = selected.length === 1 ? (selected[0] ?? null) : null;
  const remove = useMutation({
    mutationFn: (stagingAccountId: string) =>
      api.delete('/accounts/targets/{id}/staging-accounts/{stagingAccountId}', {
        path: { id: account.accountId, stagingAccountId },
      }),
    onSuccess: () => {
      setRemoving(false);
      setSelected([]);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  return (
    <>
      <DataTable
        id="staging"
        variant="container"
        title={t('staging.of', { name: account.accountName ?? account.accountId })}
        items={account.stagingAccounts}
        rowKey={(s) => s.accountId}
        text={(s) => [s.accountId, s.accountName].join(' ')}
        loading={false}
        empty={t('staging.none')}
        emptyHint={t('staging.what')}
        selection={{ selected, set: setSelected }}
        columns={[
          { id: 'id', header: t('accounts.id'), name: true, sort: (s) => s.accountId, cell: (s) => s.accountId },
          { id: 'name', header: t('name'), sort: (s) => s.accountName, cell: (s) => s.accountName },
          { id: 'role', header: t('account.roleArn'), sort: (s) => s.roleArn, cell: (s) => s.roleArn },
          { id: 'source', header: t('source'), sort: (s) => s.source ?? 'manual', cell: (s) => t(`staging.source.${s.source ?? 'manual'}`) },
          { id: 'added', header: t('created'), sort: (s) => s.addedAt ?? '', cell: (s) => <Time value={s.addedAt} />, optional: true },
        ]}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton permission="modify_accounts" disabled={one === null} onClick={() => {
              remove.reset();
              setRemoving(true);
            }}>
              {t('remove')}
            </GatedButton>
            <GatedButton permission="modify_accounts" onClick={() => {
              setAdding(true);
            }}>
              {t('staging.add')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {adding ? (
        <Add account={account} onClose={() => {
          setAdding(false);
        }} />
      ) : null}
      {removing && one !== null ? (
        <Confirm
          title={t('staging.remove.title', { id: one.accountId })}
          action={t('remove')}
          busy={remove.isPending}
          problem={remove.isError ? explain(toApiError(remove.error)) : null}
          onConfirm={() => {
            remove.mutate(one.accountId);
          }}
          onClose={() => {
            setRemoving(false);
          }}
        >
          <Box>{t('staging.remove.text')}</Box>
        </Confirm>
      ) : null}
    </>
  );
}
