import ButtonDropdown, { type ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import { useNavigate } from 'react-router';
import { useLinkPath } from '../app/account';
import { useFeatures } from '../app/features';
import { useMenuItem } from '../components/menu';
import '../i18n/plans';
import { t } from '../i18n/t';

export type Start = 'DRILL' | 'RECOVERY';

/** What one can do with a plan; an entry that cannot be chosen says why. */
export function PlanMenu({
  plan, running, blocked, start, remove, row = false,
}: {
  plan: { planId: string; planName: string };
  running: boolean;
  /** Why it cannot be started; null when it can. */
  blocked: string | null;
  start?: (type: Start) => void;
  remove: () => void;
  /** In a row of a table; a page has buttons for what is done most. */
  row?: boolean;
}) {
  const item = useMenuItem();
  const features = useFeatures();
  const navigate = useNavigate();
  const linkPath = useLinkPath();
  const busy = running ? t('plan.running') : undefined;
  const here = `/recovery-plans/${plan.planId}`;
  const places: Record<string, string> = {
    readiness: `${here}/readiness`, edit: `${here}/edit`, versions: `${here}/versions`,
    duplicate: `/recovery-plans/new?from=${plan.planId}`, compare: `/recovery-plans/compare?left=${plan.planId}`,
  };
  const starts: ButtonDropdownProps.Item[] = start === undefined ? [] : (['DRILL', 'RECOVERY'] as const).map((type) =>
    item(type, t(`start.${type}`), 'start_recovery', type === 'RECOVERY' && !features.has('recovery') ? t('start.RECOVERY.off') : busy ?? blocked ?? undefined),
  );
  return (
    <ButtonDropdown
      variant={row ? 'inline-icon' : 'normal'}
      ariaLabel={t('plan.actions', { name: plan.planName })}
      expandToViewport
      items={[
        ...starts,
        ...(row ? [item('readiness', t('ready.link'), 'view_recovery_plans'), item('edit', t('edit'), 'modify_recovery_plans', busy)] : []),
        item('duplicate', t('plan.duplicate'), 'create_recovery_plans'),
        item('compare', t('compare.with'), 'view_recovery_plans'),
        item('versions', t('versions'), 'audit_read'),
        item('delete', t('delete'), 'delete_recovery_plans', busy),
      ]}
      onItemClick={({ detail: { id } }) => {
        const place = places[id];
        if (place !== undefined) {
          void navigate(linkPath(place));
        } else if (id === 'DRILL' || id === 'RECOVERY') {
          start?.(id);
        } else if (id === 'delete') {
          remove();
        }
      }}
    >
      {row ? undefined : t('actions')}
    </ButtonDropdown>
  );
}
