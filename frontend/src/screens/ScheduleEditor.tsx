import { useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState, type ReactNode } from 'react';
import { useParams, useSearchParams } from 'react-router';
import '../i18n/more';
import { usePlan, usePlans } from '../api/queries';
import { useAccountScope } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useApi } from '../app/context';
import { useTitle } from '../app/page';
import { EditorForm } from '../components/EditorForm';
import { Loaded } from '../components/Loaded';
import { PageFailed } from '../components/PageFailed';
import '../i18n/schedules';
import { t } from '../i18n/t';
import {
  bodyOf, cronOf, formOf, NEW_FORM, REPEATS, scheduleField, scheduleParts, scheduleProblems, type Problems, type Repeat, type Schedule,
  type ScheduleForm,
} from '../schedules/form';
import { NextRuns } from '../schedules/NextRuns';
import { scheduleHref } from '../schedules/parts';
import { useSchedule } from '../schedules/queries';
import { cronProblem, cronWords, weekdayName } from '../schedules/words';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 0].map((n) => ({ value: String(n), n }));

function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}

interface FieldsProps {
  draft: ScheduleForm;
  problems: Problems;
  set: (change: Partial<ScheduleForm>) => void;
}

function Basics({ draft, problems, set, plan }: FieldsProps & { plan: ReactNode }) {
  return (
    <Container header={<Header variant="h2">{t('editor.basics')}</Header>}>
      <SpaceBetween size="m">
        <FormField label={t('plan')} errorText={problems.planId}>
          {plan}
        </FormField>
        <FormField label={t('name')} description={t('schedule.name.hint')} errorText={problems.name}>
          <Input value={draft.name} onChange={({ detail }) => {
            set({ name: detail.value });
          }} />
        </FormField>
        <Checkbox checked={draft.enabled} description={t('schedule.enabled.hint')} onChange={({ detail }) => {
          set({ enabled: detail.checked });
        }}>
          {t('schedule.enabled')}
        </Checkbox>
      </SpaceBetween>
    </Container>
  );
}

