/** Follows a termination while other pages are shown. */
import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Schemas } from '../api/client';
import { terminationQuery } from '../api/queries';
import { useServices, type Services } from '../app/context';
import { follow, stopFollowing } from '../app/follow';
import '../i18n/runs';
import { t } from '../i18n/t';

type Run = Pick<Schemas['Execution'], 'executionId' | 'planName'>;
type Progress = Schemas['TerminationStatus'];

const idOf = (executionId: string) => `termination-${executionId}`;

/** Says how far it is; false when it is over. */
export function tellTermination(flashes: Services['flashes'], { executionId, planName }: Run, { state, instances = [] }: Progress): boolean {
  const running = state === 'RUNNING';
  const failed = instances.filter((i) => i.state === 'FAILED').length;
  flashes.add({
    id: idOf(executionId),
    type: running ? 'in-progress' : failed > 0 || state === 'FAILED' ? 'error' : 'success',
    header: t(running ? 'watch.terminating' : failed > 0 || state === 'FAILED' ? 'watch.terminate.failed' : 'watch.terminated', { plan: planName, count: failed }),
    content: running && instances.length > 0 ? t('terminating.count', { done: instances.filter((i) => i.state === 'TERMINATED').length, total: instances.length }) : '',
    action: { text: t('watch.run'), href: `/executions/${executionId}` },
  });
  return running;
}

export function watchTermination(services: Services, client: QueryClient, run: Run): void {
  const query = terminationQuery(services.api, run.executionId);
  const known = client.getQueryData(query.queryKey);
  if (known === undefined || tellTermination(services.flashes, run, known)) {
    follow<Progress>(services, client, { id: idOf(run.executionId), query, tell: (data) => tellTermination(services.flashes, run, data) });
  }
}

/** The page of the run shows it itself; once that is left, a message does. */
export function useTerminationWatch(run: Run, running: boolean): void {
  const services = useServices();
  const client = useQueryClient();
  const latest = useRef({ run, running });
  useEffect(() => {
    latest.current = { run, running };
  });
  const { executionId } = run;
  useEffect(() => {
    stopFollowing(idOf(executionId), services.flashes);
    return () => {
      if (latest.current.running && latest.current.run.executionId === executionId) {
        watchTermination(services, client, latest.current.run);
      }
    };
  }, [executionId, services, client]);
}
