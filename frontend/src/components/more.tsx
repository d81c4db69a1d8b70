import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import type { ReactNode } from 'react';
import { t } from '../i18n/t';

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The foot of a table whose pages are the server's; null once all is there, so that the table has none. */
export function more(query: Pages, text = t('more')): ReactNode {
  return query.hasNextPage ? (
    <Box textAlign="center">
      <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {text}
      </Button>
    </Box>
  ) : null;
}
