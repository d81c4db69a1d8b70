import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from '../api/client';
import { keys } from '../api/queries';
import { useServices } from '../app/context';
import { GatedButton } from '../components/GatedButton';
import { Status } from '../components/Status';
import { Time } from '../components/Time';
import { t } from '../i18n/t';
import { isApplying, progressText } from './apply';

type Group = Schemas['ProtectionGroup'];

const SHOWN = 5;

function Failures({ group, all }: { group: Group; all: () => void }) {
  const failed = (group.launchConfigStatus.servers ?? []).filter((s) => s.status === 'failed');
  return failed.length === 0 ? null : (
    <Alert type={group.launchConfigStatus.status === 'failed' ? 'error' : 'warning'} header={t('apply.failures', { count: failed.length })}>
      <ul>
        {failed.slice(0, SHOWN).map((s) => (
          <li key={s.sourceServerId}>
            {s.hostname ?? s.sourceServerId}: {s.error ?? s.errors?.[0] ?? t('status.unknown')}
          </li>
        ))}
      </ul>
      {failed.length > SHOWN ? (
        <GatedButton permission="view_protection_groups" variant="inline-link" onClick={all}>
          {t('apply.failures.more', { count: failed.length - SHOWN })}
        </GatedButton>
      ) : null}
    </Alert>
  );
}

/** How far the settings of the group are applied, and the way to apply them again. */
export function LaunchState({ group, showFailed }: { group: Group; showFailed: () => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const state = group.launchConfigStatus;
  const applying = isApplying(state);
  const again = useMutation({
    mutationFn: () =>
      api.post('/protection-groups/{id}/apply-launch-configs', { path: { id: group.groupId }, body: { force: state.status === 'pending' } }),
    onError: (cause) => {
      flashes.error(t('apply.refused'), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.group(group.groupId) }),
  });
  const differing = (state.servers ?? []).filter((s) => s.status === 'pending').length;
  const why =
    state.status === 'syncing' ? t('apply.busy') : state.status === 'not_configured' ? t('apply.nothing') : undefined;
  const button = (
    <GatedButton
      permission="modify_protection_groups"
      iconName="refresh"
      loading={again.isPending}
      disabledReason={why}
      onClick={() => {
        again.mutate();
      }}
    >
      {t('apply.again')}
    </GatedButton>
  );
  return (
    <Container header={<Header variant="h2" description={t('apply.what')} actions={button}>{t('apply.title')}</Header>}>
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('state'), value: <Status value={state.status} kind="launch" /> },
            {
              label: t('apply.servers'),
              value: t('apply.counts', { done: state.appliedServers ?? 0, total: state.totalServers ?? 0, failed: state.failedServers ?? 0 }),
            },
            { label: t('apply.last'), value: <Time value={state.lastApplied} /> },
            { label: t('apply.by'), value: state.appliedBy ?? '–' },
          ]}
        />
        {applying ? (
          <ProgressBar
            value={state.percentage ?? 0}
            label={t('apply.progress.label')}
            description={state.status === 'pending' ? t('apply.waiting') : undefined}
            additionalInfo={progressText(state)}
          />
        ) : null}
        {state.status === 'drifted' ? (
          <Alert type="warning" header={t('apply.drifted')}>
            {t('apply.drifted.text', { count: differing })}
          </Alert>
        ) : null}
        {applying ? null : <Failures group={group} all={showFailed} />}
        {!applying && (state.errors ?? []).length > 0 && (state.failedServers ?? 0) === 0 ? (
          <Alert type="warning" header={t('group.launch.problems')}>
            <ul>
              {(state.errors ?? []).slice(0, SHOWN).map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </Alert>
        ) : null}
        {state.status === 'not_configured' ? <Box color="text-body-secondary">{t('apply.none')}</Box> : null}
      </SpaceBetween>
    </Container>
  );
}
