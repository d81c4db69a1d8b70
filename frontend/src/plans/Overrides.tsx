import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import '../i18n/plans';
import { t } from '../i18n/t';
import type { Override, OverrideDraft } from './start';

/** Safety checks that a person may set aside, each by itself, and why. */
export function Overrides({ offered, draft, change }: { offered: readonly Override[]; draft: OverrideDraft; change: (next: OverrideDraft) => void }) {
  if (offered.length === 0) {
    return null;
  }
  return (
    <SpaceBetween size="xs">
      {offered.map((name) => (
        <Checkbox
          key={name}
          checked={draft.set.includes(name)}
          onChange={({ detail }) => {
            change({ ...draft, set: detail.checked ? [...draft.set, name] : draft.set.filter((other) => other !== name) });
          }}
        >
          {t(`start.override.${name}`)}
        </Checkbox>
      ))}
      {draft.set.length > 0 ? (
        <FormField label={t('start.override.reason')} description={t('start.override.reason.hint')}>
          <Input value={draft.reason} onChange={({ detail }) => {
            change({ ...draft, reason: detail.value.slice(0, 1000) });
          }} />
        </FormField>
      ) : null}
    </SpaceBetween>
  );
}
