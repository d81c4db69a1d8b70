import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { toApiError } from '../api/error';
import '../i18n/more';
import { t } from '../i18n/t';
import NotFound from '../screens/NotFound';
import { Failed } from './Failed';
import { PageFailed } from './PageFailed';
import { Skeleton } from './Skeleton';

/** Around a page about one thing: shown once that is read, and still when a later reading fails. */
export function Loaded<T>({
  query, failed, keep = false, part = false, children,
}: {
  query: UseQueryResult<T>;
  failed: string;
  /** An editor stays when the thing was deleted meanwhile, for what was entered. */
  keep?: boolean;
  /** Of a page that has its heading. */
  part?: boolean;
  children: (data: T, gone: boolean) => ReactNode;
}) {
  const { data } = query;
  const gone = query.isError && toApiError(query.error).status === 404;
  const retry = () => void query.refetch();
  if (gone && (data === undefined || !keep)) {
    return <NotFound />;
  }
  if (data === undefined) {
    const Problem = part ? Failed : PageFailed;
    return query.isPending ? <Skeleton page={!part} /> : <Problem what={failed} error={query.error} retry={retry} />;
  }
  return (
    <>
      {query.isError && !gone ? <Failed what={t('stale')} error={query.error} retry={retry} /> : null}
      {children(data, gone)}
    </>
  );
}
