import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { t } from '../i18n/t';

/** A dialog with its buttons at the end, after "Cancel"; a problem stands above them. */
export function Dialog({
  title, size = 'large', buttons, problem = null, close, children,
}: {
  title: string;
  size?: 'medium' | 'large';
  buttons: ReactNode;
  problem?: string | null;
  close: () => void;
  children: ReactNode;
}) {
  return (
    <Modal
      visible
      size={size}
      header={title}
      closeAriaLabel={t('close')}
      onDismiss={close}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={close}>
              {t('cancel')}
            </Button>
            {buttons}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        {problem === null ? null : <Alert type="error">{problem}</Alert>}
      </SpaceBetween>
    </Modal>
  );
}
