import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useRef } from 'react';
import type { ApiError } from '../api/error';
import { explain } from '../api/explain';
import { CopyText } from '../components/CopyText';
import { Link } from '../components/Link';
import '../i18n/plan';
import '../i18n/plans';
import { t } from '../i18n/t';
import { findings } from './refusal';

/** Why the server refused, what it is about, and where to mend it. */
export function Refusal({ error, planId, header }: { error: ApiError; planId: string; header: string }) {
  const found = findings(error, planId);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // a long dialog may have been scrolled elsewhere
    place.current?.focus();
  }, [error]);
  return (
    <div ref={place} role="alert" tabIndex={-1}>
      <Alert type="error" header={header}>
        <SpaceBetween size="xs">
          <Box>{explain(error)}</Box>
          {found.length === 0 ? null : (
            <ul className="plain-list">
              {found.map(({ text, href }) => (
                <li key={`${text} ${href ?? ''}`}>{href === undefined ? text : <Link to={href}>{text}</Link>}</li>
              ))}
            </ul>
          )}
          {error.requestId === null ? null : <Box variant="small">{t('error.request.id')} <CopyText value={error.requestId} /></Box>}
        </SpaceBetween>
      </Alert>
    </div>
  );
}
