import { usePermissionList } from '../api/queries';
import { t } from '../i18n/t';
import type { Permission } from '../lib/permissions';

export interface Gate {
  /** False while permissions are being fetched. */
  known: boolean;
  can(permission: Permission): boolean;
  /** Why a control is disabled, or undefined when it is not. */
  reason(permission: Permission): string | undefined;
}

export function usePermissions(): Gate {
  const { data } = usePermissionList();
  const granted = new Set(data?.permissions ?? []);
  const can = (permission: Permission) => granted.has(permission);
  return {
    known: data !== undefined,
    can,
    reason: (permission) =>
      data === undefined || can(permission) ? undefined : t('permission.needed', { permission }),
  };
}
