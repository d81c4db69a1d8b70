import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import type { ReactNode } from 'react';
import { hasMessage, t, type MessageId } from '../i18n/t';
import type { Choice, Picks } from './picks';
import { settingName, type Field } from './settings';

/** The control of one setting, without its label. */
export function SettingControl({
  field, value, set, picks, subnetId, unset, disabled, label, blur,
}: {
  field: Field;
  /** Empty: not set. */
  value: string;
  set: (value: string) => void;
  picks: Picks;
  /** The subnet in force: its network has the security groups. */
  subnetId: string;
  /** What it means that nothing is chosen. */
  unset: string;
  disabled?: boolean;
  /** Name of the control where there is no label. */
  label?: string;
  blur?: () => void;
}) {
  const name = label === undefined ? {} : { ariaLabel: label };
  if (field.kind === 'address') {
    return (
      <Input
        {...name}
        value={value}
        placeholder={unset}
        inputMode="decimal"
        disabled={disabled === true}
        onBlur={blur}
        onChange={({ detail }) => {
          set(detail.value.trim());
        }}
      />
    );
  }
  const options = picks.of(field, subnetId);
  const state = { statusType: picks.loading(field.id) ? ('loading' as const) : ('finished' as const), loadingText: t('loading') };
  // what AWS no longer lists stays visible
  const find = (id: string): Choice => options.find((o) => o.value === id) ?? { value: id, label: id };
  if (field.kind === 'list') {
    return (
      <Multiselect
        {...name}
        {...state}
        options={options}
        selectedOptions={value === '' ? [] : value.split(' ').map(find)}
        filteringType="auto"
        placeholder={unset}
        disabled={disabled === true}
        deselectAriaLabel={(option) => t('editor.deselect', { name: option.label ?? '' })}
        onChange={({ detail }) => {
          set(detail.selectedOptions.flatMap((o) => o.value ?? []).join(' '));
        }}
      />
    );
  }
  const none: Choice = { value: '', label: unset };
  const known = value === '' || options.some((o) => o.value === value);
  return (
    <Select
      {...name}
      {...state}
      options={[none, ...(known ? [] : [find(value)]), ...options]}
      selectedOption={value === '' ? none : find(value)}
      filteringType={field.kind === 'pick' ? 'auto' : 'none'}
      virtualScroll={field.kind === 'pick'}
      disabled={disabled === true}
      onChange={({ detail }) => {
        set(detail.selectedOption.value ?? '');
      }}
    />
  );
}

/** One setting in a form. */
export function SettingField({
  info, note, error, hint, ...control
}: Omit<Parameters<typeof SettingControl>[0], 'label'> & {
  info?: ReactNode;
  /** Below the control. */
  note?: ReactNode;
  error?: string | undefined;
  hint?: ReactNode;
}) {
  const id = `setting.${control.field.id}.hint`;
  return (
    <FormField
      label={settingName(control.field.id)}
      info={info}
      description={hint ?? (hasMessage(id) ? t(id satisfies MessageId) : undefined)}
      constraintText={note}
      errorText={error}
    >
      <SettingControl {...control} />
    </FormField>
  );
}
