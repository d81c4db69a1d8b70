import ProgressBar from '@cloudscape-design/components/progress-bar';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import '../i18n/more';
import { t } from '../i18n/t';
import { levelType } from '../lib/capacity';

/** Shares in percent from which on a limit is to be watched, and is nearly used up. */
export type Steps = readonly [watch: number, full: number];
const STEPS: Steps = [67, 90];

/** How much of a limit is used; null is not known now. The colour of the bar says no more than the words. */
export function Gauge({ label, current, max, description, steps: [watch, full] = STEPS }: {
  label: string;
  current: number | null;
  max: number;
  description?: string;
  steps?: Steps;
}) {
  const percent = current === null || max === 0 ? 0 : (current / max) * 100;
  const colour = percent >= full ? 'error' : percent >= watch ? 'info' : 'success';
  const used = current === null ? t('capacity.unknown') : t('capacity.of', { current, max });
  return (
    <ProgressBar
      label={label}
      description={description}
      value={percent}
      style={{ progressValue: { backgroundColor: `var(--drs-${colour})` } }}
      additionalInfo={percent < full ? used : <StatusIndicator type="error">{t('capacity.nearlyfull', { used })}</StatusIndicator>}
    />
  );
}

export function Level({ value }: { value: string }) {
  return <StatusIndicator type={levelType(value)}>{t(`capacity.level.${value as 'OK'}`)}</StatusIndicator>;
}
