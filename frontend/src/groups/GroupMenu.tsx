import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useNavigate } from 'react-router';
import { useLinkPath } from '../app/account';
import { useMenuItem } from '../components/menu';
import '../i18n/groups';
import { t } from '../i18n/t';

/** What one can do with a group of a list. */
export function GroupMenu({ group, blocked, users, remove }: {
  group: { groupId: string; groupName: string };
  /** A run that goes on uses it. */
  blocked: boolean;
  /** Names of the plans that use it. */
  users: readonly string[];
  remove: () => void;
}) {
  const item = useMenuItem();
  const navigate = useNavigate();
  const linkPath = useLinkPath();
  const places: Record<string, string> = {
    edit: `/protection-groups/${group.groupId}/edit`, duplicate: `/protection-groups/new?from=${group.groupId}`,
  };
  return (
    <ButtonDropdown
      variant="inline-icon"
      ariaLabel={t('group.actions', { name: group.groupName })}
      expandToViewport
      items={[
        item('edit', t('edit'), 'modify_protection_groups', blocked ? t('group.blocked') : undefined),
        item('duplicate', t('group.duplicate'), 'create_protection_groups'),
        item('delete', t('delete'), 'delete_protection_groups', users.length > 0 ? t('groups.used', { names: users.join(', ') }) : undefined),
      ]}
      onItemClick={({ detail: { id } }) => {
        const place = places[id];
        if (place !== undefined) {
          void navigate(linkPath(place));
        } else {
          remove();
        }
      }}
    />
  );
}
