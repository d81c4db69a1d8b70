import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys, useAccounts, useCurrentAccount } from '../api/queries';
import type { Account } from '../app/account';
import { useServices } from '../app/context';
import { Confirm } from '../components/Confirm';
import { DataTable } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Status } from '../components/Status';
import { Ago } from '../components/Time';
import { t } from '../i18n/t';
import { AccountUse } from './AccountUse';
import { accountProblems, type AccountForm } from './account-form';
import { Staging } from './Staging';
import { Validation } from './Validation';

function Editor({ account, onClose }: { account: Account; onClose: () => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const own = useCurrentAccount().data?.accountId ?? '';
  const [form, setForm] = useState<AccountForm>({
    accountId: account.accountId,
    accountName: account.accountName ?? '',
    roleArn: account.roleArn ?? '',
    externalId: account.externalId ?? '',
  });
  const [touched, setTouched] = useState(false);
  const problems = accountProblems(form, own, true);
  const save = useMutation({
    mutationFn: () =>
      api.put('/accounts/targets/{id}', {
        path: { id: account.accountId },
        body: { accountName: form.accountName.trim(), roleArn: form.roleArn.trim(), externalId: form.externalId.trim() },
      }),
    onSuccess: () => {
      flashes.add({ type: 'success', header: t('account.saved', { id: form.accountId }) });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  const field = (key: keyof AccountForm, disabled = false) => (
    <FormField
      label={t(`account.${key}`)}
      description={t(`account.${key}.hint`)}
      errorText={touched && problems[key] !== undefined ? problems[key] : undefined}
    >
      <Input
        value={form[key]}
        disabled={disabled}
        onChange={({ detail }) => {
          setForm({ ...form, [key]: detail.value });
        }}
      />
    </FormField>
  );
  return (
    <Modal
      visible
      size="large"
      header={t('account.edit', { id: account.accountId })}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button
              variant="primary"
              loading={save.isPending}
              onClick={() => {
                setTouched(true);
                if (Object.keys(problems).length === 0) {
                  save.mutate();
                }
              }}
            >
              {t('save')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {field('accountId', true)}
        {field('accountName')}
        {field('roleArn')}
        {field('externalId')}
        {save.isError ? <Alert type="error">{explain(toApiError(save.error))}</Alert> : null}
      </SpaceBetween>
    </Modal>
  );
}

export default function Accounts() {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const query = useAccounts();
  const [selected, setSelected] = useState<Account[]>([]);
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const accounts = query.data ?? [];
  const one = selected.length === 1 ? (accounts.find((a) => a.accountId === selected[0]?.accountId) ?? null) : null;
  const validate = useMutation({
    mutationFn: (id: string) => api.post('/accounts/targets/{id}/validate', { path: { id } }),
    onError: (cause) => {
      flashes.error(t('account.validate.failed'), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.delete('/accounts/targets/{id}', { path: { id } }),
    onSuccess: () => {
      setOpen(null);
      setSelected([]);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  if (query.isError && query.data === undefined) {
    return <Failed what={t('accounts.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <SpaceBetween size="l">
      <DataTable
        id="accounts"
        variant="container"
        title={t('settings.accounts')}
        description={t('account.description')}
        items={accounts}
        rowKey={(a) => a.accountId}
        text={(a) => [a.accountId, a.accountName, a.roleArn].join(' ')}
        loading={query.isPending}
        empty={t('accounts.none.title')}
        emptyHint={t('accounts.none.what')}
        selection={{ selected, set: setSelected }}
        columns={[
          { id: 'id', header: t('accounts.id'), name: true, sort: (a) => a.accountId, cell: (a) => a.accountId },
          { id: 'name', header: t('name'), sort: (a) => a.accountName ?? '', cell: (a) => a.accountName ?? '–' },
          { id: 'own', header: t('account.kind'), sort: (a) => t(a.isCurrentAccount ? 'accounts.own' : 'accounts.foreign'), cell: (a) => (a.isCurrentAccount ? t('accounts.own') : t('accounts.foreign')) },
          { id: 'status', header: t('status'), sort: (a) => a.validationStatus ?? a.status, cell: (a) => <Status value={a.validationStatus ?? a.status} kind="account" /> },
          { id: 'validated', header: t('account.lastvalidated'), sort: (a) => a.lastValidated ?? '', cell: (a) => <Ago value={a.lastValidated} /> },
          { id: 'staging', header: t('account.staging'), sort: (a) => a.stagingAccounts.length, cell: (a) => a.stagingAccounts.length },
          { id: 'role', header: t('account.roleArn'), sort: (a) => a.roleArn ?? '', cell: (a) => a.roleArn ?? '–', optional: true },
        ]}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button disabled={one === null} loading={validate.isPending} onClick={() => {
              validate.mutate(one?.accountId ?? '');
            }}>
              {t('account.validate')}
            </Button>
            <GatedButton permission="modify_accounts" disabled={one === null} onClick={() => {
              setOpen('edit');
            }}>
              {t('edit')}
            </GatedButton>
            <GatedButton permission="delete_accounts" disabled={one === null} onClick={() => {
              remove.reset();
              setOpen('remove');
            }}>
              {t('remove')}
            </GatedButton>
            <GatedButton permission="register_accounts" variant="primary" onClick={() => {
              void navigate('/settings/accounts/new');
            }}>
              {t('account.add')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {one === null ? null : <Staging account={one} />}
      {open === 'edit' && one !== null ? (
        <Editor account={one} onClose={() => {
          setOpen(null);
        }} />
      ) : null}
      {open === 'remove' && one !== null ? (
        <Confirm
          title={t('account.remove.title', { id: one.accountId })}
          action={t('remove')}
          typed={one.accountId}
          busy={remove.isPending}
          problem={remove.isError ? explain(toApiError(remove.error)) : null}
          onConfirm={() => {
            remove.mutate(one.accountId);
          }}
          onClose={() => {
            setOpen(null);
          }}
        >
          <Box>{t('account.remove.text')}</Box>
          <AccountUse accountId={one.accountId} />
        </Confirm>
      ) : null}
      {validate.data === undefined ? null : (
        <Modal
          visible
          header={t('account.validated', { id: validate.data.accountId })}
          closeAriaLabel={t('close')}
          onDismiss={() => {
            validate.reset();
          }}
        >
          <Validation result={validate.data} />
        </Modal>
      )}
    </SpaceBetween>
  );
}
