import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { toApiError, type ApiError } from '../api/error';
import '../i18n/places';
import { hasMessage, t, type MessageId } from '../i18n/t';
import { CopyText } from './CopyText';
import { Failed } from './Failed';

/** The state of DRS that an answer tells of, as GET /drs/service names it; null when it was something else. */
export function placeState(error: ApiError): string | null {
  const { status } = error.body;
  if (typeof status === 'string' && hasMessage(`place.${status}`)) {
    return status;
  }
  switch (error.code) {
    case 'DRS_NOT_INITIALIZED':
      return 'NOT_INITIALIZED';
    case 'REGION_NOT_ENABLED':
      return error.message.includes('not opted') ? 'REGION_NOT_OPTED_IN' : 'REGION_NOT_ENABLED';
    case 'DRS_ERROR':
      return error.status === 429 ? 'THROTTLED' : error.status === 502 ? 'ENDPOINT_UNREACHABLE' : 'ERROR';
    default:
      return null;
  }
}

const MILD = ['NOT_INITIALIZED', 'REGION_NOT_ENABLED', 'REGION_NOT_OPTED_IN', 'THROTTLED'];

/** Why the servers of a Region cannot be read, and what to do now. */
export function RegionProblem({ region, what, error, retry }: { region: string; what: string; error: unknown; retry: () => void }) {
  const failure = toApiError(error);
  const state = placeState(failure);
  if (state === null) {
    return <Failed what={what} error={error} retry={retry} />;
  }
  return (
    <Alert
      type={MILD.includes(state) ? 'warning' : 'error'}
      header={t(`place.${state}` as MessageId, { region })}
      action={
        <Button formAction="none" onClick={retry}>
          {t('retry')}
        </Button>
      }
    >
      <ol>
        {t(`place.${state}.steps` as MessageId).split('\n').map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Box variant="small" color="text-body-secondary">
        {failure.message} {failure.requestId === null ? null : <>{t('error.request.id')} <CopyText value={failure.requestId} /></>}
      </Box>
    </Alert>
  );
}
