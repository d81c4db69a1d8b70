import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import type { Schemas } from '../api/client';
import { useGroups } from '../api/queries';
import { useParam } from '../app/params';
import '../i18n/editor';
import '../i18n/plan';
import '../i18n/plans';
import Table from '../components/Table';
import { t } from '../i18n/t';
import { same } from '../lib/merge';
import { comparedParts, draftOf } from './draft';

type Plan = Schemas['RecoveryPlan'];

export interface Side {
  title: string;
  plan: Plan;
}

/** Two plans, or two versions of one, field by field. */
export function Comparison({ left, right }: { left: Side; right: Side }) {
  const groups = useGroups('').data?.groups ?? [];
  const [all, setAll] = useParam('all');
  const mine = draftOf(left.plan);
  // waves of one name are the same wave
  const theirs = draftOf(right.plan, mine);
  const rows = comparedParts(mine, theirs, (id) => groups.find((g) => g.groupId === id)?.groupName ?? id).map((part) => ({
    id: part.id, label: part.label, left: part.show(mine), right: part.show(theirs), same: same(part.value(mine), part.value(theirs)),
  }));
  // what one side has nothing of and the other has empty is no difference worth a line
  const different = rows.filter((row) => !row.same && row.left !== row.right);
  const words = (text: string) => (text === '' ? '–' : <Box>{text}</Box>);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={different.length === 0 ? t('compare.same') : t('compare.differ', { count: different.length })}
          actions={
            <Toggle checked={all !== '1'} onChange={({ detail }) => {
              setAll(detail.checked ? '' : '1');
            }}>
              {t('compare.only')}
            </Toggle>
          }
        >
          {t('compare.fields')}
        </Header>
      }
    >
      <Table
        variant="embedded"
        items={all === '1' ? rows : different}
        trackBy="id"
        wrapLines
        ariaLabels={{ tableLabel: t('compare.fields') }}
        empty={<Box textAlign="center">{t('compare.same')}</Box>}
        columnDefinitions={[
          { id: 'field', header: t('compare.field'), isRowHeader: true, minWidth: 200, cell: (row) => row.label },
          { id: 'left', header: left.title, minWidth: 220, cell: (row) => words(row.left) },
          { id: 'right', header: right.title, minWidth: 220, cell: (row) => words(row.right) },
          {
            id: 'same', header: t('compare.result'), minWidth: 120,
            cell: (row) => <StatusIndicator type={row.same ? 'success' : 'info'}>{t(row.same ? 'compare.equal' : 'compare.different')}</StatusIndicator>,
          },
        ]}
      />
    </Container>
  );
}
