import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSourceServers, useTagMatches } from '../api/queries';
import { RegionProblem } from '../components/RegionProblem';
import { TagList } from '../components/Tags';
import Table from '../components/Table';
import { t } from '../i18n/t';
import { differences } from '../lib/merge';
import { groupParts, tagMap, type GroupDraft } from './draft';
import { Lag, Ready } from './Overview';
import { Warnings } from './Members';
import { shown, usePicks } from './picks';
import { protection } from './protection';
import { FIELDS, read, settingName } from './settings';

interface Props {
  draft: GroupDraft;
  /** What is stored; null for a new group. */
  before: GroupDraft | null;
  accountId: string;
  groupId: string | null;
}

/** The servers that the group would have now. */
function useMembers({ draft, accountId, groupId }: Props) {
  const place = { accountId, region: draft.region, groupId };
  const byTags = draft.mode === 'tags';
  const matches = useTagMatches({ ...place, tags: byTags ? (tagMap(draft.tags) ?? {}) : {} });
  const all = useSourceServers({ ...place, region: byTags ? '' : draft.region });
  const chosen = new Set(draft.serverIds);
  return byTags
    ? { query: matches, servers: matches.data?.resolvedServers }
    : { query: all, servers: all.data?.servers.filter((s) => chosen.has(s.sourceServerID)) };
}

function Changes({ before, draft }: { before: GroupDraft; draft: GroupDraft }) {
  const found = differences(groupParts(before, draft, before), before, draft, before);
  return (
    <Container header={<Header variant="h2">{t('group.review.changes')}</Header>}>
      <Table
        variant="embedded"
        wrapLines
        items={found}
        trackBy={(d) => d.part.id}
        ariaLabels={{ tableLabel: t('group.review.changes') }}
        empty={t('group.review.same')}
        columnDefinitions={[
          { id: 'field', header: t('group.review.field'), isRowHeader: true, cell: (d) => d.part.label },
          { id: 'before', header: t('group.review.before'), cell: (d) => d.part.show(before) || '–' },
          { id: 'after', header: t('group.review.after'), cell: (d) => d.part.show(draft) || '–' },
        ]}
      />
    </Container>
  );
}

/** The group once more before it is saved: what it is, what it would have now, what changes. */
export function GroupReview(props: Props) {
  const { draft, before, accountId } = props;
  const { query, servers } = useMembers(props);
  const picks = usePicks(accountId, draft.region);
  const set = FIELDS.filter((f) => read(draft.launch, f.id) !== '');
  return (
    <SpaceBetween size="l">
      {before === null ? null : <Changes before={before} draft={draft} />}
      <Container header={<Header variant="h2">{t('editor.basics')}</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: t('name'), value: draft.name.trim() || '–' },
            { label: t('account'), value: `${accountId}, ${draft.region}` },
            { label: t('description'), value: draft.description || '–' },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">{t('servers')}</Header>}>
        <SpaceBetween size="m">
          <KeyValuePairs
            columns={3}
            items={[
              {
                label: t('group.selection'),
                value: draft.mode === 'tags' ? <TagList tags={tagMap(draft.tags) ?? {}} /> : t('group.selection.servers', { count: draft.serverIds.length }),
              },
              {
                label: t('group.review.now'),
                value: servers === undefined ? <StatusIndicator type={query.isError ? 'warning' : 'loading'}>{t(query.isError ? 'status.unknown' : 'loading')}</StatusIndicator> : <Ready of={protection(servers)} />,
              },
              { label: t('overview.lag'), value: servers === undefined ? '–' : <Lag of={protection(servers)} /> },
            ]}
          />
          {query.isError ? (
            <RegionProblem region={draft.region} what={t('group.servers.failed')} error={query.error} retry={() => void query.refetch()} />
          ) : null}
          {servers?.length === 0 ? <Alert type="warning">{t('group.servers.none')}</Alert> : null}
          <Warnings servers={servers ?? []} />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2" description={t('launch.what')}>{t('group.launch')}</Header>}>
        <SpaceBetween size="m">
          {set.length === 0 ? (
            <Box>{t('setting.group.none')}</Box>
          ) : (
            <KeyValuePairs columns={3} items={set.map((f) => ({ label: settingName(f.id), value: shown(f, read(draft.launch, f.id), picks) }))} />
          )}
          <Box color="text-body-secondary">{t('group.review.single')}</Box>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
