import Badge from '@cloudscape-design/components/badge';
import { t } from '../i18n/t';

/** Drill or recovery; nobody may take the one for the other. */
export function TypeBadge({ type }: { type: 'DRILL' | 'RECOVERY' | undefined }) {
  return type === 'RECOVERY' ? <Badge color="red">{t('type.RECOVERY')}</Badge> : <Badge color="blue">{t('type.DRILL')}</Badge>;
}