function When({ draft, problems, set }: FieldsProps) {
  return (
    <Container header={<Header variant="h2">{t('schedule.when')}</Header>}>
      <SpaceBetween size="m">
        <FormField label={t('schedule.repeat')}>
          <RadioGroup
            value={draft.repeat}
            items={REPEATS.map((value) => ({ value, label: t(`schedule.repeat.${value}`) }))}
            onChange={({ detail }) => {
              // the expression goes on from what was chosen before
              set({ repeat: detail.value as Repeat, ...(detail.value === 'custom' ? { cron: cronOf(draft) } : {}) });
            }}
          />
        </FormField>
        {draft.repeat === 'weekly' ? (
          <FormField label={t('schedule.weekdays')} errorText={problems.weekdays}>
            <Multiselect
              options={WEEKDAYS.map(({ value, n }) => ({ value, label: weekdayName(n) }))}
              selectedOptions={WEEKDAYS.filter(({ n }) => draft.weekdays.includes(n)).map(({ value, n }) => ({ value, label: weekdayName(n) }))}
              placeholder={t('schedule.weekdays.choose')}
              deselectAriaLabel={(option) => t('editor.deselect', { name: option.label ?? '' })}
              onChange={({ detail }) => {
                set({ weekdays: detail.selectedOptions.map((o) => Number(o.value)).sort((a, b) => a - b) });
              }}
            />
          </FormField>
        ) : null}
        {draft.repeat === 'monthly' ? (
          <FormField label={t('schedule.day')} description={t('schedule.day.hint')} errorText={problems.day}>
            <Input type="number" inputMode="numeric" value={draft.day} onChange={({ detail }) => {
              set({ day: detail.value });
            }} />
          </FormField>
        ) : null}
        {draft.repeat === 'custom' ? (
          <FormField
            label={t('schedule.cron')}
            description={t('schedule.cron.hint')}
            constraintText={cronWords(draft.cron)}
            errorText={cronProblem(draft.cron.trim()) ?? problems.cron}
          >
            <Input value={draft.cron} spellcheck={false} onChange={({ detail }) => {
              set({ cron: detail.value });
            }} />
          </FormField>
        ) : (
          <FormField label={t('schedule.time')} constraintText={t('schedule.time.hint')} errorText={problems.time}>
            <Input value={draft.time} onChange={({ detail }) => {
              set({ time: detail.value });
            }} />
          </FormField>
        )}
        <FormField label={t('schedule.zone')} errorText={problems.timeZone}>
          <Select
            filteringType="auto"
            virtualScroll
            selectedOption={{ value: draft.timeZone }}
            options={[...new Set([draft.timeZone, ...zones()])].map((value) => ({ value }))}
            onChange={({ detail }) => {
              set({ timeZone: detail.selectedOption.value ?? 'UTC' });
            }}
          />
        </FormField>
        <FormField label={t('schedule.coming')}>
          <NextRuns cron={cronOf(draft)} zone={draft.timeZone} />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

function Rules({ draft, problems, set }: FieldsProps) {
  return (
    <Container header={<Header variant="h2">{t('schedule.rules')}</Header>}>
      <SpaceBetween size="m">
        <FormField label={t('schedule.conflict')} description={t('schedule.conflict.hint')}>
          <RadioGroup
            value={draft.skipIfConflict ? 'skip' : 'wait'}
            items={[
              { value: 'skip', label: t('schedule.conflict.skip') },
              { value: 'wait', label: t('schedule.conflict.wait'), description: t('schedule.conflict.wait.hint') },
            ]}
            onChange={({ detail }) => {
              set({ skipIfConflict: detail.value === 'skip' });
            }}
          />
        </FormField>
        <Checkbox checked={draft.allowDegraded} description={t('schedule.degraded.hint')} onChange={({ detail }) => {
          set({ allowDegraded: detail.checked });
        }}>
          {t('schedule.degraded')}
        </Checkbox>
        {draft.allowDegraded ? (
          <FormField label={t('start.override.reason')} description={t('start.override.reason.hint')} errorText={problems.overrideReason}>
            <Textarea rows={2} value={draft.overrideReason} onChange={({ detail }) => {
              set({ overrideReason: detail.value });
            }} />
          </FormField>
        ) : null}
        <Alert type="info" header={t('schedule.instances')}>{t('schedule.instances.text')}</Alert>
      </SpaceBetween>
    </Container>
  );
}

function Editor({
  schedule, first, gone = false, refetch, planName,
}: {
  schedule: Schedule | null;
  /** What a new one begins with. */
  first: ScheduleForm;
  gone?: boolean;
  refetch: () => Promise<unknown>;
  planName: (draft: ScheduleForm, set: FieldsProps['set']) => ReactNode;
}) {
  const api = useApi();
  const client = useQueryClient();
  return (
    <EditorForm<ScheduleForm, Schedule>
      id={`schedule:${schedule?.scheduleId ?? 'new'}`}
      title={schedule === null ? t('schedule.new') : t('editor.plan.edit', { name: schedule.name })}
      description={t('schedule.drills')}
      permission="modify_recovery_plans"
      entity={schedule}
      gone={gone}
      refetch={refetch}
      draftOf={(stored) => (stored === null ? first : formOf(stored))}
      problemsOf={scheduleProblems}
      partsOf={scheduleParts}
      fieldOf={scheduleField}
      back={schedule !== null ? scheduleHref(schedule) : first.planId === '' ? '/schedules' : `/recovery-plans/${first.planId}`}
      save={(draft, version) =>
        schedule === null || version === null
          ? api.post('/recovery-plans/{id}/schedules', { path: { id: draft.planId }, body: bodyOf(draft), idempotencyKey: crypto.randomUUID() })
          : api.put('/recovery-plans/{id}/schedules/{scheduleId}', {
              path: { id: schedule.planId, scheduleId: schedule.scheduleId },
              body: { ...bodyOf(draft), version },
            })
      }
      saved={(stored) => {
        void client.invalidateQueries({ queryKey: ['schedules'] });
        return { name: stored.name, path: scheduleHref(stored) };
      }}
    >
      {({ draft, change, problems }) => {
        const set = (part: Partial<ScheduleForm>) => {
          change({ ...draft, ...part });
        };
        return (
          <SpaceBetween size="l">
            <Basics draft={draft} problems={problems} set={set} plan={planName(draft, set)} />
            <When draft={draft} problems={problems} set={set} />
            <Rules draft={draft} problems={problems} set={set} />
          </SpaceBetween>
        );
      }}
    </EditorForm>
  );
}

function New() {
  const scope = useAccountScope();
  const [params] = useSearchParams();
  const [first] = useState<ScheduleForm>(() => ({
    ...NEW_FORM, planId: params.get('plan') ?? '', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }));
  const query = usePlans(scope.accountId);
  if (query.isError && query.data === undefined) {
    return <PageFailed what={t('plans.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const options = (query.data?.plans ?? []).map((plan) => ({ value: plan.planId, label: plan.planName, description: scope.text(plan.accountId) }));
  return (
    <Editor
      schedule={null}
      first={first}
      refetch={() => query.refetch()}
      planName={(draft, set) => (
        <Select
          filteringType="auto"
          options={options}
          selectedOption={options.find((o) => o.value === draft.planId) ?? null}
          placeholder={t('schedule.plan.choose')}
          statusType={query.isPending ? 'loading' : 'finished'}
          loadingText={t('loading')}
          empty={t('plans.none')}
          onChange={({ detail }) => {
            set({ planId: detail.selectedOption.value ?? '' });
          }}
        />
      )}
    />
  );
}

function Existing({ planId, scheduleId }: { planId: string; scheduleId: string }) {
  const query = useSchedule(planId, scheduleId);
  const plan = usePlan(planId).data;
  return (
    <Loaded query={query} failed={t('schedule.failed')} keep>
      {(schedule, gone) => (
        <Editor
          schedule={schedule}
          first={NEW_FORM}
          gone={gone}
          refetch={() => query.refetch()}
          planName={() => <Box>{plan?.planName ?? planId}</Box>}
        />
      )}
    </Loaded>
  );
}

export default function ScheduleEditor() {
  const { planId, scheduleId } = useParams();
  useTitle(t(scheduleId === undefined ? 'schedule.new' : 'schedule.edit'));
  return planId === undefined || scheduleId === undefined ? (
    <AccountGate all>
      <New />
    </AccountGate>
  ) : (
    <Existing planId={planId} scheduleId={scheduleId} />
  );
}
