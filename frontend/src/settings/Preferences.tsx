import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMemo, useState, useSyncExternalStore } from 'react';
import { usePermissionList, useProfile } from '../api/queries';
import { useBase, useConfig, useServices, useSession } from '../app/context';
import { Time, useNow } from '../components/Time';
import '../i18n/notify';
import { t } from '../i18n/t';
import { PAGE_SIZES, pageSize, setPageSize } from '../lib/columns';
import { refreshChoice, setRefreshChoice } from '../lib/stored';
import { densityChoice, setDensity, setTheme, subscribeTheme, themeChoice, type DensityChoice } from '../lib/theme';
import { dateChoice, formatSeconds, formatTime, setDateChoice, setZoneChoice, zoneChoice, zoneName } from '../lib/time';
import ChangePassword from '../screens/ChangePassword';

function Choice<T extends string>({
  label, value, options, set,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  set: (value: T) => void;
}) {
  return (
    <FormField label={label}>
      <RadioGroup
        value={value}
        items={options.map((o) => ({ value: o.value, label: o.label }))}
        onChange={({ detail }) => {
          const chosen = options.find((o) => o.value === detail.value);
          if (chosen !== undefined) {
            set(chosen.value);
          }
        }}
      />
    </FormField>
  );
}

/** Every zone that the browser knows, after the two that most people want. */
function zoneOptions(zone: string) {
  const names = [...new Set([...Intl.supportedValuesOf('timeZone'), ...(zone === 'local' || zone === 'utc' ? [] : [zone])])];
  return [
    { value: 'local', label: t('preferences.zone.local', { zone: zoneName('local') }) },
    { value: 'utc', label: t('preferences.zone.utc') },
    ...names.filter((name) => name !== 'UTC').map((name) => ({ value: name, label: name })),
  ];
}

export default function Preferences() {
  const theme = useSyncExternalStore(subscribeTheme, themeChoice);
  const [density, chooseDensity] = useState<DensityChoice>(densityChoice);
  const [zone, chooseZone] = useState(zoneChoice);
  const [dates, chooseDates] = useState(dateChoice);
  const [size, chooseSize] = useState(pageSize);
  const [refresh, chooseRefresh] = useState(refreshChoice);
  const config = useConfig();
  const now = useNow(1_000);
  const state = useSession();
  const { session } = useBase();
  const { flashes } = useServices();
  const profile = useProfile().data;
  const granted = usePermissionList().data;
  const zones = useMemo(() => zoneOptions(zone), [zone]);
  const sizes = PAGE_SIZES.map((value) => ({ value: String(value), label: t('table.rows', { count: value }) }));
  const local = session.adapter.changePassword !== undefined && profile?.userId.startsWith('local:') === true;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t('preferences.look')}</Header>}>
        <SpaceBetween size="l">
          <Choice
            label={t('preferences.theme')}
            value={theme}
            set={setTheme}
            options={[
              { value: 'system', label: t('preferences.theme.system') },
              { value: 'light', label: t('preferences.theme.light') },
              { value: 'dark', label: t('preferences.theme.dark') },
            ]}
          />
          <Choice
            label={t('preferences.density')}
            value={density}
            set={(value) => {
              chooseDensity(value);
              setDensity(value);
            }}
            options={[
              { value: 'comfortable', label: t('preferences.density.comfortable') },
              { value: 'compact', label: t('preferences.density.compact') },
            ]}
          />
          <FormField label={t('preferences.zone')} description={t('preferences.zone.now', { time: formatTime(now) })}>
            <Select
              options={zones}
              selectedOption={zones.find((z) => z.value === zone) ?? null}
              filteringType="auto"
              filteringPlaceholder={t('table.find')}
              virtualScroll
              onChange={({ detail }) => {
                const next = detail.selectedOption.value ?? 'local';
                setZoneChoice(next);
                chooseZone(next);
              }}
            />
          </FormField>
          <Choice
            label={t('preferences.dates')}
            value={dates}
            set={(value) => {
              setDateChoice(value);
              chooseDates(value);
            }}
            options={[
              { value: 'language', label: t('preferences.dates.language') },
              { value: 'iso', label: t('preferences.dates.iso') },
            ]}
          />
          <FormField label={t('preferences.pagesize')} description={t('preferences.pagesize.hint')}>
            <Select
              options={sizes}
              selectedOption={sizes.find((o) => o.value === String(size)) ?? null}
              onChange={({ detail }) => {
                const next = Number(detail.selectedOption.value);
                setPageSize(next);
                chooseSize(next);
              }}
            />
          </FormField>
          <Choice
            label={t('preferences.refresh')}
            value={refresh}
            set={(value) => {
              setRefreshChoice(value);
              chooseRefresh(value);
            }}
            options={[
              { value: 'live', label: t('preferences.refresh.live') },
              { value: 'polling', label: t('preferences.refresh.polling', { seconds: config.pollSeconds }) },
            ]}
          />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2" description={t('preferences.targets.what')}>{t('preferences.targets')}</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: t('preferences.targets.rto'), value: formatSeconds(config.rtoTargetMinutes * 60) },
            { label: t('preferences.targets.rpo'), value: formatSeconds(config.rpoTargetMinutes * 60) },
            { label: t('preferences.targets.drill'), value: formatSeconds(config.drillMaxAgeDays * 86_400) },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">{t('profile')}</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: t('profile.user'), value: profile?.username ?? '–' },
            { label: t('profile.mail'), value: profile?.email || '–' },
            { label: t('profile.roles'), value: granted?.roles.join(', ') || '–' },
            {
              label: t('profile.token'),
              value: state.phase === 'signed-in' ? <Time value={state.session.expiresAt} /> : '–',
            },
          ]}
        />
        <Box variant="awsui-key-label" margin={{ top: 'm' }}>{t('profile.permissions')}</Box>
        <Box variant="code">{granted?.permissions.join(' ') ?? '–'}</Box>
      </Container>
      {local && state.phase === 'signed-in' ? (
        <Container header={<Header variant="h2">{t('password.submit')}</Header>}>
          <ChangePassword
            session={state.session}
            onCancel={() => {
              window.history.back();
            }}
            onDone={() => {
              flashes.add({ type: 'success', header: t('password.done') });
            }}
          />
        </Container>
      ) : null}
    </SpaceBetween>
  );
}
