import SpaceBetween from '@cloudscape-design/components/space-between';
import { useNavigate } from 'react-router';
import { useFeatures } from '../app/features';
import type { Permission } from '../lib/permissions';
import { GatedButton } from './GatedButton';

/** What to do where a list is empty. */
export function NextStep({ text, steps }: { text: string; steps: readonly { permission: Permission; to: string; text: string }[] }) {
  const navigate = useNavigate();
  const features = useFeatures();
  return (
    <SpaceBetween size="s" alignItems="center">
      <span>{text}</span>
      <SpaceBetween size="xs" direction="horizontal">
        {steps.filter(({ to }) => features.leads(to)).map((step) => (
          <GatedButton key={step.to} permission={step.permission} onClick={() => void navigate(step.to)}>
            {step.text}
          </GatedButton>
        ))}
      </SpaceBetween>
    </SpaceBetween>
  );
}
