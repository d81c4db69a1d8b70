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
import '../i18n/audit';
import '../i18n/more';
import { t } from '../i18n/t';
import { isoBefore } from '../lib/time';

const OUTCOMES = ['allowed', 'succeeded', 'denied', 'failed'] as const;
const TEXTS = ['actor', 'action', 'resourceType', 'resourceId', 'correlationId'] as const;
const PERIODS = { day: 86_400, week: 604_800, month: 2_592_000 } as const;

type Period = keyof typeof PERIODS;

function List() {
  const [params] = useSearchParams();
  const set = useSetParams();
  const shown = params.toString();
  const deferred = useDeferredValue(shown);
  const filter = useMemo<AuditFilter>(() => {
    const wanted = new URLSearchParams(deferred);
    const outcome = OUTCOMES.find((o) => o === wanted.get('outcome'));
    const period = wanted.get('period') ?? '';
    return {
      ...Object.fromEntries(TEXTS.map((name) => [name, wanted.get(name)?.trim() ?? '']).filter(([, value]) => value !== '')),
      ...(outcome === undefined ? {} : { outcome }),
      ...(Object.hasOwn(PERIODS, period) ? { from: isoBefore(PERIODS[period as Period]) } : {}),
    };
  }, [deferred]);
  const select = (name: 'outcome' | 'period', label: string, options: { value: string; label: string }[]) => (
    <Select
      options={options}
      selectedOption={options.find((o) => o.value === (params.get(name) ?? '')) ?? options[0] ?? null}
      ariaLabel={label}
      onChange={({ detail }) => {
        set({ [name]: detail.selectedOption.value ?? '' });
      }}
    />
  );
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
          {select('outcome', t('audit.outcome'), [
            { value: '', label: t('audit.all') },
            ...OUTCOMES.map((value) => ({ value, label: t(`audit.outcome.${value}`) })),
          ])}
          {select('period', t('audit.period'), [
            { value: '', label: t('audit.period.all') },
            ...(Object.keys(PERIODS) as Period[]).map((value) => ({ value, label: t(`audit.period.${value}`) })),
          ])}
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
