import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { t } from '../i18n/t';

/** A whole number between bounds; what is out of them is refused while it is typed and goes when the field is left. */
export function NumberField({
  label, hint, value, min, max, set,
}: {
  label: string;
  hint?: string;
  value: number;
  min: number;
  max: number;
  set: (value: number) => void;
}) {
  const [typed, type] = useState<string | null>(null);
  const good = (text: string) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
  return (
    <FormField
      label={label}
      description={hint}
      constraintText={t('editor.range', { min, max })}
      errorText={typed !== null && !good(typed) ? t('editor.range', { min, max }) : undefined}
    >
      <Input
        type="number"
        inputMode="numeric"
        value={typed ?? String(value)}
        onChange={({ detail }) => {
          type(detail.value);
          if (good(detail.value)) {
            set(Number(detail.value));
          }
        }}
        onBlur={() => {
          type(null);
        }}
      />
    </FormField>
  );
}
