import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { hasMessage, t } from '../i18n/t';
import { humanize, indicatorOf } from '../lib/status';

export function statusText(value: string, kind: string): string {
  const id = `${kind}.${value.toUpperCase()}`;
  return hasMessage(id) ? t(id) : humanize(value);
}

/** A status as icon and word; never by colour alone. */
export function Status({ value, kind = 'status' }: { value: string | undefined; kind?: string }) {
  if (value === undefined || value === '') {
    return <StatusIndicator type="info">{t('status.unknown')}</StatusIndicator>;
  }
  return (
    <StatusIndicator type={indicatorOf(value)}>
      <span title={value}>{statusText(value, kind)}</span>
    </StatusIndicator>
  );
}
