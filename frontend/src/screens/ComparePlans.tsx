import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from '../api/client';
import { usePlan, usePlans } from '../api/queries';
import { useTitle } from '../app/page';
import { useParam } from '../app/params';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Loaded } from '../components/Loaded';
import '../i18n/more';
import '../i18n/plans';
import { t, type MessageId } from '../i18n/t';
import { Comparison } from '../plans/Comparison';

type Plan = Schemas['RecoveryPlan'];

function Choice({ label, plans, loading, value, set }: { label: MessageId; plans: readonly Plan[]; loading: boolean; value: string; set: (id: string) => void }) {
  const options = plans.map((p) => ({ value: p.planId, label: p.planName, description: p.accountId }));
  return (
    <FormField label={t(label)}>
      <Select
        filteringType="auto"
        options={options}
        selectedOption={options.find((o) => o.value === value) ?? null}
        placeholder={t('compare.choose')}
        statusType={loading ? 'loading' : 'finished'}
        loadingText={t('loading')}
        empty={t('plans.none')}
        onChange={({ detail }) => {
          set(detail.selectedOption.value ?? '');
        }}
      />
    </FormField>
  );
}

function Both({ left, right }: { left: string; right: string }) {
  const other = usePlan(right);
  return (
    <Loaded query={usePlan(left)} failed={t('plan.failed')} part>
      {(one) => (
        <Loaded query={other} failed={t('plan.failed')} part>
          {(two) => (
            <SpaceBetween size="l">
              <SpaceBetween size="m" direction="horizontal">
                <Link to={`/recovery-plans/${left}`}>{one.planName}</Link>
                <Link to={`/recovery-plans/${right}`}>{two.planName}</Link>
              </SpaceBetween>
              <Comparison left={{ title: one.planName, plan: one }} right={{ title: two.planName, plan: two }} />
            </SpaceBetween>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

/** Two plans of any account side by side. */
export default function ComparePlans() {
  useTitle(t('compare.title'));
  const [left, setLeft] = useParam('left');
  const [right, setRight] = useParam('right');
  const query = usePlans('');
  const plans = [...(query.data?.plans ?? [])].sort((a, b) => a.planName.localeCompare(b.planName));
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t('compare.description')}>
        {t('compare.title')}
      </Header>
      {query.isError && query.data === undefined ? <Failed what={t('plans.failed')} error={query.error} retry={() => void query.refetch()} /> : null}
      <Container>
        <ColumnLayout columns={2}>
          <Choice label="compare.left" plans={plans} loading={query.isPending} value={left} set={setLeft} />
          <Choice label="compare.right" plans={plans} loading={query.isPending} value={right} set={setRight} />
        </ColumnLayout>
      </Container>
      {left === '' || right === '' ? null : <Both left={left} right={right} />}
    </SpaceBetween>
  );
}
