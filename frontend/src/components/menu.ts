import type { ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import { usePermissions } from '../app/permissions';
import type { Permission } from '../lib/permissions';

/** Entries of a menu that need a permission; one that cannot be chosen says why. */
export function useMenuItem() {
  const gate = usePermissions();
  return (id: string, text: string, permission: Permission, why?: string): ButtonDropdownProps.Item => {
    const reason = gate.reason(permission) ?? why;
    return { id, text, disabled: reason !== undefined || !gate.known, ...(reason === undefined ? {} : { disabledReason: reason }) };
  };
}
