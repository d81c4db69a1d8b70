import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { t } from '../i18n/t';

/** What is shown when the console cannot even begin. */
export function StartFailure({ cause }: { cause: unknown }) {
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <Alert
          type="error"
          header={t('start.failed')}
          action={
            <Button onClick={() => {
              window.location.reload();
            }}>
              {t('retry')}
            </Button>
          }
        >
          {cause instanceof Error ? cause.message : String(cause)}
        </Alert>
      </div>
    </main>
  );
}
