import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Children, useEffect, useRef, type ReactNode } from 'react';
import { t } from '../i18n/t';

/** A dialog with its buttons at the end, after the one that only leaves it; a problem stands above them. */
export function Dialog({
  title, size = 'large', cancel = t('cancel'), careful = false, buttons, problem = null, close, children,
}: {
  title: string;
  size?: 'medium' | 'large';
  /** Text of the button that only leaves; "Cancel" could be taken for what is asked about. */
  cancel?: string;
  /** Has the focus on that button. */
  careful?: boolean;
  buttons: ReactNode;
  problem?: string | null;
  close: () => void;
  children: ReactNode;
}) {
  const leave = useRef<ButtonProps.Ref>(null);
  useEffect(() => {
    if (!careful) {
      return;
    }
    // after the dialog has put the focus on its first button
    const frame = requestAnimationFrame(() => {
      leave.current?.focus();
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [careful]);
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
            <Button ref={leave} variant="link" onClick={close}>
              {cancel}
            </Button>
            {buttons}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {/* a plain text has no key, and SpaceBetween makes a list */}
        {Children.map(children, (child) => (typeof child === 'string' ? <div>{child}</div> : child))}
        {problem === null ? null : <Alert type="error">{problem}</Alert>}
      </SpaceBetween>
    </Modal>
  );
}
