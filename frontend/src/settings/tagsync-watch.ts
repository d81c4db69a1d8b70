/** Begins a synchronisation of tags and follows it to its end, whatever page is shown. */
import type { QueryClient } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { tagSyncQuery } from '../api/queries';
import type { Services } from '../app/context';
import { follow } from '../app/follow';
import '../i18n/more';
import { t } from '../i18n/t';

interface Status {
  lastSync: string | null;
  status: 'SUCCESS' | 'PARTIAL' | 'IN_PROGRESS' | 'UNKNOWN';
  totalSynced: number;
  totalServers: number;
  totalFailed: number;
}

const ID = 'tag-sync';
const action = () => ({ text: t('tagsync.show'), href: '/settings/tag-sync' });

/** `before`: the end of the run before, which is no end of this one. */
export function tellTagSync(flashes: Services['flashes'], before: string | null, { status, lastSync, totalSynced, totalServers, totalFailed }: Status): boolean {
  if (status === 'IN_PROGRESS' || lastSync === before) {
    flashes.add({ id: ID, type: 'in-progress', header: t('tagsync.going'), action: action() });
    return true;
  }
  flashes.add({
    id: ID, type: status === 'PARTIAL' ? 'warning' : 'success', header: t('tagsync.over'),
    content: t('tagsync.counts', { done: totalSynced, total: totalServers, failed: totalFailed }), action: action(),
  });
  return false;
}

export async function runTagSync(services: Services, client: QueryClient, accountId?: Schemas['TargetAccount']['accountId']): Promise<void> {
  const { api, flashes } = services;
  const query = tagSyncQuery(api);
  const { lastSync } = await client.fetchQuery({ ...query, staleTime: 0 });
  await api.post('/drs/tag-sync', { body: { async: true, ...(accountId === undefined ? {} : { accountId }) } });
  flashes.add({ id: ID, type: 'in-progress', header: t('tagsync.going'), action: action() });
  follow<Status>(services, client, { id: ID, query, tell: (data) => tellTagSync(flashes, lastSync, data) });
  void client.invalidateQueries({ queryKey: query.queryKey });
}
