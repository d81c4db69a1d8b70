import ProgressBar from '@cloudscape-design/components/progress-bar';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import '../i18n/more';
import { t } from '../i18n/t';
import { levelType } from '../lib/capacity';

/** How much of a limit is used; null is not known now. */
export function Gauge({ label, current, max, description }: { label: string; current: number | null; max: number; description?: string }) {
  return (
    <ProgressBar
      label={label}
      description={description}
      value={current === null || max === 0 ? 0 : (current / max) * 100}
      additionalInfo={current === null ? t('capacity.unknown') : t('capacity.of', { current, max })}
    />
  );
}

export function Level({ value }: { value: string }) {
  return <StatusIndicator type={levelType(value)}>{t(`capacity.level.${value as 'OK'}`)}</StatusIndicator>;
}
