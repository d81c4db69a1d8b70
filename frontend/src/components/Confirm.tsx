import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState, type ReactNode } from 'react';
import { t } from '../i18n/t';
import { DangerButton } from './DangerButton';
import { Dialog } from './Dialog';

/** Asks before something is done, most often what cannot be undone. */
export function Confirm({
  title, children, action, busy, ready = true, onConfirm, onClose, typed, problem = null, destroys = true,
}: {
  title: string;
  children: ReactNode;
  /** Text of the button. */
  action: string;
  busy: boolean;
  /** False while something has to be entered first. */
  ready?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  /** A name that has to be typed first. */
  typed?: string;
  problem?: string | null;
  /** False: nothing is lost by it. */
  destroys?: boolean;
}) {
  const [text, setText] = useState('');
  const doing = { loading: busy, disabled: !ready || (typed !== undefined && text !== typed), onClick: onConfirm, children: action };
  return (
    <Dialog
      title={title}
      size="medium"
      careful
      problem={problem}
      close={onClose}
      buttons={destroys ? <DangerButton {...doing} /> : <Button {...doing} variant="primary" />}
    >
      {children}
      {typed === undefined ? null : (
        <FormField label={t('confirm.type', { name: typed })}>
          <Input
            value={text}
            onChange={({ detail }) => {
              setText(detail.value);
            }}
          />
        </FormField>
      )}
    </Dialog>
  );
}
