import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Wizard from '@cloudscape-design/components/wizard';
import { useState, type ReactNode } from 'react';
import { t } from '../i18n/t';
import type { Permission } from '../lib/permissions';
import type { EditorStep } from './EditorForm';
import { GatedButton } from './GatedButton';

/** The fields of an editor one step after the other; the last step is where it is saved. */
export default function EditorSteps({
  title, description, notes, steps, problems, shown, refused, refusal, permission, saving, existing, cancel, setTried, submit,
}: {
  title: string;
  description: string;
  notes: ReactNode;
  steps: readonly EditorStep[];
  /** Keys of all problems, and of those that are told already. */
  problems: readonly string[];
  shown: readonly string[];
  /** Keys that the server refused. */
  refused: readonly string[];
  refusal: string | undefined;
  permission: Permission;
  saving: boolean;
  /** What exists is reviewed from every step. */
  existing: boolean;
  cancel: () => void;
  /** Whether problems are told. */
  setTried: (tried: boolean) => void;
  submit: () => void;
}) {
  const last = steps.length - 1;
  const [wanted, go] = useState(0);
  const stepWith = (keys: readonly string[]) => steps.findIndex((step) => keys.some((key) => step.has(key)));
  const [seen, see] = useState('');
  const told = refused.join(' ');
  if (told !== seen) {
    // the server refused something: where it is entered
    see(told);
    const step = stepWith(refused);
    if (step >= 0) {
      go(step);
    }
  }
  const forward = (target: number) => {
    const first = stepWith(problems);
    const stuck = first >= 0 && first < target;
    // what comes next is not complained about yet
    setTried(stuck);
    go(stuck ? first : target);
  };
  const here = shown.filter((key) => steps[wanted]?.has(key) === true);
  return (
    <SpaceBetween size="m">
      <div>
        <Box fontSize="heading-xl" fontWeight="bold">
          {title}
        </Box>
        <Box color="text-body-secondary">{description}</Box>
      </div>
      {notes}
      <Wizard
        activeStepIndex={wanted}
        i18nStrings={{
          stepNumberLabel: (number) => t('step', { number }),
          collapsedStepsLabel: (number, count) => t('step.of', { number, count }),
          navigationAriaLabel: title,
          errorIconAriaLabel: t('failed'),
        }}
        onNavigate={({ detail: { requestedStepIndex } }) => {
          if (requestedStepIndex < wanted) {
            go(requestedStepIndex);
          } else {
            forward(requestedStepIndex);
          }
        }}
        customPrimaryActions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" formAction="none" onClick={cancel}>
              {t('cancel')}
            </Button>
            {wanted === 0 ? null : (
              <Button formAction="none" onClick={() => {
                go(wanted - 1);
              }}>
                {t('step.previous')}
              </Button>
            )}
            {existing && wanted < last - 1 ? (
              <Button formAction="none" onClick={() => {
                forward(last);
              }}>
                {t('editor.review')}
              </Button>
            ) : null}
            {wanted < last ? (
              <Button variant="primary" formAction="none" onClick={() => {
                forward(wanted + 1);
              }}>
                {t('step.next')}
              </Button>
            ) : (
              <GatedButton permission={permission} variant="primary" formAction="none" loading={saving} onClick={stepWith(problems) < 0 ? submit : () => {
                // it was found out after the step was left
                forward(last);
              }}>
                {t('save')}
              </GatedButton>
            )}
          </SpaceBetween>
        }
        steps={steps.map((step, index) => ({
          title: step.title,
          description: step.description,
          errorText: index === last ? refusal : undefined,
          content: (
            <SpaceBetween size="l">
              {step.content}
              {here.length === 0 ? null : <Remaining count={here.length} />}
            </SpaceBetween>
          ),
        }))}
      />
    </SpaceBetween>
  );
}

function Remaining({ count }: { count: number }) {
  return (
    <div role="alert">
      <StatusIndicator type="error">{t('editor.problems', { count })}</StatusIndicator>
    </div>
  );
}
