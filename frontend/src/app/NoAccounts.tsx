import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useNavigate } from 'react-router';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys, useCurrentAccount } from '../api/queries';
import { GatedButton } from '../components/GatedButton';
import { Checklist } from '../dashboard/Checklist';
import { t } from '../i18n/t';
import { useServices } from './context';

const NOTHING = { account: false, group: false, plan: false, ready: false, drill: false };

/** The first thing of an empty system: which account servers are recovered into, and what comes then. */
export default function NoAccounts() {
  const { api } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const own = useCurrentAccount().data;
  const add = useMutation({
    mutationFn: (accountId: string) => api.post('/accounts/targets', { body: { accountId }, idempotencyKey: crypto.randomUUID() }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h1">{t('accounts.none.title')}</Header>}>
        <SpaceBetween size="m">
          <Box>{t('accounts.none.what')}</Box>
          <Box>{t('accounts.none.own')}</Box>
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton permission="register_accounts" variant="primary" onClick={() => void navigate('/settings/accounts/new')}>
              {t('accounts.none.how')}
            </GatedButton>
            {own === undefined ? null : (
              <GatedButton permission="register_accounts" loading={add.isPending} onClick={() => {
                add.mutate(own.accountId);
              }}>
                {t('accounts.none.this', { id: own.accountId })}
              </GatedButton>
            )}
          </SpaceBetween>
          {add.isError ? <Alert type="error">{explain(toApiError(add.error))}</Alert> : null}
        </SpaceBetween>
      </Container>
      <Checklist steps={NOTHING} planId={null} />
    </SpaceBetween>
  );
}
