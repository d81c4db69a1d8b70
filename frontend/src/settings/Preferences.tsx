import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { usePermissionList, useProfile } from '../api/queries';
import { useBase, useServices, useSession } from '../app/context';
import { Time } from '../components/Time';
import { t } from '../i18n/t';
import { densityChoice, setDensity, setTheme, themeChoice, type DensityChoice, type ThemeChoice } from '../lib/theme';
import { setZoneChoice, zoneChoice, type ZoneChoice } from '../lib/time';
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

export default function Preferences() {
  const [theme, chooseTheme] = useState<ThemeChoice>(themeChoice);
  const [density, chooseDensity] = useState<DensityChoice>(densityChoice);
  const [zone, chooseZone] = useState<ZoneChoice>(zoneChoice);
  const state = useSession();
  const { session } = useBase();
  const { flashes } = useServices();
  const profile = useProfile().data;
  const granted = usePermissionList().data;
  const local = session.adapter.changePassword !== undefined && profile?.userId.startsWith('local:') === true;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t('preferences.look')}</Header>}>
        <SpaceBetween size="l">
          <Choice
            label={t('preferences.theme')}
            value={theme}
            set={(value) => {
              chooseTheme(value);
              setTheme(value);
            }}
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
          <Choice
            label={t('preferences.zone')}
            value={zone}
            set={(value) => {
              chooseZone(value);
              setZoneChoice(value);
            }}
            options={[
              { value: 'local', label: t('preferences.zone.local', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone }) },
              { value: 'utc', label: t('preferences.zone.utc') },
            ]}
          />
        </SpaceBetween>
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
            {
              label: t('profile.permissions'),
              value: <Box variant="code">{granted?.permissions.join(' ') ?? '–'}</Box>,
            },
          ]}
        />
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
