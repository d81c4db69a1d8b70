import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import List from '@cloudscape-design/components/list';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { lazy, Suspense, useState } from 'react';
import { Failed } from '../components/Failed';
import { Skeleton } from '../components/Skeleton';
import '../i18n/graph';
import '../i18n/plan';
import { t } from '../i18n/t';
import { formatSeconds } from '../lib/time';
import { tidy, type WaveDraft } from './draft';
import type { PlanFacts } from './facts';
import { JOBS_AT_ONCE, SERVERS_AT_ONCE } from './forecast';

const WaveGraph = lazy(() => import('./WaveGraph'));

/** Servers, jobs and time of the whole plan, against limits and target. */
function Sum({ facts, waves, rtoSeconds }: { facts: PlanFacts; waves: number; rtoSeconds: number }) {
  const seconds = facts.time?.seconds ?? null;
  const known = (value: number | null) => (value === null ? t('editor.sum.unknown') : value);
  const spare = seconds === null ? 0 : rtoSeconds - seconds;
  return (
    <SpaceBetween size="xs">
      <KeyValuePairs
        columns={4}
        items={[
          { label: t('editor.sum.waves'), value: waves },
          { label: t('editor.sum.servers'), value: known(facts.servers) },
          { label: t('editor.sum.jobs'), value: known(facts.jobs) },
          { label: t('editor.sum.time'), value: seconds === null ? t('editor.sum.unknown') : formatSeconds(seconds) },
        ]}
      />
      {seconds === null || facts.servers === 0 ? null : (
        <StatusIndicator type={spare >= 0 ? 'success' : 'warning'}>
          {t(spare >= 0 ? 'editor.sum.met' : 'editor.sum.missed', { time: formatSeconds(Math.abs(spare)), target: formatSeconds(rtoSeconds) })}
        </StatusIndicator>
      )}
      {(facts.jobs ?? 0) > JOBS_AT_ONCE ? <StatusIndicator type="info">{t('editor.sum.jobs.over', { max: JOBS_AT_ONCE })}</StatusIndicator> : null}
      {(facts.servers ?? 0) > SERVERS_AT_ONCE ? <StatusIndicator type="info">{t('editor.sum.servers.over', { max: SERVERS_AT_ONCE })}</StatusIndicator> : null}
      <Box variant="small">{t('editor.sum.basis')}</Box>
    </SpaceBetween>
  );
}

/** The waves as a graph or a list, both to change their order and what they need. */
export function WaveOrder({
  waves, facts, groupName, rtoSeconds, error, retry, set, open, add,
}: {
  waves: readonly WaveDraft[];
  facts: PlanFacts;
  groupName: (id: string) => string;
  rtoSeconds: number;
  /** Servers of a group could not be read. */
  error: unknown;
  retry: () => void;
  set: (waves: WaveDraft[]) => void;
  /** Goes to the fields of a wave. */
  open: (key: string) => void;
  add: () => void;
}) {
  const [view, setView] = useState<'graph' | 'list'>('graph');
  const number = new Map(waves.map((w, i) => [w.key, i]));
  const needs = (wave: WaveDraft) => wave.needs.flatMap((key) => number.get(key) ?? []);
  const words = (i: number) => t('wave.name', { number: i + 1, name: waves[i]?.name ?? '' });
  const change = (to: number, next: (needs: string[]) => string[]) => {
    set(waves.map((w, i) => (i === to ? { ...w, needs: next(w.needs) } : w)));
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween size="xs" direction="horizontal" alignItems="center">
              <SegmentedControl
                label={t('editor.view')}
                selectedId={view}
                options={[{ id: 'graph', text: t('editor.view.graph') }, { id: 'list', text: t('editor.view.list') }]}
                onChange={({ detail }) => {
                  setView(detail.selectedId === 'list' ? 'list' : 'graph');
                }}
              />
              <Button formAction="none" iconName="add-plus" onClick={add}>
                {t('editor.wave.add')}
              </Button>
            </SpaceBetween>
          }
        >
          {t('plan.order')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Sum facts={facts} waves={waves.length} rtoSeconds={rtoSeconds} />
        {error === null ? null : <Failed what={t('editor.servers.unread')} error={error} retry={retry} />}
        {view === 'graph' ? (
          <Suspense fallback={<Skeleton />}>
            <WaveGraph
              waves={waves.map((w, i) => ({
                waveNumber: i,
                name: w.name,
                dependsOnWaves: needs(w),
                groups: w.groupIds.map(groupName),
                servers: facts.waves[i]?.servers ?? null,
                pauseBefore: w.pauseBefore,
                seconds: facts.waves[i]?.seconds ?? null,
                warnings: facts.waves[i]?.warnings ?? [],
              }))}
              critical={facts.time?.critical ?? []}
              onOpen={(i) => {
                open(waves[i]?.key ?? '');
              }}
              edit={{
                connect: (from, to) => {
                  change(to, (old) => [...old, waves[from]?.key ?? '']);
                },
                disconnect: (from, to) => {
                  change(to, (old) => old.filter((key) => key !== waves[from]?.key));
                },
              }}
            />
          </Suspense>
        ) : (
          <List
            items={waves}
            ariaLabel={t('editor.list')}
            sortable
            renderItem={(wave) => {
              const i = number.get(wave.key) ?? 0;
              const before = needs(wave);
              return {
                id: wave.key,
                content: words(i),
                announcementLabel: words(i),
                secondaryContent: (
                  <SpaceBetween size="xxs">
                    <Box variant="small">
                      {before.length === 0 ? t('editor.needs.none') : before.map((n) => t('graph.edge', { from: words(n), to: words(i) })).join('; ')}
                    </Box>
                    {(facts.waves[i]?.warnings ?? []).map((warning) => (
                      <StatusIndicator key={warning} type="warning">{warning}</StatusIndicator>
                    ))}
                  </SpaceBetween>
                ),
                actions: (
                  <Button formAction="none" variant="inline-link" ariaLabel={`${t('edit')}: ${words(i)}`} onClick={() => {
                    open(wave.key);
                  }}>
                    {t('edit')}
                  </Button>
                ),
              };
            }}
            onSortingChange={({ detail }) => {
              set(tidy(detail.items));
            }}
            i18nStrings={{
              dragHandleAriaLabel: t('editor.list'),
              dragHandleAriaDescription: t('editor.drag.help'),
              liveAnnouncementDndStarted: (from, total) => t('editor.drag.started', { from, total }),
              liveAnnouncementDndItemReordered: (_from, to, total) => t('editor.drag.moved', { to, total }),
              liveAnnouncementDndItemCommitted: (_from, to, total) => t('editor.drag.done', { to, total }),
              liveAnnouncementDndDiscarded: t('editor.drag.cancelled'),
            }}
          />
        )}
        <Box variant="small">{t('editor.order')}</Box>
      </SpaceBetween>
    </Container>
  );
}
