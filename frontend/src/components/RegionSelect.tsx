import Select from '@cloudscape-design/components/select';
import { useServiceLimits } from '../api/queries';
import '../i18n/places';
import { t } from '../i18n/t';
import { CONTINENTS, continentOf } from '../lib/regions';
import { statusText } from './Status';

/** One of the Regions in which DRS is, by continent; with how it is there, when that is known. */
export function RegionSelect({
  value, set, states = [], disabled = false,
}: {
  value: string;
  set: (region: string) => void;
  states?: readonly { region: string; status: string; serverCount: number }[];
  disabled?: boolean;
}) {
  const offered = useServiceLimits().data?.regions ?? [];
  const options = [...new Set([value, ...offered])].sort().map((region) => {
    const state = states.find((s) => s.region === region);
    return {
      value: region,
      label: region,
      ...(state === undefined ? {} : { labelTag: statusText(state.status, 'region') }),
      ...(state === undefined || state.serverCount === 0 ? {} : { description: t('group.selection.servers', { count: state.serverCount }) }),
    };
  });
  const groups = CONTINENTS.map((continent) => ({
    label: t(`continent.${continent}`),
    options: options.filter((o) => continentOf(o.value) === continent),
  })).filter((g) => g.options.length > 0);
  return (
    <Select
      disabled={disabled}
      filteringType="auto"
      options={groups}
      selectedOption={options.find((o) => o.value === value) ?? null}
      onChange={({ detail }) => {
        set(detail.selectedOption.value ?? '');
      }}
    />
  );
}
