import Checkbox from '@cloudscape-design/components/checkbox';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useProfile } from '../api/queries';
import { t } from '../i18n/t';
import { columnDisplay, defaultPreferences, isTablePreferences, PAGE_SIZES, type TablePreferences } from '../lib/columns';
import { useStored } from '../lib/stored';

/** Beside what CloudScape knows. */
interface Custom {
  resizable: boolean;
  reset: boolean;
}

/** What this user chose for the table `id`, and how to change it. */
export function useTablePreferences(id: string, sort: TablePreferences['sort'] = null) {
  const user = useProfile().data?.userId ?? '';
  const standard = defaultPreferences(sort);
  const [preferences, set] = useStored(`table:${user}:${id}`, isTablePreferences, standard);
  return [
    preferences,
    (next: TablePreferences | null) => {
      set(next ?? standard);
    },
  ] as const;
}

/** The gear of a table: page size, columns and their order, density, wrapping. */
export function TableSettings({
  preferences, change, columns, paged = true,
}: {
  preferences: TablePreferences;
  /** Null: back to the defaults. */
  change: (next: TablePreferences | null) => void;
  columns: readonly { id: string; header: string; optional?: boolean; name?: boolean }[];
  /** False where pages are the server's. */
  paged?: boolean;
}) {
  return (
    <CollectionPreferences
      title={t('table.preferences')}
      confirmLabel={t('table.preferences.save')}
      cancelLabel={t('cancel')}
      preferences={{
        pageSize: preferences.pageSize,
        contentDisplay: columnDisplay(columns, preferences.columns),
        wrapLines: preferences.wrap,
        contentDensity: preferences.compact ? 'compact' : 'comfortable',
        custom: { resizable: preferences.widths !== null, reset: false } satisfies Custom,
      }}
      {...(paged
        ? {
            pageSizePreference: {
              title: t('table.pagesize'),
              options: PAGE_SIZES.map((value) => ({ value, label: t('table.rows', { count: value }) })),
            },
          }
        : {})}
      wrapLinesPreference={{ label: t('table.wrap'), description: t('table.wrap.hint') }}
      contentDensityPreference={{ label: t('table.compact'), description: t('table.compact.hint') }}
      contentDisplayPreference={{
        title: t('table.columns'),
        description: t('table.columns.hint'),
        options: columns.map((c) => ({ id: c.id, label: c.header, alwaysVisible: c.name === true })),
      }}
      customPreference={(value: unknown, set) => {
        const custom = value as Custom;
        return (
          <SpaceBetween size="xs">
            <Checkbox
              checked={custom.resizable}
              onChange={({ detail }) => {
                set({ ...custom, resizable: detail.checked });
              }}
            >
              {t('table.resizable')}
            </Checkbox>
            <Checkbox
              checked={custom.reset}
              onChange={({ detail }) => {
                set({ ...custom, reset: detail.checked });
              }}
            >
              {t('table.reset')}
            </Checkbox>
          </SpaceBetween>
        );
      }}
      onConfirm={({ detail }) => {
        const custom = detail.custom as Custom;
        change(
          custom.reset
            ? null
            : {
                ...preferences,
                pageSize: detail.pageSize ?? preferences.pageSize,
                columns: detail.contentDisplay ?? preferences.columns,
                wrap: detail.wrapLines ?? false,
                compact: detail.contentDensity === 'compact',
                widths: custom.resizable ? (preferences.widths ?? {}) : null,
              },
        );
      }}
    />
  );
}
