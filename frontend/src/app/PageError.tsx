import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect } from 'react';
import { isRouteErrorResponse, useHref, useRouteError } from 'react-router';
import { t } from '../i18n/t';

/** A page that failed in the browser. */
export default function PageError() {
  const error = useRouteError();
  // loads anew: what failed may be around all pages
  const home = useHref('/');
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
        <SpaceBetween size="xs" direction="horizontal">
          <Button onClick={() => {
            window.location.reload();
          }}>
            {t('retry')}
          </Button>
          <Button href={home}>{t('notfound.home')}</Button>
        </SpaceBetween>
      }
    >
      {t('page.failed.text')}
      <ExpandableSection headerText={t('details')}>{text}</ExpandableSection>
    </Alert>
  );
}
