import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import { usePermissions } from '../app/permissions';
import type { Permission } from '../lib/permissions';

/** A button that says which permission is missing instead of hiding. */
export function GatedButton({
  permission,
  disabledReason,
  disabled,
  ...rest
}: ButtonProps & { permission: Permission }) {
  const gate = usePermissions();
  const reason = gate.reason(permission) ?? disabledReason;
  return (
    // neither allowed nor refused so far: only its place is shown
    <span className={gate.known ? undefined : 'gate-unknown'}>
      <Button
        {...rest}
        disabled={(disabled ?? false) || reason !== undefined || !gate.known}
        {...(reason === undefined ? {} : { disabledReason: reason })}
      />
    </span>
  );
}
