import { Failed } from '../components/Failed';
import '../i18n/schedules';
import { t } from '../i18n/t';
import { ScheduleList } from './List';
import { usePlanSchedules } from './queries';

/** Schedules of one plan, for its page. */
export default function PlanSchedules({ planId }: { planId: string }) {
  const query = usePlanSchedules(planId);
  if (query.isError && query.data === undefined) {
    return <Failed what={t('schedules.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return <ScheduleList schedules={query.data ?? []} loading={query.isPending} createHref={`/schedules/new?plan=${planId}`} />;
}
