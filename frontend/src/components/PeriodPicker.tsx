import DateRangePicker, { type DateRangePickerProps } from '@cloudscape-design/components/date-range-picker';
import { rangeOf, rangeParams, type Unit } from '../execution/history';
import '../i18n/more';
import '../i18n/runs';
import { t } from '../i18n/t';

/** A period up to now, or two moments; `from` and `to` as the address keeps them. */
export function PeriodPicker({ from, to, periods, all = '', set }: {
  from: string;
  to: string;
  periods: readonly { key: string; amount: number; unit: Unit }[];
  /** What `from` is without any limit. */
  all?: string;
  set: (changes: { from: string; to: string }) => void;
}) {
  return (
    <DateRangePicker
      value={rangeOf({ from, to })}
      ariaLabel={t('history.range')}
      placeholder={t('period.all')}
      relativeOptions={periods.map((p) => ({ ...p, type: 'relative' as const }))}
      isValidRange={(value): DateRangePickerProps.ValidationResult =>
        value?.type === 'absolute' && (value.startDate === '' || value.endDate === '' || value.startDate > value.endDate)
          ? { valid: false, errorMessage: t('history.range.bad') }
          : { valid: true }
      }
      onChange={({ detail }) => {
        set(detail.value === null ? { from: all, to: '' } : rangeParams(detail.value));
      }}
    />
  );
}
