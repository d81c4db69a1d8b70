import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import { t } from '../i18n/t';

/** Asks before something is done that cannot be undone. */
export function Confirm({
  title, children, action, busy, ready = true, onConfirm, onClose, typed, problem,
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
}) {
  const [text, setText] = useState('');
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button variant="primary" loading={busy} disabled={!ready || (typed !== undefined && text !== typed)} onClick={onConfirm}>
              {action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
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
        {problem === undefined || problem === null ? null : <Alert type="error">{problem}</Alert>}
      </SpaceBetween>
    </Modal>
  );
}
