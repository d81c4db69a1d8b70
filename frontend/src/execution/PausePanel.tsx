/** What to look at while a run is paused, and the ways on. */
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { useExecutionServers } from '../api/queries';
import { useSession } from '../app/context';
import { Failed } from '../components/Failed';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Elapsed, Time } from '../components/Time';
import { more } from '../components/more';
import { t } from '../i18n/t';
import { humanize } from '../lib/status';
import { ActionButton } from './actions';
import { InstanceLink } from './InstanceLink';
import { serverName } from './names';

type Execution = Schemas['Execution'];
type Wave = Schemas['ExecWave'];
type Server = Schemas['ServerExecution'];

const ENDED = new Set(['COMPLETED', 'PARTIAL', 'FAILED', 'TIMEOUT']);

/** The wave that ended last: what can be looked at during the pause. */
export function lastEnded(waves: readonly Wave[]): Wave | null {
  return waves
    .filter((w) => ENDED.has(w.status) && w.skipped !== true)
    .reduce<Wave | null>((last, w) => (last === null || (w.endTime ?? 0) >= (last.endTime ?? 0) ? w : last), null);
}

const key = (user: string, execution: Execution, wave: Wave) => `drs-console:checked:${user}:${execution.executionId}:${String(wave.waveNumber)}`;

function stored(name: string): string[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(name) ?? '[]');
    return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
  } catch {
    return [];
  }
}

/** Whose ticks these are. */
function useName(): string {
  const state = useSession();
  return state.phase === 'signed-in' ? state.session.name : '';
}

/** Names of a note, in characters: the server takes 1,000 in all, and the user may add to it. Further ones are counted. */
const NAMED = 600;

/** What the note of a resume says of the ticks, so that the record of the run and its report have them. */
export function checkNote(wave: Wave, names: readonly string[], total: number): string {
  if (names.length === 0) {
    return '';
  }
  let count = names.length;
  while (names.slice(0, count).join(', ').length > NAMED) {
    count--;
  }
  return t('pause.note', {
    checked: names.length, total, wave: t('wave.name', { number: wave.waveNumber + 1, name: wave.waveName }),
    names: names.slice(0, count).join(', '), more: names.length - count,
  });
}

/** Instances of the wave, to be ticked off. `checked`: IDs of servers. */
function CheckList({ wave, query, checked, check }: {
  wave: Wave;
  query: ReturnType<typeof useExecutionServers>;
  checked: readonly string[];
  check: (ids: string[]) => void;
}) {
  const servers = query.data?.pages.flatMap((p) => p.servers) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  if (query.isError && query.data === undefined) {
    return <Failed what={t('servers.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <Table<Server>
      variant="embedded"
      items={servers}
      trackBy="sourceServerId"
      loading={query.isPending}
      loadingText={t('loading')}
      wrapLines={false}
      selectionType="multi"
      selectedItems={servers.filter((s) => checked.includes(s.sourceServerId))}
      onSelectionChange={({ detail }) => {
        check(detail.selectedItems.map((s) => s.sourceServerId));
      }}
      ariaLabels={{
        tableLabel: t('pause.list', { wave: wave.waveName }),
        selectionGroupLabel: t('pause.checked'),
        allItemsSelectionLabel: () => t('pause.checkall'),
        itemSelectionLabel: (_, s: Server) => t('pause.check', { server: serverName(s) }),
      }}
      columnDefinitions={[
        { id: 'name', header: t('server'), isRowHeader: true, cell: (s: Server) => serverName(s) },
        { id: 'status', header: t('status'), cell: (s) => <Status value={s.launchStatus} kind="server" /> },
        { id: 'instance', header: t('instance'), cell: (s) => <InstanceLink server={s} /> },
        { id: 'ip', header: t('privateIp'), cell: (s) => s.privateIp ?? '–' },
        { id: 'state', header: t('state'), cell: (s) => (s.instanceState === undefined ? '–' : humanize(s.instanceState)) },
        {
          id: 'launchActions',
          header: t('launchActions'),
          cell: (s) => (s.launchActions ?? []).map((a) => `${a.name ?? ''}: ${humanize(a.status ?? '')}`).join(', ') || '–',
        },
      ]}
      empty={<Box textAlign="center">{t('servers.none')}</Box>}
      footer={more(query, t('more.of', { shown: servers.length, total }))}
    />
  );
}

export function PausePanel({ execution }: { execution: Execution }) {
  const waves = execution.waves ?? [];
  const before = waves.find((w) => w.waveNumber === execution.pausedBeforeWave);
  const last = lastEnded(waves);
  const user = useName();
  const [checked, setChecked] = useState(() => (last === null ? [] : stored(key(user, execution, last))));
  const query = useExecutionServers(execution.executionId, { wave: last?.waveNumber ?? 0 }, last !== null, 100);
  const names = new Map(query.data?.pages.flatMap((p) => p.servers).map((s) => [s.sourceServerId, serverName(s)]));
  const total = last === null ? 0 : (last.totalServers ?? last.serverCount ?? 0);
  const note = last === null ? '' : checkNote(last, checked.map((id) => names.get(id) ?? id), total);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('pause.netrto')}
          actions={
            <div className="action-bar">
              <SpaceBetween size="xs" direction="horizontal">
                <ActionButton execution={execution} name="cancel" />
                <ActionButton execution={execution} name="resume" note={note} primary />
              </SpaceBetween>
            </div>
          }
        >
          {t(`paused.${execution.pauseReason ?? 'REQUESTED'}`)}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">
          {before === undefined ? t('paused.text') : t('paused.before', { wave: t('wave.name', { number: before.waveNumber + 1, name: before.waveName }) })}{' '}
          {execution.pausedBy === undefined ? null : t('paused.by', { user: execution.pausedBy })} {t('paused.for')}{' '}
          <Elapsed from={execution.pausedAt} />
          {'. '}
          {execution.pauseDeadlineAt === undefined ? null : (
            <>
              {t('paused.until')} <Time value={execution.pauseDeadlineAt} />
            </>
          )}
        </Alert>
        {last === null ? null : (
          <div>
            <Box variant="h3">{t('pause.list', { wave: t('wave.name', { number: last.waveNumber + 1, name: last.waveName }) })}</Box>
            <Box color="text-body-secondary">{t('pause.hint', { checked: checked.length, total })}</Box>
            <CheckList wave={last} query={query} checked={checked} check={(ids) => {
              setChecked(ids);
              try {
                sessionStorage.setItem(key(user, execution, last), JSON.stringify(ids));
              } catch {
                // lasts until the page is left
              }
            }} />
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}
