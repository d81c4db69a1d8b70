import Alert from '@cloudscape-design/components/alert';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useSetParams } from '../app/params';
import { Gauge, Level } from '../components/Gauge';
import { NumberField } from '../components/NumberField';
import '../i18n/capacity';
import '../i18n/editor';
import { t } from '../i18n/t';
import { outlook } from './whatif';

const MOST = 100_000;
const whole = (text: string | null) => Math.min(MOST, Math.max(0, Math.trunc(Number(text)) || 0));

/** Tries more servers or accounts in one Region; what is tried is in the address. */
export function WhatIf({ capacity }: { capacity: Schemas['CombinedCapacity'] }) {
  const [params] = useSearchParams();
  const set = useSetParams();
  const regions = [...new Set([...capacity.regionalCapacity.map((r) => r.region), ...capacity.accounts.flatMap((a) => a.regionalBreakdown.map((r) => r.region))])].sort();
  const fullest = [...capacity.regionalCapacity].sort((a, b) => b.replicationPercent - a.replicationPercent)[0]?.region;
  const wanted = params.get('region');
  const region = regions.find((r) => r === wanted) ?? fullest ?? regions[0];
  if (region === undefined) {
    return null;
  }
  const servers = whole(params.get('servers'));
  const more = whole(params.get('accounts'));
  const then = outlook(capacity, region, servers, more);
  const options = regions.map((value) => ({ value, label: value }));
  const number = (name: 'servers' | 'accounts', value: number, label: string) => (
    <NumberField label={label} value={value} min={0} max={MOST} set={(next) => {
      set({ [name]: next === 0 ? '' : String(next) });
    }} />
  );
  return (
    <Container header={<Header variant="h2" description={t('whatif.description')}>{t('whatif.title')}</Header>}>
      <SpaceBetween size="m">
        <ColumnLayout columns={3} minColumnWidth={160}>
          <FormField label={t('region')}>
            <Select
              options={options}
              selectedOption={options.find((o) => o.value === region) ?? null}
              onChange={({ detail }) => {
                set({ region: detail.selectedOption.value ?? '' });
              }}
            />
          </FormField>
          {number('servers', servers, t('whatif.servers'))}
          {number('accounts', more, t('whatif.accounts'))}
        </ColumnLayout>
        <Gauge label={t('whatif.replicating')} current={then.used} max={then.max} steps={[67, 83]} />
        <KeyValuePairs columns={2} items={[
          { label: t('whatif.status'), value: <Level value={then.level} /> },
          { label: t('capacity.free'), value: (then.max - then.used).toLocaleString() },
        ]} />
        {then.missing === 0 ? (
          <div role="status">{t('whatif.fits', { count: servers })}</div>
        ) : (
          <Alert type="error">{t('whatif.missing', { missing: then.missing, count: servers, accounts: then.accountsNeeded })}</Alert>
        )}
        {then.unrecoverable === null || then.unrecoverable.count === 0 ? null : (
          <Alert type="error">{t('whatif.recovery', { count: then.unrecoverable.count, max: then.unrecoverable.max })}</Alert>
        )}
        {then.unknown.length === 0 ? null : <Alert type="warning">{t('whatif.unknown', { names: then.unknown.join(', ') })}</Alert>}
      </SpaceBetween>
    </Container>
  );
}
