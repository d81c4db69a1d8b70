import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { t } from '../i18n/t';
import { CopyText } from './CopyText';

/** One section that could not be loaded; the rest of the page goes on. */
export function Failed({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const failure = toApiError(error);
  return (
    <Alert
      type="error"
      header={what}
      action={retry === undefined ? undefined : <Button onClick={retry}>{t('retry')}</Button>}
    >
      {explain(failure)}
      {failure.requestId === null ? null : (
        <Box variant="small" display="block" color="text-body-secondary">
          {t('error.request.id')} <CopyText value={failure.requestId} />
        </Box>
      )}
    </Alert>
  );
}
