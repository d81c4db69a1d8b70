/** Follows the application of launch settings while other pages are shown. */
import { QueryObserver, type QueryClient } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { groupQuery } from '../api/queries';
import type { Services } from '../app/context';
import { t } from '../i18n/t';
import { isApplying, progressText } from './apply';

type Group = Schemas['ProtectionGroup'];

const watched = new Map<string, () => void>();

/** One message that changes until the job is over. */
function tell(flashes: Services['flashes'], group: Group): boolean {
  const { status, failedServers = 0 } = group.launchConfigStatus;
  const applying = isApplying(group.launchConfigStatus);
  flashes.add({
    id: `launch-${group.groupId}`,
    type: applying ? 'in-progress' : status === 'ready' ? 'success' : status === 'partial' ? 'warning' : status === 'failed' ? 'error' : 'info',
    header: t(applying ? 'watch.applying' : status === 'ready' ? 'watch.applied' : 'watch.ended', { name: group.groupName, count: failedServers }),
    content: applying ? progressText(group.launchConfigStatus) : '',
    action: { text: t('watch.show'), href: `/protection-groups/${group.groupId}?tab=launch` },
  });
  return applying;
}

/** The page of the group shows it itself. */
export function stopWatching(groupId: string, flashes: Services['flashes']): void {
  watched.get(groupId)?.();
  flashes.dismiss(`launch-${groupId}`);
}

export function watchLaunch({ api, live, flashes, config }: Services, client: QueryClient, group: Group): void {
  if (watched.has(group.groupId)) {
    return;
  }
  const observer = new QueryObserver(client, {
    ...groupQuery(api, group.groupId),
    // the event stream makes it stale; without the stream it is asked again
    refetchInterval: () => (live.snapshot().status === 'live' ? false : config.pollSeconds * 1000),
  });
  const unsubscribe = observer.subscribe((result) => {
    if (result.isError || (result.data !== undefined && !tell(flashes, result.data))) {
      stop();
    }
  });
  const stop = () => {
    unsubscribe();
    watched.delete(group.groupId);
  };
  watched.set(group.groupId, stop);
  tell(flashes, group);
}
