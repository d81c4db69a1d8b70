import PropertyFilter from '@cloudscape-design/components/property-filter';
import { memo } from 'react';
import '../i18n/inventory';
import { t } from '../i18n/t';
import type { Query } from '../lib/filter';
import { NUMBERS, PROPERTIES, type choices } from './facts';

const NOTHING: readonly string[] = [];

/** Finds servers by what they are. Drawn only when something of it changes: it is large. */
export const ServerFilter = memo(function ServerFilter({
  query, change, options, matches, without = NOTHING,
}: {
  query: Query;
  change: (query: Query) => void;
  options: ReturnType<typeof choices>;
  /** How many servers are found. */
  matches: number;
  /** Properties that are the same for all servers here. */
  without?: readonly string[];
}) {
  return (
    <PropertyFilter
      query={{ tokens: query.tokens.map((c) => ({ ...c })), operation: query.operation }}
      filteringPlaceholder={t('inventory.filter')}
      filteringAriaLabel={t('inventory.filter')}
      countText={t('matches', { count: matches })}
      virtualScroll
      filteringOptions={options}
      filteringProperties={PROPERTIES.filter((p) => !without.includes(p.key)).map(({ key }) => ({
        key,
        propertyLabel: t(`inventory.property.${key as 'name'}`),
        groupValuesLabel: t('inventory.values', { name: t(`inventory.property.${key as 'name'}`) }),
        operators: NUMBERS.includes(key) ? ['>', '>=', '<', '<=', '=', '!='] : [':', '!:', '=', '!='],
      }))}
      onChange={({ detail }) => {
        change({ tokens: detail.tokens, operation: detail.operation });
      }}
    />
  );
});
