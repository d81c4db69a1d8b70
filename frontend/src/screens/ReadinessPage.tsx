import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useNavigate, useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { usePlan } from '../api/queries';
import { useTitle } from '../app/page';
import { useParam } from '../app/params';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { Loaded } from '../components/Loaded';
import '../i18n/more';
import '../i18n/plans';
import { t } from '../i18n/t';
import { Readiness } from '../plans/Readiness';

function Page({ plan }: { plan: Schemas['RecoveryPlan'] }) {
  const navigate = useNavigate();
  const [asked, ask] = useParam('type');
  const type = asked === 'RECOVERY' ? 'RECOVERY' : 'DRILL';
  useTitle(t('ready.of', { plan: plan.planName }));
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={t('ready.description')}
        info={<Link to={`/recovery-plans/${plan.planId}`}>{t('ready.plan')}</Link>}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <SegmentedControl
              selectedId={type}
              label={t('type')}
              options={[{ id: 'DRILL', text: t('type.DRILL') }, { id: 'RECOVERY', text: t('type.RECOVERY') }]}
              onChange={({ detail }) => {
                ask(detail.selectedId === 'RECOVERY' ? 'RECOVERY' : '');
              }}
            />
            <GatedButton permission="start_recovery" onClick={() => void navigate(`/recovery-plans/${plan.planId}?start=${type}`)}>
              {t(`start.${type}`)}
            </GatedButton>
          </SpaceBetween>
        }
      >
        {t('ready.of', { plan: plan.planName })}
      </Header>
      <Container>
        <Readiness planId={plan.planId} type={type} />
      </Container>
    </SpaceBetween>
  );
}

export default function ReadinessPage() {
  const { planId = '' } = useParams();
  return (
    <Loaded query={usePlan(planId)} failed={t('plan.failed')}>
      {(plan) => <Page plan={plan} />}
    </Loaded>
  );
}
