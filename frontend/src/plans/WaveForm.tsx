import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from '../api/client';
import type { Problems } from '../components/EditorForm';
import { NumberField } from '../components/NumberField';
import { statusText } from '../components/Status';
import '../i18n/more';
import '../i18n/plan';
import '../i18n/plans';
import { t } from '../i18n/t';
import { formatSeconds } from '../lib/time';
import type { WaveDraft } from './draft';
import { isTagBased, membersOf, type WaveFacts } from './facts';

interface Option<V extends string = string> {
  value: V;
  label: string;
  description?: string;
  tags?: string[];
}

function Choice<V extends string>({ label, hint, options, value, set }: { label: string; hint?: string; options: readonly Option<V>[]; value: V; set: (value: V) => void }) {
  return (
    <FormField label={label} description={hint}>
      <Select
        options={options}
        selectedOption={options.find((o) => o.value === value) ?? null}
        onChange={({ detail }) => {
          const chosen = options.find((o) => o.value === detail.selectedOption.value);
          if (chosen !== undefined) {
            set(chosen.value);
          }
        }}
      />
    </FormField>
  );
}

function Choices({
  label, hint, options, values, placeholder, problem, loading = false, set,
}: {
  label: string;
  hint?: string;
  options: readonly Option[];
  values: readonly string[];
  placeholder: string;
  problem?: string;
  loading?: boolean;
  set: (values: string[]) => void;
}) {
  // what is chosen and no longer offered can still be taken away
  const chosen = values.map((value) => options.find((o) => o.value === value) ?? { value, label: value });
  return (
    <FormField label={label} description={hint} errorText={problem}>
      <Multiselect
        options={options}
        selectedOptions={chosen}
        placeholder={placeholder}
        filteringType={options.length > 5 ? 'auto' : 'none'}
        filteringAriaLabel={t('table.find.in', { title: label })}
        virtualScroll={options.length > 50}
        tokenLimit={8}
        statusType={loading ? 'loading' : 'finished'}
        loadingText={t('loading')}
        empty={t('table.nomatch')}
        deselectAriaLabel={(option) => t('editor.deselect', { name: option.label ?? '' })}
        onChange={({ detail }) => {
          set(detail.selectedOptions.flatMap((o) => o.value ?? []));
        }}
      />
    </FormField>
  );
}

function groupOption(group: Schemas['ProtectionGroup']): Option {
  return {
    value: group.groupId,
    label: group.groupName,
    description: [group.accountId, group.region].filter(Boolean).join(' · '),
    tags: [
      isTagBased(group)
        ? t('group.selection.tags', { count: Object.keys(group.serverSelectionTags).length })
        : t('group.selection.servers', { count: group.sourceServerIds.length }),
    ],
  };
}

export const serverOption = (server: Pick<Schemas['Server'], 'sourceServerID' | 'nameTag' | 'hostname' | 'replicationState'>): Option => ({
  value: server.sourceServerID,
  label: server.nameTag ?? server.hostname,
  description: `${server.sourceServerID} · ${statusText(server.replicationState, 'replication')}`,
});

/** Groups of the plan's own account come first. */
export function ownFirst<G extends { accountId?: string; groupName: string }>(groups: readonly G[], accountId: string): G[] {
  const foreign = (g: G) => Number(g.accountId !== accountId);
  return [...groups].sort((a, b) => foreign(a) - foreign(b) || a.groupName.localeCompare(b.groupName));
}

