/** Words for what is known, and for what is not; never an empty cell. */
import '../i18n/runs';
import { t } from '../i18n/t';
import { formatSeconds, formatTime } from '../lib/time';

export const shown = (value: string | number | null | undefined) => (value === null || value === undefined || value === '' ? t('report.unknown') : String(value));
/** In UTC, as on paper. */
export const time = (value: string | null) => (value === null ? t('report.unknown') : formatTime(value, { zone: 'utc' }));
export const span = (seconds: number | null) => (seconds === null ? t('report.unknown') : formatSeconds(seconds));
