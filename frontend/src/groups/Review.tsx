import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { RegionProblem } from '../components/RegionProblem';
import { TagList } from '../components/Tags';
import Table from '../components/Table';
import { t } from '../i18n/t';
import { differences } from '../lib/merge';
import { groupParts, splitOwn, tagMap, type GroupDraft } from './draft';
import { Lag, Ready } from './Overview';
import { LeftBehind, Warnings } from './Members';
import { useMembers } from './membership';
import { shown, usePicks } from './picks';
import { protection } from './protection';
import { FIELDS, overrideText, read, settingName } from './settings';

interface Props {
  draft: GroupDraft;
  /** What is stored; null for a new group. */
  before: GroupDraft | null;
  accountId: string;
  groupId: string | null;
}

/** Servers with settings of their own that are listed. */
const SHOWN = 50;

function Changes({ before, draft, nameOf }: { before: GroupDraft; draft: GroupDraft; nameOf: (serverId: string) => string }) {
  const found = differences(groupParts(before, draft, before, nameOf), before, draft, before);
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
  const { draft, before, accountId, groupId } = props;
  const of = { draft, accountId, groupId };
  const { query, servers, ids } = useMembers(of);
  const { kept, left } = splitOwn(draft, before, ids);
  const names = new Map((servers ?? []).map((s) => [s.sourceServerID, s.nameTag ?? s.hostname]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const own = Object.entries(kept).sort(([a], [b]) => nameOf(a).localeCompare(nameOf(b)));
  const picks = usePicks(accountId, draft.region);
  const set = FIELDS.filter((f) => read(draft.launch, f.id) !== '');
  return (
    <SpaceBetween size="l">
      {before === null ? null : <Changes before={before} draft={{ ...draft, own: kept }} nameOf={nameOf} />}
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
        {set.length === 0 ? (
          <Box>{t('setting.group.none')}</Box>
        ) : (
          <KeyValuePairs columns={3} items={set.map((f) => ({ label: settingName(f.id), value: shown(f, read(draft.launch, f.id), picks) }))} />
        )}
      </Container>
      <Container header={<Header variant="h2" description={t('group.own.later')}>{t('group.own')}</Header>}>
        <SpaceBetween size="m">
          <LeftBehind of={of} ids={left} />
          <Box>{t('group.own.count', { count: own.length })}</Box>
          {own.length === 0 ? null : (
            <ul className="plain-list">
              {own.slice(0, SHOWN).map(([id, override]) => (
                <li key={id}>
                  <b>{nameOf(id)}</b>, {overrideText(override, (field, text) => shown(field, text, picks))}
                </li>
              ))}
              {own.length > SHOWN ? <li>{t('apply.failures.more', { count: own.length - SHOWN })}</li> : null}
            </ul>
          )}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