/** The fields of one wave. */
export function WaveForm({
  accountId, wave, index, waves, groups, groupsPending, serversOf, facts, problems, open, setOpen, change, shift, remove,
}: {
  /** Of the plan. */
  accountId: string;
  wave: WaveDraft;
  index: number;
  waves: readonly WaveDraft[];
  groups: readonly Schemas['ProtectionGroup'][];
  groupsPending: boolean;
  serversOf: (groupId: string) => readonly Schemas['Server'][] | null;
  facts: WaveFacts | undefined;
  problems: Problems;
  open: boolean;
  setOpen: (open: boolean) => void;
  change: (next: WaveDraft) => void;
  shift: (to: number) => void;
  remove: () => void;
}) {
  const name = t('wave.name', { number: index + 1, name: wave.name });
  const members = membersOf({ ...wave, serverIds: [] }, groups, serversOf);
  const byList = members.filter((m) => m.group !== undefined && !isTagBased(m.group));
  const reading = members.some((m) => m.servers === null);
  const listed = byList.flatMap((m) => serversOf(m.id) ?? []);
  const all = wave.groupIds.flatMap((id) => serversOf(id) ?? []);
  const foreign = members.flatMap((m) => (m.group === undefined || m.group.accountId === accountId ? [] : t('editor.foreign.group', { name: m.group.groupName, account: m.group.accountId })));
  const wrong = Object.keys(problems).some((key) => key.startsWith(`${wave.key}.`));
  return (
    <div id={`wave-${wave.key}`}>
      <ExpandableSection
        variant="container"
        expanded={open || wrong}
        onChange={({ detail }) => {
          setOpen(detail.expanded);
        }}
        headingTagOverride="h3"
        headerText={name}
        headerDescription={
          facts?.servers === null || facts?.jobs === null || facts?.seconds === null || facts === undefined
            ? undefined
            : t('editor.wave.facts', { servers: facts.servers, jobs: facts.jobs, time: formatSeconds(facts.seconds) })
        }
        headerActions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button formAction="none" iconName="arrow-up" ariaLabel={t('editor.up', { wave: name })} disabled={index === 0} onClick={() => {
              shift(index - 1);
            }} />
            <Button formAction="none" iconName="arrow-down" ariaLabel={t('editor.down', { wave: name })} disabled={index === waves.length - 1} onClick={() => {
              shift(index + 1);
            }} />
            <Button formAction="none" iconName="remove" ariaLabel={t('editor.remove', { wave: name })} disabled={waves.length === 1} onClick={remove} />
          </SpaceBetween>
        }
      >
        <SpaceBetween size="m">
          {(facts?.warnings ?? []).map((warning) => (
            <StatusIndicator key={warning} type="warning">{warning}</StatusIndicator>
          ))}
          {foreign.length === 0 ? null : <StatusIndicator type="info">{t('editor.foreign', { groups: foreign.join(', ') })}</StatusIndicator>}
          <ColumnLayout columns={2} minColumnWidth={260}>
            <FormField label={t('editor.wave.name')} errorText={problems[`${wave.key}.name`]}>
              <Input value={wave.name} onChange={({ detail }) => {
                change({ ...wave, name: detail.value });
              }} />
            </FormField>
            <Choices
              label={t('nav.groups')}
              options={ownFirst(groups, accountId).map(groupOption)}
              values={wave.groupIds}
              placeholder={t('editor.groups.choose')}
              problem={problems[`${wave.key}.groups`]}
              loading={groupsPending}
              set={(groupIds) => {
                // servers were chosen out of the former groups
                change({ ...wave, groupIds, serverIds: [], optionalServerIds: [] });
              }}
            />
            {index === 0 ? null : (
              <Choices
                label={t('plan.depends')}
                hint={t('editor.needs.hint')}
                options={waves.slice(0, index).map((w, i) => ({ value: w.key, label: t('wave.name', { number: i + 1, name: w.name }) }))}
                values={wave.needs}
                placeholder={t('editor.needs.none')}
                set={(needs) => {
                  change({ ...wave, needs });
                }}
              />
            )}
            <Choice
              label={t('plan.policy')}
              options={(['FAIL_FAST', 'CONTINUE', 'PAUSE'] as const).map((value) => ({ value, label: t(`policy.${value}`) }))}
              value={wave.failurePolicy}
              set={(failurePolicy) => {
                change({ ...wave, failurePolicy });
              }}
            />
          </ColumnLayout>
          {index === 0 ? null : (
            <Checkbox checked={wave.pauseBefore} description={t('editor.pause.hint')} onChange={({ detail }) => {
              change({ ...wave, pauseBefore: detail.checked });
            }}>
              {t('editor.pause')}
            </Checkbox>
          )}
          {wave.groupIds.length === 0 ? null : byList.length === 0 ? (
            <FormField label={t('servers')}>
              <Box color="text-body-secondary">{t('editor.servers.tags')}</Box>
            </FormField>
          ) : (
            <Choices
              label={t('servers')}
              hint={byList.length < members.length ? t('editor.servers.narrowed') : undefined}
              options={listed.map(serverOption)}
              values={wave.serverIds}
              placeholder={t('editor.servers.choose')}
              loading={reading}
              set={(serverIds) => {
                // all of them is the same as no choice, and follows the groups
                change({ ...wave, serverIds: serverIds.length === listed.length ? [] : serverIds });
              }}
            />
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
              <ColumnLayout columns={2} minColumnWidth={260}>
                <Choice
                  label={t('editor.empty')}
                  options={(['FAIL', 'SKIP'] as const).map((value) => ({ value, label: t(`editor.empty.${value}`) }))}
                  value={wave.emptyWavePolicy}
                  set={(emptyWavePolicy) => {
                    change({ ...wave, emptyWavePolicy });
                  }}
                />
                <Choice
                  label={t('editor.launch')}
                  options={(['', 'STRICT', 'BEST_EFFORT'] as const).map((value) => ({ value, label: t(value === '' ? 'editor.launch.default' : `editor.launch.${value}`) }))}
                  value={wave.launchConfigPolicy}
                  set={(launchConfigPolicy) => {
                    change({ ...wave, launchConfigPolicy });
                  }}
                />
              </ColumnLayout>
              <Choices
                label={t('editor.optional')}
                hint={t('editor.optional.hint')}
                options={all.map(serverOption)}
                values={wave.optionalServerIds}
                placeholder={t('editor.needs.none')}
                loading={reading}
                set={(optionalServerIds) => {
                  change({ ...wave, optionalServerIds });
                }}
              />
              <Checkbox checked={wave.waitForLaunchActions} description={t('editor.actions.hint')} onChange={({ detail }) => {
                change({ ...wave, waitForLaunchActions: detail.checked });
              }}>
                {t('editor.actions')}
              </Checkbox>
            </SpaceBetween>
          </ExpandableSection>
        </SpaceBetween>
      </ExpandableSection>
    </div>
  );
}
