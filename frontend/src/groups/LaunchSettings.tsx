import Alert from '@cloudscape-design/components/alert';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import '../i18n/groups';
import { t } from '../i18n/t';
import type { LaunchConfig } from './draft';
import { usePicks, type Picks } from './picks';
import { SettingField } from './SettingField';
import { FIELDS, read, write } from './settings';

/** Says that some choices are missing, and why. */
export function PicksProblem({ picks }: { picks: Picks }) {
  return picks.error === null ? null : (
    <Alert type="warning" header={t('setting.pick.failed')}>
      {explain(toApiError(picks.error))}
    </Alert>
  );
}

/** What the group sets does not go for all its servers. */
export function Overridden({ count }: { count: number }) {
  return count === 0 ? null : <Alert type="info">{t('launch.overridden', { count })}</Alert>;
}

/** How the servers of a group are launched; what is not set stays as it is in AWS. */
export function LaunchSettings({
  accountId, region, value, change, own = 0, problems = {},
}: {
  accountId: string;
  region: string;
  value: LaunchConfig;
  change: (next: LaunchConfig) => void;
  /** Servers with settings of their own. */
  own?: number;
  /** Under `launch.` and the id of the setting. */
  problems?: Readonly<Record<string, string>>;
}) {
  const picks = usePicks(accountId, region);
  const fields = (more: boolean) =>
    FIELDS.filter((f) => f.group && f.more === more).map((field) => (
      <SettingField
        key={field.id}
        field={field}
        value={read(value, field.id)}
        picks={picks}
        subnetId={value.subnetId ?? ''}
        unset={t('setting.unset')}
        error={problems[`launch.${field.id}`]}
        set={(text) => {
          change(write(value, field, text));
        }}
      />
    ));
  // the API keeps these two, AWS DRS has no such settings
  const kept = [
    { label: t('setting.bootMode'), value: value.bootMode },
    { label: t('setting.launchInto'), value: value.launchIntoInstanceProperties?.launchIntoEC2InstanceID },
  ].filter((item) => item.value !== undefined);
  return (
    <SpaceBetween size="m">
      <PicksProblem picks={picks} />
      <Overridden count={own} />
      <ColumnLayout columns={2} minColumnWidth={260}>
        {fields(false)}
      </ColumnLayout>
      <ExpandableSection headerText={t('editor.more')}>
        <SpaceBetween size="m">
          <ColumnLayout columns={2} minColumnWidth={260}>
            {fields(true)}
          </ColumnLayout>
          {kept.length === 0 ? null : <KeyValuePairs columns={2} items={kept} />}
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}
