import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { Link } from '../components/Link';
import '../i18n/overview';
import { t } from '../i18n/t';
import { nextStep, STEPS, type Steps } from './facts';

/** The way from an empty system to the first drill; gone when all is done. */
export function Checklist({ steps, planId }: { steps: Steps; planId: string | null }) {
  const next = nextStep(steps);
  if (next === null) {
    return null;
  }
  const plan = planId === null ? '/recovery-plans' : `/recovery-plans/${planId}`;
  const to: Record<keyof Steps, string> = {
    account: '/settings/accounts', group: '/protection-groups/new', plan: '/recovery-plans/new',
    ready: planId === null ? plan : `${plan}/readiness`, drill: plan,
  };
  return (
    <Container header={<Header variant="h2" description={t('first.description')}>{t('first.title')}</Header>}>
      <ol className="plain-list">
        {STEPS.map((step) => (
          <li key={step}>
            <StatusIndicator
              type={steps[step] ? 'success' : step === next ? 'in-progress' : 'pending'}
              iconAriaLabel={t(steps[step] ? 'first.done' : step === next ? 'first.next' : 'first.later')}
            >
              {step === next ? <Link to={to[step]}>{t(`first.${step}`)}</Link> : t(`first.${step}`)}
            </StatusIndicator>
          </li>
        ))}
      </ol>
    </Container>
  );
}
