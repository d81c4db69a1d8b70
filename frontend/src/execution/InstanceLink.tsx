import Link from '@cloudscape-design/components/link';
import { use } from 'react';
import type { Schemas } from '../api/client';
import { useConfig } from '../app/context';
import { LinkVariant } from '../components/Link';
import { t } from '../i18n/t';

/** The instance of a server, as a link to the console of EC2. */
export function InstanceLink({ server }: { server: Partial<Pick<Schemas['ServerExecution'], 'instanceId' | 'recoveredInstanceId' | 'region'>> }) {
  const { consoleUrl } = useConfig();
  const look = use(LinkVariant);
  const id = server.instanceId ?? server.recoveredInstanceId;
  if (id === undefined || !/^i-[0-9a-f]+$/.test(id) || server.region === undefined) {
    return <>{id ?? '–'}</>;
  }
  const href = consoleUrl.replaceAll('{region}', encodeURIComponent(server.region)).replaceAll('{instanceId}', id);
  return (
    <Link {...look} href={href} external externalIconAriaLabel={t('link.newtab')}>
      {id}
    </Link>
  );
}
