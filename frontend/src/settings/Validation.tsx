import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';

/** What came out of trying the role of an account, check by check. */
export function Validation({ result }: { result: Schemas['AccountValidation'] }) {
  const line = (ok: boolean, label: string) => (
    <li key={label}>
      <StatusIndicator type={ok ? 'success' : 'error'}>{label}</StatusIndicator>
    </li>
  );
  return (
    <SpaceBetween size="m">
      <StatusIndicator type={result.valid ? 'success' : 'error'}>{result.message}</StatusIndicator>
      <ul className="plain-list">
        {line(result.details.roleExists, t('account.check.exists'))}
        {line(result.details.roleAccessible, t('account.check.accessible'))}
        {line(result.details.requiredPermissions, t('account.check.permissions'))}
      </ul>
      <ul className="plain-list">
        {result.validationResults.map((check) => (
          <li key={`${check.service}-${check.region ?? ''}`}>
            <StatusIndicator type={check.status === 'success' ? 'success' : check.status === 'warning' ? 'warning' : 'error'}>
              {[check.service, check.region, check.message].filter(Boolean).join(' · ')}
            </StatusIndicator>
          </li>
        ))}
      </ul>
    </SpaceBetween>
  );
}
