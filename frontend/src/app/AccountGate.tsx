import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Cards from '@cloudscape-design/components/cards';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import { explain } from '../api/explain';
import { toApiError } from '../api/error';
import { Link } from '../components/Link';
import { t } from '../i18n/t';
import { SelectedAccount, useAccountChoice } from './account';
import { usePermissions } from './permissions';

/** Shows its page only when an account is chosen; first of all asks for one. */
export function AccountGate({ children }: { children: ReactNode }) {
  const choice = useAccountChoice();
  const gate = usePermissions();
  if (choice.status === 'loading') {
    return <StatusIndicator type="loading">{t('accounts.loading')}</StatusIndicator>;
  }
  if (choice.status === 'error') {
    return (
      <Alert type="error" header={t('accounts.failed')} action={<Button onClick={choice.retry}>{t('retry')}</Button>}>
        {explain(toApiError(choice.error))}
      </Alert>
    );
  }
  if (choice.selected !== null) {
    return <SelectedAccount value={choice.selected}>{children}</SelectedAccount>;
  }
  if (choice.accounts.length === 0) {
    return (
      <Container header={<Header variant="h1">{t('accounts.none.title')}</Header>}>
        <SpaceBetween size="m">
          <Box>{t('accounts.none.what')}</Box>
          <Box>{t('accounts.none.own')}</Box>
          <Link to="/settings/accounts">{t('accounts.none.how')}</Link>
          {gate.known && !gate.can('register_accounts') ? <Box>{gate.reason('register_accounts')}</Box> : null}
        </SpaceBetween>
      </Container>
    );
  }
  return (
    <Cards
      header={
        <Header variant="h1" description={t('accounts.choose.description')} counter={`(${String(choice.accounts.length)})`}>
          {t('accounts.choose')}
        </Header>
      }
      items={[...choice.accounts]}
      trackBy="accountId"
      cardDefinition={{
        header: (account) => (
          <Button
            variant="link"
            onClick={() => {
              choice.select(account.accountId);
            }}
          >
            {account.accountName ?? account.accountId}
          </Button>
        ),
        sections: [
          { id: 'id', header: t('accounts.id'), content: (account) => account.accountId },
          { id: 'own', content: (account) => (account.isCurrentAccount ? t('accounts.own') : t('accounts.foreign')) },
        ],
      }}
      ariaLabels={{ itemSelectionLabel: (_, account) => account.accountId, selectionGroupLabel: t('accounts.choose') }}
    />
  );
}
