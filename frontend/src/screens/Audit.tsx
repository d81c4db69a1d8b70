import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useDeferredValue, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { AuditFilter } from '../api/queries';
import { useSetParams } from '../app/params';
import { usePermissions } from '../app/permissions';
import { useTitle } from '../app/page';
import { AuditTable } from '../audit/table';
import { DayRange, rangeQuery } from '../components/DayRange';
import '../i18n/audit';
import '../i18n/more';
import { t } from '../i18n/t';

const OUTCOMES = ['allowed', 'succeeded', 'denied', 'failed'] as const;
const TEXTS = ['actor', 'action', 'resourceType', 'resourceId', 'correlationId'] as const;
const DAYS = [1, 7, 30, 90];

function List() {
  const [params] = useSearchParams();
  const set = useSetParams();
  const shown = params.toString();
  const deferred = useDeferredValue(shown);
  const filter = useMemo<AuditFilter>(() => {
    const wanted = new URLSearchParams(deferred);
    const outcome = OUTCOMES.find((o) => o === wanted.get('outcome'));
    return {
      ...Object.fromEntries(TEXTS.map((name) => [name, wanted.get(name)?.trim() ?? '']).filter(([, value]) => value !== '')),
      ...(outcome === undefined ? {} : { outcome }),
      ...rangeQuery(wanted.get('period') ?? ''),
    };
  }, [deferred]);
  const outcomes = [{ value: '', label: t('audit.all') }, ...OUTCOMES.map((value) => ({ value, label: t(`audit.outcome.${value}`) }))];
  return (
    <AuditTable
      filter={filter}
      title={t('nav.audit')}
      description={t('audit.description')}
      file="audit"
      filters={
        <SpaceBetween size="xs" direction="horizontal">
          {TEXTS.map((name) => (
            <Input
              key={name}
              type="search"
              value={params.get(name) ?? ''}
              placeholder={t(`audit.filter.${name}`)}
              ariaLabel={t(`audit.filter.${name}`)}
              clearAriaLabel={t('audit.filter.clear')}
              onChange={({ detail }) => {
                set({ [name]: detail.value });
              }}
            />
          ))}
          <Select
            options={outcomes}
            selectedOption={outcomes.find((o) => o.value === (params.get('outcome') ?? '')) ?? null}
            ariaLabel={t('audit.outcome')}
            onChange={({ detail }) => {
              set({ outcome: detail.selectedOption.value ?? '' });
            }}
          />
          <DayRange value={params.get('period') ?? ''} days={DAYS} set={(period) => {
            set({ period });
          }} />
          <Button disabled={Object.keys(filter).length === 0} onClick={() => {
            set(Object.fromEntries([...TEXTS, 'outcome', 'period'].map((name) => [name, ''])));
          }}>
            {t('reset')}
          </Button>
        </SpaceBetween>
      }
    />
  );
}

export default function Audit() {
  useTitle(t('nav.audit'));
  const gate = usePermissions();
  if (gate.known && !gate.can('audit_read')) {
    return (
      <SpaceBetween size="m">
        <Header variant="h1">{t('nav.audit')}</Header>
        <StatusIndicator type="stopped">{gate.reason('audit_read')}</StatusIndicator>
      </SpaceBetween>
    );
  }
  return gate.known ? <List /> : null;
}
