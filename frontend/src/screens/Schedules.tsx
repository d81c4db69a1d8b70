import '../i18n/more';
import { usePlans } from '../api/queries';
import { useAccount } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useTitle } from '../app/page';
import '../i18n/schedules';
import { PageFailed } from '../components/PageFailed';
import { t } from '../i18n/t';
import { ScheduleList } from '../schedules/List';
import { useSchedules } from '../schedules/queries';

function List() {
  const account = useAccount();
  const plans = usePlans(account.accountId);
  const query = useSchedules();
  const failed = [query, plans].find((q) => q.isError && q.data === undefined);
  if (failed !== undefined) {
    return <PageFailed what={t('schedules.failed')} error={failed.error} retry={() => void failed.refetch()} />;
  }
  const names = new Map((plans.data?.plans ?? []).map((plan) => [plan.planId, plan.planName]));
  const schedules = (query.data ?? []).filter((s) => names.has(s.planId));
  return <ScheduleList schedules={schedules} loading={query.isPending || plans.isPending} planNames={names} createHref="/schedules/new" />;
}

export default function Schedules() {
  useTitle(t('nav.schedules'));
  return (
    <AccountGate>
      <List />
    </AccountGate>
  );
}
