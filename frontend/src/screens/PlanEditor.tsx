import { useQueryClient } from '@tanstack/react-query';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { keys, useGroups, usePlan } from '../api/queries';
import { useAccount } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useConfig, useServices } from '../app/context';
import { useTitle } from '../app/page';
import { useParam } from '../app/params';
import { EditorForm, type Problems } from '../components/EditorForm';
import { Failed } from '../components/Failed';
import { Loaded } from '../components/Loaded';
import { NumberField } from '../components/NumberField';
import { targetsOf } from '../execution/objectives';
import '../i18n/more';
import '../i18n/plan';
import '../i18n/plans';
import { t } from '../i18n/t';
import { copyOfPlan, draftOf, emptyPlan, emptyWave, move, planBody, planField, planParts, planProblems, removeWave, type PlanDraft, type WaveDraft } from '../plans/draft';
import { planFacts } from '../plans/facts';
import { subscriptionOf } from '../plans/state';
import { useServers } from '../plans/useServers';
import { WaveForm } from '../plans/WaveForm';
import { WaveOrder } from '../plans/WaveOrder';

type Plan = Schemas['RecoveryPlan'];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Longer plans begin folded. */
const OPEN_WAVES = 3;

function Mail({ plan, email }: { plan: Plan | null; email: string }) {
  if (email.trim() === '') {
    return null;
  }
  if (plan === null || plan.notificationEmail !== email.trim()) {
    return <StatusIndicator type="info">{t('mail.after')}</StatusIndicator>;
  }
  const state = subscriptionOf(plan);
  return (
    <StatusIndicator type={state === 'active' ? 'success' : 'pending'}>{t(`mail.${state}`, { mail: email.trim() })}</StatusIndicator>
  );
}

