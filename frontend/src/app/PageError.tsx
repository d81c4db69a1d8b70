import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { useEffect } from 'react';
import { isRouteErrorResponse, useRouteError } from 'react-router';
import { t } from '../i18n/t';

/** A page that failed in the browser. */
export default function PageError() {
  const error = useRouteError();
  const text = isRouteErrorResponse(error)
    ? `${String(error.status)} ${error.statusText}`
    : error instanceof Error
      ? error.message
      : String(error);
  useEffect(() => {
    // what the boundary caught is no error of the window
    window.dispatchEvent(new CustomEvent('drs-fault', { detail: text }));
  }, [text]);
  return (
    <Alert
      type="error"
      header={t('page.failed')}
      action={
        <Button onClick={() => {
          window.location.reload();
        }}>
          {t('retry')}
        </Button>
      }
    >
      {t('page.failed.text')}
      <ExpandableSection headerText={t('details')}>{text}</ExpandableSection>
    </Alert>
  );
}
