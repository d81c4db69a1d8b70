import { useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { keys, useGroups, usePlan } from '../api/queries';
import { useAccount } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useServices } from '../app/context';
import { useTitle } from '../app/page';
import { EditorForm } from '../components/EditorForm';
import { Failed } from '../components/Failed';
import '../i18n/more';
import { t } from '../i18n/t';
import { draftOf, emptyPlan, emptyWave, move, planBody, planField, planParts, planProblems, removeWave, type PlanDraft, type WaveDraft } from '../plans/draft';

type Plan = Schemas['RecoveryPlan'];

function NumberField({
  label, hint, value, min, max, set,
}: {
  label: string;
  hint?: string;
  value: number;
  min: number;
  max: number;
  set: (value: number) => void;
}) {
  return (
    <FormField label={label} description={hint} constraintText={t('editor.range', { min, max })}>
      <Input
        type="number"
        inputMode="numeric"
        value={String(value)}
        onChange={({ detail }) => {
          const next = Number(detail.value);
          set(Number.isFinite(next) ? Math.min(max, Math.max(min, Math.round(next))) : min);
        }}
      />
    </FormField>
  );
}

function Wave({
  wave, index, waves, problems, change, shift, remove,
}: {
  wave: WaveDraft;
  index: number;
  waves: readonly WaveDraft[];
  problems: Record<string, string>;
  change: (next: WaveDraft) => void;
  shift: (to: number) => void;
  remove: () => void;
}) {
  const account = useAccount();
  const groups = useGroups(account.accountId);
  const name = t('wave.name', { number: index + 1, name: wave.name });
  const groupOptions = (groups.data?.groups ?? []).map((g) => ({
    value: g.groupId,
    label: g.groupName,
    description: g.region,
    tags: [
      Object.keys(g.serverSelectionTags).length > 0
        ? t('group.selection.tags', { count: Object.keys(g.serverSelectionTags).length })
        : t('group.selection.servers', { count: g.sourceServerIds.length }),
    ],
  }));
  const needOptions = waves.slice(0, index).map((w, i) => ({ value: w.key, label: t('wave.name', { number: i + 1, name: w.name }) }));
  const policies = (['FAIL_FAST', 'CONTINUE', 'PAUSE'] as const).map((value) => ({ value, label: t(`policy.${value}`) }));
  return (
    <Container
      header={
        <Header
          variant="h3"
          actions={
            <SpaceBetween size="xs" direction="horizontal">
              <Button iconName="arrow-up" ariaLabel={t('editor.up', { wave: name })} disabled={index === 0} onClick={() => {
                shift(index - 1);
              }} />
              <Button
                iconName="arrow-down"
                ariaLabel={t('editor.down', { wave: name })}
                disabled={index === waves.length - 1}
                onClick={() => {
                  shift(index + 1);
                }}
              />
              <Button iconName="remove" ariaLabel={t('editor.remove', { wave: name })} disabled={waves.length === 1} onClick={remove} />
            </SpaceBetween>
          }
        >
          {name}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ColumnLayout columns={2} minColumnWidth={260}>
          <FormField label={t('editor.wave.name')} errorText={problems[`${wave.key}.name`]}>
            <Input value={wave.name} onChange={({ detail }) => {
              change({ ...wave, name: detail.value });
            }} />
          </FormField>
          <FormField label={t('nav.groups')} errorText={problems[`${wave.key}.groups`]}>
            <Multiselect
              options={groupOptions}
              selectedOptions={groupOptions.filter((o) => wave.groupIds.includes(o.value))}
              placeholder={t('editor.groups.choose')}
              filteringType="auto"
              statusType={groups.isPending ? 'loading' : groups.isError ? 'error' : 'finished'}
              loadingText={t('loading')}
              errorText={t('groups.failed')}
              empty={t('groups.none')}
              deselectAriaLabel={(option) => t('editor.deselect', { name: option.label ?? '' })}
              onChange={({ detail }) => {
                // servers were chosen out of the former groups
                change({ ...wave, groupIds: detail.selectedOptions.flatMap((o) => o.value ?? []), serverIds: [] });
              }}
            />
          </FormField>
          {index === 0 ? null : (
            <FormField label={t('plan.depends')} description={t('editor.needs.hint')}>
              <Multiselect
                options={needOptions}
                selectedOptions={needOptions.filter((o) => wave.needs.includes(o.value))}
                placeholder={t('editor.needs.none')}
                deselectAriaLabel={(option) => t('editor.deselect', { name: option.label ?? '' })}
                onChange={({ detail }) => {
                  change({ ...wave, needs: detail.selectedOptions.flatMap((o) => o.value ?? []) });
                }}
              />
            </FormField>
          )}
          <FormField label={t('plan.policy')}>
            <Select
              options={policies}
              selectedOption={policies.find((o) => o.value === wave.failurePolicy) ?? null}
              onChange={({ detail }) => {
                const chosen = policies.find((o) => o.value === detail.selectedOption.value);
                if (chosen !== undefined) {
                  change({ ...wave, failurePolicy: chosen.value });
                }
              }}
            />
          </FormField>
        </ColumnLayout>
        {index === 0 ? null : (
          <Checkbox checked={wave.pauseBefore} description={t('editor.pause.hint')} onChange={({ detail }) => {
            change({ ...wave, pauseBefore: detail.checked });
          }}>
            {t('editor.pause')}
          </Checkbox>
        )}
        <ExpandableSection headerText={t('editor.more')}>
          <SpaceBetween size="m">
            <FormField label={t('description')}>
              <Input value={wave.description} onChange={({ detail }) => {
                change({ ...wave, description: detail.value });
              }} />
            </FormField>
            <ColumnLayout columns={3} minColumnWidth={200}>
              <NumberField label={t('editor.deadline')} value={wave.deadlineMinutes} min={10} max={10080} set={(deadlineMinutes) => {
                change({ ...wave, deadlineMinutes });
              }} />
              <NumberField label={t('editor.retries')} value={wave.autoRetryFailed} min={0} max={3} set={(autoRetryFailed) => {
                change({ ...wave, autoRetryFailed });
              }} />
              {wave.failurePolicy === 'CONTINUE' ? (
                <NumberField label={t('editor.threshold')} value={wave.minLaunchedPercent} min={0} max={100} set={(minLaunchedPercent) => {
                  change({ ...wave, minLaunchedPercent });
                }} />
              ) : null}
            </ColumnLayout>
            {wave.serverIds.length > 0 ? (
              <Alert
                type="info"
                action={
                  <Button onClick={() => {
                    change({ ...wave, serverIds: [] });
                  }}>
                    {t('editor.servers.all')}
                  </Button>
                }
              >
                {t('editor.servers.some', { count: wave.serverIds.length })}
              </Alert>
            ) : null}
          </SpaceBetween>
        </ExpandableSection>
      </SpaceBetween>
    </Container>
  );
}

function Editor({ plan, gone = false, refetch = () => Promise.resolve() }: { plan: Plan | null; gone?: boolean; refetch?: () => Promise<unknown> }) {
  const account = useAccount();
  const { api } = useServices();
  const client = useQueryClient();
  const groups = useGroups(account.accountId).data?.groups ?? [];
  const groupName = (id: string) => groups.find((g) => g.groupId === id)?.groupName ?? id;
  return (
    <EditorForm<PlanDraft, Plan>
      id={`plan:${plan?.planId ?? `new:${account.accountId}`}`}
      title={plan === null ? t('editor.plan.new') : t('editor.plan.edit', { name: plan.planName })}
      description={t('editor.plan.description', { account: account.accountId })}
      permission={plan === null ? 'create_recovery_plans' : 'modify_recovery_plans'}
      entity={plan}
      gone={gone}
      refetch={refetch}
      draftOf={(stored, before) => (stored === null ? emptyPlan() : draftOf(stored, before))}
      problemsOf={planProblems}
      partsOf={(base, mine, theirs) => planParts(base, mine, theirs, groupName)}
      fieldOf={planField}
      back={plan === null ? '/recovery-plans' : `/recovery-plans/${plan.planId}`}
      save={(draft, version) =>
        plan === null || version === null
          ? api.post('/recovery-plans', { body: { ...planBody(draft), accountId: account.accountId }, idempotencyKey: crypto.randomUUID() })
          : api.put('/recovery-plans/{id}', { path: { id: plan.planId }, body: { ...planBody(draft), version } })
      }
      saved={(stored) => {
        void client.invalidateQueries({ queryKey: ['plans'] });
        void client.invalidateQueries({ queryKey: keys.plan(stored.planId) });
        return { name: stored.planName, path: `/recovery-plans/${stored.planId}/readiness` };
      }}
    >
      {({ draft, change, problems }) => {
        const setWaves = (waves: WaveDraft[]) => {
          change({ ...draft, waves });
        };
        return (
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">{t('editor.basics')}</Header>}>
              <SpaceBetween size="m">
                <FormField label={t('name')} errorText={problems.name}>
                  <Input value={draft.name} onChange={({ detail }) => {
                    change({ ...draft, name: detail.value });
                  }} />
                </FormField>
                <FormField label={t('description')}>
                  <Textarea rows={2} value={draft.description} onChange={({ detail }) => {
                    change({ ...draft, description: detail.value.slice(0, 1000) });
                  }} />
                </FormField>
                <FormField label={t('plan.mail')} description={t('editor.mail.hint')} errorText={problems.email}>
                  <Input value={draft.email} inputMode="email" onChange={({ detail }) => {
                    change({ ...draft, email: detail.value });
                  }} />
                </FormField>
                <ColumnLayout columns={2} minColumnWidth={220}>
                  <NumberField label={t('plan.parallel')} hint={t('editor.parallel.hint')} value={draft.maxParallelWaves} min={1} max={100} set={(maxParallelWaves) => {
                    change({ ...draft, maxParallelWaves });
                  }} />
                  <NumberField label={t('plan.priority')} hint={t('editor.priority.hint')} value={draft.priority} min={1} max={9} set={(priority) => {
                    change({ ...draft, priority });
                  }} />
                </ColumnLayout>
              </SpaceBetween>
            </Container>
            <Header
              variant="h2"
              actions={
                <Button iconName="add-plus" formAction="none" onClick={() => {
                  setWaves([...draft.waves, emptyWave(draft.waves.length + 1)]);
                }}>
                  {t('editor.wave.add')}
                </Button>
              }
            >
              {t('waves')}
            </Header>
            {draft.waves.map((wave, index) => (
              <Wave
                key={wave.key}
                wave={wave}
                index={index}
                waves={draft.waves}
                problems={problems}
                change={(next) => {
                  setWaves(draft.waves.map((w) => (w.key === wave.key ? next : w)));
                }}
                shift={(to) => {
                  setWaves(move(draft.waves, index, to));
                }}
                remove={() => {
                  setWaves(removeWave(draft.waves, index));
                }}
              />
            ))}
            <Box color="text-body-secondary">{t('editor.order')}</Box>
          </SpaceBetween>
        );
      }}
    </EditorForm>
  );
}

function Existing({ planId }: { planId: string }) {
  const query = usePlan(planId);
  if (query.data === undefined) {
    return query.isPending ? (
      <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
    ) : (
      <Failed what={t('plan.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  return (
    <Editor
      plan={query.data}
      gone={query.isError && toApiError(query.error).status === 404}
      refetch={() => query.refetch()}
    />
  );
}

export default function PlanEditor() {
  const { planId } = useParams();
  useTitle(planId === undefined ? t('editor.plan.new') : t('edit'));
  return <AccountGate>{planId === undefined ? <Editor plan={null} /> : <Existing planId={planId} />}</AccountGate>;
}
