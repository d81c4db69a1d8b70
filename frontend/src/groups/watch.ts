/** Follows the application of launch settings while other pages are shown. */
import type { QueryClient } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { groupQuery } from '../api/queries';
import type { Services } from '../app/context';
import { follow, stopFollowing } from '../app/follow';
import { t } from '../i18n/t';
import { isApplying, progressText } from './apply';

type Group = Schemas['ProtectionGroup'];

const idOf = (groupId: string) => `launch-${groupId}`;

/** One message that changes until the job is over. */
function tell(flashes: Services['flashes'], group: Group): boolean {
  const { status, failedServers = 0 } = group.launchConfigStatus;
  const applying = isApplying(group.launchConfigStatus);
  flashes.add({
    id: idOf(group.groupId),
    type: applying ? 'in-progress' : status === 'ready' ? 'success' : status === 'partial' ? 'warning' : status === 'failed' ? 'error' : 'info',
    header: t(applying ? 'watch.applying' : status === 'ready' ? 'watch.applied' : 'watch.ended', { name: group.groupName, count: failedServers }),
    content: applying ? progressText(group.launchConfigStatus) : '',
    action: { text: t('watch.show'), href: `/protection-groups/${group.groupId}?tab=launch` },
  });
  return applying;
}

/** The page of the group shows it itself. */
export function stopWatching(groupId: string, flashes: Services['flashes']): void {
  stopFollowing(idOf(groupId), flashes);
}

export function watchLaunch(services: Services, client: QueryClient, group: Group): void {
  follow<Group>(services, client, { id: idOf(group.groupId), query: groupQuery(services.api, group.groupId), tell: (data) => tell(services.flashes, data) });
  tell(services.flashes, group);
}
