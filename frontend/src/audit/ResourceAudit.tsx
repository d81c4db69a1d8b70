import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { useState } from 'react';
import { usePermissions } from '../app/permissions';
import '../i18n/audit';
import { t } from '../i18n/t';
import { AuditTable } from './table';

/** Who did what with one thing, for its page; nothing for those who may not read the trail. */
export default function ResourceAudit({ resourceId, name }: { resourceId: string; name: string }) {
  const gate = usePermissions();
  const [open, setOpen] = useState(false);
  if (!gate.can('audit_read')) {
    return null;
  }
  return (
    <ExpandableSection
      variant="container"
      headerText={t('audit.of')}
      headerDescription={t('audit.of.hint')}
      expanded={open}
      onChange={({ detail }) => {
        setOpen(detail.expanded);
      }}
    >
      {open ? <AuditTable variant="embedded" filter={{ resourceId }} title={name} file={`audit-${resourceId}`} /> : null}
    </ExpandableSection>
  );
}
