import DateRangePicker, { type DateRangePickerProps } from '@cloudscape-design/components/date-range-picker';
import '../i18n/more';
import { t } from '../i18n/t';
import { isoBefore } from '../lib/time';

type Range = DateRangePickerProps.Value | null;

/** "30" or "2026-01-01/2026-01-31" of the address as a range of days. */
export function rangeOf(text: string): Range {
  const dates = /^(\d{4}-\d\d-\d\d)\/(\d{4}-\d\d-\d\d)$/.exec(text);
  if (dates !== null) {
    return { type: 'absolute', startDate: dates[1] ?? '', endDate: dates[2] ?? '' };
  }
  return /^\d{1,4}$/.test(text) && Number(text) > 0 ? { type: 'relative', amount: Number(text), unit: 'day' } : null;
}

export function rangeText(value: Range): string {
  if (value === null) {
    return '';
  }
  return value.type === 'relative' ? String(value.amount) : `${value.startDate.slice(0, 10)}/${value.endDate.slice(0, 10)}`;
}

/** Begin and end of a range, as the API takes them; without one everything. */
export function rangeQuery(text: string, now = Date.now()): { from?: string; to?: string } {
  const value = rangeOf(text);
  if (value === null) {
    return {};
  }
  return value.type === 'relative' ? { from: isoBefore(value.amount * 86_400, now) } : { from: value.startDate, to: value.endDate };
}

/** The last days, or days from one to another. */
export function DayRange({ value, days, set }: { value: string; days: readonly number[]; set: (text: string) => void }) {
  return (
    <DateRangePicker
      value={rangeOf(value)}
      dateOnly
      placeholder={t('period.any')}
      relativeOptions={days.map((amount) => ({ key: String(amount), type: 'relative', amount, unit: 'day' }))}
      isValidRange={() => ({ valid: true })}
      i18nStrings={{ clearButtonLabel: t('period.any') }}
      onChange={({ detail }) => {
        set(rangeText(detail.value));
      }}
    />
  );
}