function Fields({ plan, draft, change, problems }: { plan: Plan | null; draft: PlanDraft; change: (next: PlanDraft) => void; problems: Problems }) {
  const own = useAccount().accountId;
  const accountId = plan?.accountId ?? own;
  const config = useConfig();
  const query = useGroups('');
  const groups = query.data?.groups ?? [];
  const servers = useServers(groups, new Set(draft.waves.flatMap((w) => w.groupIds)));
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set(draft.waves.slice(0, draft.waves.length > OPEN_WAVES ? 0 : OPEN_WAVES).map((w) => w.key)));
  const facts = planFacts(draft.waves, groups, servers.serversOf, {
    maxParallelWaves: draft.maxParallelWaves, waveDelay: draft.interWaveDelaySeconds, serverDelay: draft.interServerDelaySeconds,
  });
  const setWaves = (waves: WaveDraft[]) => {
    change({ ...draft, waves });
  };
  const open = (key: string) => {
    setOpened(new Set([...opened, key]));
    requestAnimationFrame(() => {
      const section = document.getElementById(`wave-${key}`);
      section?.scrollIntoView({ block: 'start' });
      section?.querySelector<HTMLElement>('input')?.focus({ preventScroll: true });
    });
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
          <Mail plan={plan} email={draft.email} />
          <ExpandableSection headerText={t('editor.pace')} defaultExpanded>
            <ColumnLayout columns={3} minColumnWidth={220}>
              {(['rto', 'rpo'] as const).map((name) => (
                <FormField
                  key={name}
                  label={t(`editor.${name}`)}
                  description={t('editor.target.hint', { minutes: name === 'rto' ? config.rtoTargetMinutes : config.rpoTargetMinutes })}
                  errorText={problems[name]}
                >
                  <Input value={draft[name]} inputMode="numeric" onChange={({ detail }) => {
                    change({ ...draft, [name]: detail.value });
                  }} />
                </FormField>
              ))}
              <NumberField label={t('plan.parallel')} hint={t('editor.parallel.hint')} value={draft.maxParallelWaves} min={1} max={100} set={(maxParallelWaves) => {
                change({ ...draft, maxParallelWaves });
              }} />
              <NumberField label={t('plan.priority')} hint={t('editor.priority.hint')} value={draft.priority} min={1} max={9} set={(priority) => {
                change({ ...draft, priority });
              }} />
              <NumberField label={t('editor.delay.waves')} hint={t('editor.delay.waves.hint')} value={draft.interWaveDelaySeconds} min={0} max={3600} set={(interWaveDelaySeconds) => {
                change({ ...draft, interWaveDelaySeconds });
              }} />
              <NumberField
                label={t('editor.delay.servers')}
                hint={t('editor.delay.servers.hint')}
                value={draft.interServerDelaySeconds}
                min={0}
                max={3600}
                set={(interServerDelaySeconds) => {
                  change({ ...draft, interServerDelaySeconds });
                }}
              />
            </ColumnLayout>
          </ExpandableSection>
        </SpaceBetween>
      </Container>
      <WaveOrder
        waves={draft.waves}
        facts={facts}
        groupName={(id) => groups.find((g) => g.groupId === id)?.groupName ?? id}
        rtoSeconds={targetsOf({ rto: draft.rto }, config).rtoSeconds}
        error={servers.error}
        retry={servers.retry}
        set={setWaves}
        open={open}
        add={() => {
          const wave = emptyWave(draft.waves.length + 1);
          setWaves([...draft.waves, wave]);
          open(wave.key);
        }}
      />
      {query.isError && query.data === undefined ? <Failed what={t('groups.failed')} error={query.error} retry={() => void query.refetch()} /> : null}
      {problems.waves === undefined ? null : <StatusIndicator type="error">{problems.waves}</StatusIndicator>}
      {draft.waves.map((wave, index) => (
        <WaveForm
          key={wave.key}
          accountId={accountId}
          wave={wave}
          index={index}
          waves={draft.waves}
          groups={groups}
          groupsPending={query.isPending}
          serversOf={servers.serversOf}
          facts={facts.waves[index]}
          problems={problems}
          open={opened.has(wave.key)}
          setOpen={(shown) => {
            const next = new Set(opened);
            next[shown ? 'add' : 'delete'](wave.key);
            setOpened(next);
          }}
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
    </SpaceBetween>
  );
}

function Editor({
  plan, copied, gone = false, refetch = () => Promise.resolve(),
}: {
  plan: Plan | null;
  /** What a new plan begins with. */
  copied?: Plan;
  gone?: boolean;
  refetch?: () => Promise<unknown>;
}) {
  const account = useAccount();
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const groups = useGroups('').data?.groups ?? [];
  const groupName = (id: string) => groups.find((g) => g.groupId === id)?.groupName ?? id;
  return (
    <EditorForm<PlanDraft, Plan>
      id={`plan:${plan?.planId ?? ['new', account.accountId, ...(copied === undefined ? [] : [copied.planId])].join(':')}`}
      title={plan === null ? t('editor.plan.new') : t('editor.plan.edit', { name: plan.planName })}
      description={t('editor.plan.description', { account: plan?.accountId ?? account.accountId })}
      permission={plan === null ? 'create_recovery_plans' : 'modify_recovery_plans'}
      entity={plan}
      gone={gone}
      refetch={refetch}
      draftOf={(stored, before) => (stored !== null ? draftOf(stored, before) : copied === undefined ? emptyPlan() : copyOfPlan(copied))}
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
        for (const warning of stored.warnings ?? []) {
          flashes.add({ type: 'warning', header: text(warning.message), content: text(warning.recommendation) });
        }
        return { name: stored.planName, path: `/recovery-plans/${stored.planId}/readiness` };
      }}
    >
      {(form) => <Fields plan={plan} {...form} />}
    </EditorForm>
  );
}

function Existing({ planId }: { planId: string }) {
  const query = usePlan(planId);
  return (
    <Loaded query={query} failed={t('plan.failed')} keep>
      {(plan, gone) => (
        <AccountGate of={plan.accountId}>
          <Editor plan={plan} gone={gone} refetch={() => query.refetch()} />
        </AccountGate>
      )}
    </Loaded>
  );
}

function Copy({ planId }: { planId: string }) {
  return (
    <Loaded query={usePlan(planId)} failed={t('plan.failed')} keep>
      {(plan) => (
        <AccountGate of={plan.accountId}>
          <Editor plan={null} copied={plan} />
        </AccountGate>
      )}
    </Loaded>
  );
}

export default function PlanEditor() {
  const { planId } = useParams();
  const [from] = useParam('from');
  useTitle(planId === undefined ? t('editor.plan.new') : t('edit'));
  return planId !== undefined ? (
    <Existing planId={planId} />
  ) : from !== '' ? (
    <Copy planId={from} />
  ) : (
    <AccountGate>
      <Editor plan={null} />
    </AccountGate>
  );
}
