import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useParams } from 'react-router';
import { usePlan } from '../api/queries';
import { useTitle } from '../app/page';
import '../i18n/more';
import { t } from '../i18n/t';
import { Readiness } from '../plans/Readiness';

export default function ReadinessPage() {
  const { planId = '' } = useParams();
  const name = usePlan(planId).data?.planName ?? planId;
  const [type, setType] = useState<'DRILL' | 'RECOVERY'>('DRILL');
  useTitle(t('ready.of', { plan: name }));
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={t('ready.description')}
        actions={
          <SegmentedControl
            selectedId={type}
            label={t('type')}
            options={[{ id: 'DRILL', text: t('type.DRILL') }, { id: 'RECOVERY', text: t('type.RECOVERY') }]}
            onChange={({ detail }) => {
              setType(detail.selectedId === 'RECOVERY' ? 'RECOVERY' : 'DRILL');
            }}
          />
        }
      >
        {t('ready.of', { plan: name })}
      </Header>
      <Container>
        <Readiness planId={planId} type={type} />
      </Container>
    </SpaceBetween>
  );
}
