import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Cards from '@cloudscape-design/components/cards';
import Header from '@cloudscape-design/components/header';
import { lazy, Suspense, type ReactNode } from 'react';
import { explain } from '../api/explain';
import { toApiError } from '../api/error';
import { t } from '../i18n/t';
import { Skeleton } from '../components/Skeleton';
import { ALL, SelectedAccount, useAccountChoice } from './account';

const NoAccounts = lazy(() => import('./NoAccounts'));

/** Shows its page only when an account is chosen; first of all asks for one. */
export function AccountGate({ all = false, of = '', children }: {
  /** The page can show all accounts together too. */
  all?: boolean;
  /** The account of what the page is about, so that nobody is asked. */
  of?: string | undefined;
  children: ReactNode;
}) {
  const choice = useAccountChoice();
  if (choice.status === 'loading') {
    return <Skeleton page text={t('accounts.loading')} />;
  }
  if (choice.status === 'error') {
    return (
      <Alert type="error" header={t('accounts.failed')} action={<Button onClick={choice.retry}>{t('retry')}</Button>}>
        {explain(toApiError(choice.error))}
      </Alert>
    );
  }
  const account = choice.selected ?? choice.accounts.find((a) => a.accountId === of) ?? null;
  if (account !== null || (all && choice.all)) {
    return <SelectedAccount value={account}>{children}</SelectedAccount>;
  }
  if (choice.accounts.length === 0) {
    return (
      <Suspense fallback={<Skeleton page text={t('accounts.loading')} />}>
        <NoAccounts />
      </Suspense>
    );
  }
  return (
    <Cards
      header={
        <Header
          variant="h1"
          description={t(all ? 'accounts.choose.description' : 'accounts.choose.one')}
          counter={`(${String(choice.accounts.length)})`}
          actions={
            all ? (
              <Button onClick={() => {
                choice.show(ALL);
              }}>
                {t('accounts.all')}
              </Button>
            ) : null
          }
        >
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
              choice.show(account.accountId);
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
