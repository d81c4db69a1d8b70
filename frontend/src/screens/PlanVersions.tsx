import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useAudit, usePlan } from '../api/queries';
import { useTitle } from '../app/page';
import { useSetParams, useParam } from '../app/params';
import { usePermissions } from '../app/permissions';
import { actorOf } from '../audit/table';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Loaded } from '../components/Loaded';
import Table from '../components/Table';
import { Time } from '../components/Time';
import { more } from '../components/more';
import '../i18n/more';
import '../i18n/plan';
import '../i18n/plans';
import { hasMessage, t } from '../i18n/t';
import { Comparison } from '../plans/Comparison';
import { versionsOf } from '../plans/versions';

type Plan = Schemas['RecoveryPlan'];

const memberName = (name: string): string => {
  const id = `member.${name}`;
  return hasMessage(id) ? t(id) : name;
};

function Versions({ plan }: { plan: Plan }) {
  const query = useAudit({ resourceId: plan.planId, resourceType: 'plan' }, 100);
  const [asked] = useParam('right');
  const [other] = useParam('left');
  const setParams = useSetParams();
  if (query.isError && query.data === undefined) {
    return <Failed what={t('versions.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const versions = versionsOf(plan, query.data?.pages.flatMap((page) => page.entries) ?? []);
  const right = versions.find((v) => String(v.version) === asked) ?? versions[0];
  const left = versions.find((v) => String(v.version) === other) ?? versions.find((v) => right !== undefined && v.version < right.version);
  const oldest = versions.at(-1);
  const sideTitle = (version: number) => t(version === plan.version ? 'versions.now' : 'versions.one', { version });
  return (
    <SpaceBetween size="l">
      <Table
        items={versions}
        trackBy={(v) => String(v.version)}
        loading={query.isPending}
        loadingText={t('loading')}
        {...(versions.length < 2 ? {} : { selectionType: 'multi' as const })}
        selectedItems={[left, right].flatMap((v) => v ?? [])}
        onSelectionChange={({ detail }) => {
          const chosen = detail.selectedItems.map((v) => v.version);
          // the one that was ticked last stays
          const [low, high] = (chosen.length > 2 ? [chosen[0] ?? 0, chosen.at(-1) ?? 0] : chosen).sort((a, b) => a - b);
          setParams({ left: low === undefined || high === undefined ? '' : String(low), right: String(high ?? low ?? '') });
        }}
        header={<Header variant="h2" counter={`(${String(versions.length)})`} description={t(query.isPending || versions.length > 1 ? 'versions.choose' : 'versions.only')}>{t('versions')}</Header>}
        ariaLabels={{
          tableLabel: t('versions'), selectionGroupLabel: t('versions.choose'), allItemsSelectionLabel: () => t('versions.choose'),
          itemSelectionLabel: (_, v) => t('versions.one', { version: v.version }),
        }}
        columnDefinitions={[
          { id: 'version', header: t('version'), isRowHeader: true, cell: (v) => sideTitle(v.version) },
          { id: 'time', header: t('time'), cell: (v) => (v.entry === null ? '–' : <Time value={v.entry.time} />) },
          { id: 'who', header: t('versions.who'), cell: (v) => (v.entry === null ? '–' : actorOf(v.entry)) },
          { id: 'what', header: t('versions.what'), cell: (v) => (v.entry?.before === undefined ? t(v.entry === null ? 'versions.unknown' : 'versions.created') : v.changed.map(memberName).join(', ') || '–') },
        ]}
        footer={oldest !== undefined && oldest.version > 1 ? more(query) : null}
      />
      {!query.isPending && oldest !== undefined && oldest.version > 1 && !query.hasNextPage ? (
        <StatusIndicator type="info">{t('versions.end', { version: oldest.version })}</StatusIndicator>
      ) : null}
      {left === undefined || right === undefined || left === right ? null : (
        <Comparison left={{ title: sideTitle(left.version), plan: left.plan }} right={{ title: sideTitle(right.version), plan: right.plan }} />
      )}
    </SpaceBetween>
  );
}

function Page({ plan }: { plan: Plan }) {
  const gate = usePermissions();
  useTitle(t('versions.of', { plan: plan.planName }));
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t('versions.description')} info={<Link to={`/recovery-plans/${plan.planId}`}>{t('ready.plan')}</Link>}>
        {t('versions.of', { plan: plan.planName })}
      </Header>
      {gate.known && !gate.can('audit_read') ? <StatusIndicator type="stopped">{gate.reason('audit_read')}</StatusIndicator> : gate.known ? <Versions plan={plan} /> : null}
    </SpaceBetween>
  );
}

export default function PlanVersions() {
  const { planId = '' } = useParams();
  return (
    <Loaded query={usePlan(planId)} failed={t('plan.failed')}>
      {(plan) => <Page plan={plan} />}
    </Loaded>
  );
}
