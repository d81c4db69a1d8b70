/** Names of security.md; the server decides, the console explains. */
export const PERMISSIONS = [
  'register_accounts', 'modify_accounts', 'delete_accounts', 'view_accounts', 'start_recovery', 'stop_recovery',
  'terminate_instances', 'view_executions', 'create_protection_groups', 'modify_protection_groups',
  'delete_protection_groups', 'view_protection_groups', 'create_recovery_plans', 'modify_recovery_plans',
  'delete_recovery_plans', 'view_recovery_plans', 'export_configuration', 'import_configuration', 'audit_read',
] as const;

export type Permission = (typeof PERMISSIONS)[number];
