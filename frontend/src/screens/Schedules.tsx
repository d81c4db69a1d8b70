import '../i18n/more';
import { usePlans } from '../api/queries';
import { useAccountScope } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useTitle } from '../app/page';
import '../i18n/schedules';
import { PageFailed } from '../components/PageFailed';
import { t } from '../i18n/t';
import { ScheduleList } from '../schedules/List';
import { useSchedules } from '../schedules/queries';

function List() {
  const scope = useAccountScope();
  const plans = usePlans(scope.accountId);
  const query = useSchedules();
  const failed = [query, plans].find((q) => q.isError && q.data === undefined);
  if (failed !== undefined) {
    return <PageFailed what={t('schedules.failed')} error={failed.error} retry={() => void failed.refetch()} />;
  }
  const known = new Map((plans.data?.plans ?? []).map((plan) => [plan.planId, plan]));
  const schedules = (query.data ?? []).filter((s) => known.has(s.planId));
  return <ScheduleList schedules={schedules} loading={query.isPending || plans.isPending} many={{ plans: known, scope }} createHref="/schedules/new" />;
}

export default function Schedules() {
  useTitle(t('nav.schedules'));
  return (
    <AccountGate all>
      <List />
    </AccountGate>
  );
}
