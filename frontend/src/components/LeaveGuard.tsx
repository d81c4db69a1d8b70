import { useEffect } from 'react';
import { useBlocker, type Location } from 'react-router';
import Button from '@cloudscape-design/components/button';
import '../i18n/editor';
import { t } from '../i18n/t';
import { Dialog } from './Dialog';

const accountIn = ({ search }: Location) => new URLSearchParams(search).get('account');

/** Another page, or the same one for another account. */
function leaves(from: Location, to: Location): boolean {
  return from.pathname !== to.pathname || (accountIn(from) !== null && accountIn(from) !== accountIn(to));
}

/** Asks before a form with changes is left; they stay as a draft unless they are discarded. */
export function LeaveGuard({ dirty, discard }: { dirty: boolean; discard: () => void }) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && leaves(currentLocation, nextLocation));
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
  if (blocker.state !== 'blocked') {
    return null;
  }
  const stay = () => {
    blocker.reset();
  };
  return (
    <Dialog
      title={t('leave.title')}
      size="medium"
      close={stay}
      buttons={
        <>
          <Button
            onClick={() => {
              discard();
              blocker.proceed();
            }}
          >
            {t('leave.discard')}
          </Button>
          <Button
            variant="primary"
            onClick={() => {
              blocker.proceed();
            }}
          >
            {t('leave.do')}
          </Button>
        </>
      }
    >
      {t('leave.text')}
    </Dialog>
  );
}
