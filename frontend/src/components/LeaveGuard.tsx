import { useEffect } from 'react';
import { useBlocker } from 'react-router';
import Box from '@cloudscape-design/components/box';
import { t } from '../i18n/t';
import { Confirm } from './Confirm';

/** Asks before a form with changes is left. */
export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (!dirty) {
      return;
    }
    const warn = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => {
      window.removeEventListener('beforeunload', warn);
    };
  }, [dirty]);
  return blocker.state === 'blocked' ? (
    <Confirm
      title={t('leave.title')}
      action={t('leave.do')}
      busy={false}
      onConfirm={() => {
        blocker.proceed();
      }}
      onClose={() => {
        blocker.reset();
      }}
    >
      <Box>{t('leave.text')}</Box>
    </Confirm>
  ) : null;
}
