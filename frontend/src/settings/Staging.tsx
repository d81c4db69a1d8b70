import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys, useCapacity, useServiceLimits } from '../api/queries';
import type { Account } from '../app/account';
import { useServices } from '../app/context';
import { DataTable } from '../components/DataTable';
import { Dialog } from '../components/Dialog';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { RegionSelect } from '../components/RegionSelect';
import { Term } from '../components/Term';
import { Time } from '../components/Time';
import '../i18n/accounts';
import { t } from '../i18n/t';
import { accountProblems } from './account-form';
import { RemoveDialog, useOne } from './manage';
import { TARGET_ROLE } from './trust';

const EXTERNAL_ID = 'drs-orchestration-cross-account';

function Add({ account, close }: { account: Account; close: () => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const [accountId, setAccountId] = useState('');
  const [accountName, setAccountName] = useState('');
  const [roleArn, setRoleArn] = useState('');
  const [externalId, setExternalId] = useState(EXTERNAL_ID);
  const [region, setRegion] = useState('us-east-1');
  const [shared, setShared] = useState(false);
  // without one it is the standard role of the account
  const role = roleArn.trim() === '' ? {} : { roleArn: roleArn.trim() };
  const { roleArn: roleProblem } = accountProblems({ accountId, accountName, roleArn, externalId }, '', false);
  const incomplete = !/^\d{12}$/.test(accountId) || externalId === '' || roleProblem !== undefined;
  const check = useMutation({
    mutationFn: () =>
      api.post('/staging-accounts/validate', { body: { accountId, externalId, region, targetAccountId: account.accountId, ...role } }),
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
            ...role,
            ...(accountName.trim() === '' ? {} : { accountName: accountName.trim() }),
            ...(shared ? { shared: true } : {}),
          },
        },
      }),
    onSuccess: () => {
      flashes.add({ type: 'success', header: t('staging.added', { id: accountId }) });
      close();
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  // any change makes a former check worthless
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    check.reset();
  };
  const input = (value: string, set: (value: string) => void) => (
    <Input value={value} onChange={({ detail }) => {
      change(set)(detail.value);
    }} />
  );
  const perAccount = useServiceLimits().data?.limits.MAX_REPLICATING_SERVERS;
  const before = useCapacity(account.accountId).data?.combined;
  const result = check.data;
  const failure = check.isError ? check.error : add.isError ? add.error : null;
  return (
    <Dialog
      title={t('staging.add')}
      size="medium"
      problem={failure === null ? null : explain(toApiError(failure))}
      close={close}
      buttons={
        <SpaceBetween size="xs" direction="horizontal">
          <Button disabled={incomplete} loading={check.isPending} onClick={() => {
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
      }
    >
      <FormField label={t('accounts.id')} constraintText={t('account.accountId.hint')}>
        {input(accountId, setAccountId)}
      </FormField>
      <FormField label={t('name')}>
        <Input value={accountName} onChange={({ detail }) => {
          setAccountName(detail.value.slice(0, 50));
        }} />
      </FormField>
      <FormField label={t('account.roleArn')} description={t('staging.role.hint', { role: TARGET_ROLE })} errorText={roleProblem}>
        {input(roleArn, setRoleArn)}
      </FormField>
      <FormField label={t('account.externalId')}>
        {input(externalId, setExternalId)}
      </FormField>
      <FormField label={t('region')} description={t('staging.region.hint')}>
        <RegionSelect value={region} set={change(setRegion)} />
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
    </Dialog>
  );
}

/** What the staging account replicates now, for who wants to remove it. */
function StagingUse({ targetId, stagingId }: { targetId: string; stagingId: string }) {
  const query = useCapacity(targetId);
  if (query.data === undefined) {
    return query.isError ? (
      <Failed what={t('staging.use.failed')} error={query.error} retry={() => void query.refetch()} />
    ) : (
      <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
    );
  }
  const use = query.data.accounts.find((a) => a.accountId === stagingId);
  if (use === undefined || use.accessible === false) {
    return <Alert type="warning">{t('staging.use.unknown', { error: use?.error ?? '' })}</Alert>;
  }
  return use.totalServers === 0 ? (
    <StatusIndicator type="success">{t('staging.use.none')}</StatusIndicator>
  ) : (
    <Alert type="warning" header={t('staging.use.some', { count: use.totalServers, replicating: use.replicatingServers })}>
      {t('staging.use.text')}
    </Alert>
  );
}

/** Accounts that lend replication capacity to a target account. */
export function Staging({ account }: { account: Account }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const [open, setOpen] = useState<'add' | 'remove' | null>(null);
  const { one, selection } = useOne(account.stagingAccounts, (s) => s.accountId);
  const close = () => {
    setOpen(null);
  };
  const sync = useMutation({
    mutationFn: () => api.post('/accounts/targets/{id}/staging-accounts/sync', { path: { id: account.accountId } }),
    onSuccess: (answer) => {
      flashes.add({ type: answer.complete === false ? 'warning' : 'success', header: t('staging.synced'), content: answer.message });
    },
    onError: (cause) => {
      flashes.error(t('staging.sync.failed'), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  return (
    <>
      <DataTable
        id="staging"
        variant="container"
        title={t('staging.of', { name: account.accountName ?? account.accountId })}
        info={<Term word="staging" />}
        items={account.stagingAccounts}
        rowKey={(s) => s.accountId}
        text={(s) => [s.accountId, s.accountName].join(' ')}
        loading={false}
        empty={t('staging.none')}
        emptyHint={t('staging.what')}
        selection={selection}
        columns={[
          { id: 'id', header: t('accounts.id'), name: true, sort: (s) => s.accountId, cell: (s) => s.accountId },
          { id: 'name', header: t('name'), sort: (s) => s.accountName, cell: (s) => s.accountName },
          { id: 'role', header: t('account.roleArn'), sort: (s) => s.roleArn, cell: (s) => s.roleArn },
          { id: 'source', header: t('source'), sort: (s) => s.source ?? 'manual', cell: (s) => t(`staging.source.${s.source ?? 'manual'}`) },
          { id: 'added', header: t('created'), sort: (s) => s.addedAt ?? '', cell: (s) => <Time value={s.addedAt} />, optional: true },
        ]}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton permission="modify_accounts" loading={sync.isPending} onClick={() => {
              sync.mutate();
            }}>
              {t('staging.sync')}
            </GatedButton>
            <GatedButton permission="modify_accounts" disabled={one === null} onClick={() => {
              setOpen('remove');
            }}>
              {t('remove')}
            </GatedButton>
            <GatedButton permission="modify_accounts" onClick={() => {
              setOpen('add');
            }}>
              {t('staging.add')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {open === 'add' ? <Add account={account} close={close} /> : null}
      {open === 'remove' && one !== null ? (
        <RemoveDialog
          title={t('staging.remove.title', { id: one.accountId })}
          action={t('remove')}
          remove={() =>
            api.delete('/accounts/targets/{id}/staging-accounts/{stagingAccountId}', {
              path: { id: account.accountId, stagingAccountId: one.accountId },
            })
          }
          stale={keys.accounts}
          close={close}
        >
          <Box>{t('staging.remove.text')}</Box>
          <StagingUse targetId={account.accountId} stagingId={one.accountId} />
        </RemoveDialog>
      ) : null}
    </>
  );
}
