import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from '../api/client';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import { Ago } from '../components/Time';
import { t } from '../i18n/t';
import { formatSeconds } from '../lib/time';
import type { Protection } from './protection';

/** "12 servers, all ready" or how many are not. */
export function Ready({ of }: { of: Protection }) {
  if (of.total === 0) {
    return <StatusIndicator type="warning">{t('overview.empty')}</StatusIndicator>;
  }
  return of.ready === of.total ? (
    <StatusIndicator type="success">{t('overview.ready', { total: of.total })}</StatusIndicator>
  ) : (
    <StatusIndicator type="warning">{t('overview.notready', { total: of.total, count: of.total - of.ready })}</StatusIndicator>
  );
}

export function Lag({ of }: { of: Protection }) {
  return <>{formatSeconds(of.worstLag)}</>;
}

/** When it was, and how it ended. */
export function LastRun({
  run, loading, failed, older = false,
}: {
  run: Pick<Schemas['Execution'], 'executionId' | 'status' | 'startTime'> | undefined;
  loading: boolean;
  /** Runs could not be read. */
  failed: boolean;
  /** There are runs that were not looked at. */
  older?: boolean;
}) {
  if (run === undefined) {
    return <>{t(loading ? 'loading' : failed ? 'status.unknown' : older ? 'overview.older' : 'overview.never')}</>;
  }
  return (
    <>
      <Link to={`/executions/${run.executionId}`}>
        <Ago value={run.startTime} />
      </Link>{' '}
      <Status value={run.status} kind="execution" />
    </>
  );
}
