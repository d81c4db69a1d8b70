import { useMutation, useQueryClient } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { showAtOnce } from '../api/optimistic';
import { keys, useAccounts, useCurrentAccount } from '../api/queries';
import type { Account } from '../app/account';
import { useServices } from '../app/context';
import { usePermissions } from '../app/permissions';
import { DataTable } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Status } from '../components/Status';
import { Term } from '../components/Term';
import { Ago } from '../components/Time';
import '../i18n/audit';
import { t } from '../i18n/t';
import { AccountUse } from './AccountUse';
import { accountProblems, type AccountForm } from './account-form';
import { RemoveDialog, SaveDialog, useOne } from './manage';
import { Staging } from './Staging';
import { Validation } from './Validation';

const FIELDS = ['accountId', 'accountName', 'roleArn', 'externalId'] as const;

function Editor({ account, close }: { account: Account; close: () => void }) {
  const { api, flashes } = useServices();
  const own = useCurrentAccount().data?.accountId ?? '';
  const [form, setForm] = useState<AccountForm>({
    accountId: account.accountId,
    accountName: account.accountName ?? '',
    roleArn: account.roleArn ?? '',
    externalId: account.externalId ?? '',
  });
  return (
    <SaveDialog
      title={t('account.edit', { id: account.accountId })}
      fields={FIELDS}
      problems={accountProblems(form, own, true)}
      save={() =>
        api.put('/accounts/targets/{id}', {
          path: { id: account.accountId },
          body: { accountName: form.accountName.trim(), roleArn: form.roleArn.trim(), externalId: form.externalId.trim() },
        })
      }
      stale={keys.accounts}
      saved={() => {
        flashes.add({ type: 'success', header: t('account.saved', { id: form.accountId }) });
        close();
      }}
      close={close}
    >
      {(problem, changed) =>
        FIELDS.map((field) => (
          <FormField key={field} label={t(`account.${field}`)} description={t(`account.${field}.hint`)} errorText={problem(field)}>
            <Input
              value={form[field]}
              disabled={field === 'accountId'}
              onChange={({ detail }) => {
                changed();
                setForm({ ...form, [field]: detail.value });
              }}
            />
          </FormField>
        ))
      }
    </SaveDialog>
  );
}

export default function Accounts() {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const gate = usePermissions();
  const own = useCurrentAccount().data?.accountId ?? '';
  const query = useAccounts();
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const accounts = query.data ?? [];
  const { one, selection } = useOne(accounts, (a) => a.accountId);
  const close = () => {
    setOpen(null);
  };
  const rename = useMutation({
    mutationFn: async ({ account, name }: { account: Account; name: string }) => {
      const undo = await showAtOnce<readonly Account[]>(client, keys.accounts, (all) =>
        all.map((a) => (a.accountId === account.accountId ? { ...a, accountName: name } : a)));
      try {
        await api.put('/accounts/targets/{id}', { path: { id: account.accountId }, body: { accountName: name } });
      } catch (cause) {
        undo();
        throw cause;
      }
    },
    onError: (cause, { account }) => {
      flashes.error(t('account.rename.failed', { id: account.accountId }), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  const validate = useMutation({
    mutationFn: (id: string) => api.post('/accounts/targets/{id}/validate', { path: { id } }),
    onError: (cause) => {
      flashes.error(t('account.validate.failed'), cause);
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
        info={<Term word="target" />}
        description={t('account.description')}
        items={accounts}
        rowKey={(a) => a.accountId}
        text={(a) => [a.accountId, a.accountName, a.roleArn].join(' ')}
        loading={query.isPending}
        empty={t('accounts.none.title')}
        emptyHint={t('accounts.none.what')}
        selection={selection}
        columns={[
          { id: 'id', header: t('accounts.id'), name: true, sort: (a) => a.accountId, cell: (a) => a.accountId },
          {
            id: 'name', header: t('name'), sort: (a) => a.accountName ?? '', cell: (a) => a.accountName ?? '–',
            edit: {
              value: (a) => a.accountName ?? '',
              control: (_, name, set) => (
                <Input autoFocus value={name} ariaLabel={t('name')} onChange={({ detail }) => {
                  set(detail.value);
                }} />
              ),
              problem: (a, name) => accountProblems({ accountId: a.accountId, accountName: name, roleArn: a.roleArn ?? '', externalId: a.externalId ?? '' }, own, true).accountName,
              submit: (a, name) => {
                rename.mutate({ account: a, name: name.trim() });
              },
              locked: gate.reason('modify_accounts'),
            },
          },
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
            <GatedButton permission="audit_read" disabled={one === null} onClick={() => void navigate(`/audit?resourceId=${one?.accountId ?? ''}`)}>
              {t('audit.of')}
            </GatedButton>
            <GatedButton permission="modify_accounts" disabled={one === null} onClick={() => {
              setOpen('edit');
            }}>
              {t('edit')}
            </GatedButton>
            <GatedButton permission="delete_accounts" disabled={one === null} onClick={() => {
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
      {open === 'edit' && one !== null ? <Editor account={one} close={close} /> : null}
      {open === 'remove' && one !== null ? (
        <RemoveDialog
          title={t('account.remove.title', { id: one.accountId })}
          action={t('remove')}
          typed={one.accountId}
          remove={() => api.delete('/accounts/targets/{id}', { path: { id: one.accountId } })}
          stale={keys.accounts}
          close={close}
        >
          <Box>{t('account.remove.text')}</Box>
          <AccountUse accountId={one.accountId} />
        </RemoveDialog>
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
