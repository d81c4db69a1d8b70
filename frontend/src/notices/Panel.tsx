import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import HelpPanel from '@cloudscape-design/components/help-panel';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useServices } from '../app/context';
import type { Notice } from '../app/notices';
import { Link } from '../components/Link';
import { Ago } from '../components/Time';
import '../i18n/notices';
import { t } from '../i18n/t';
import { useStored } from '../lib/stored';
import { BROWSER_KEY, isBoolean } from './incoming';

function BrowserToggle() {
  const [wanted, want] = useStored(BROWSER_KEY, isBoolean, false);
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : 'denied'));
  return (
    <Toggle
      checked={wanted && permission === 'granted'}
      disabled={permission === 'denied'}
      description={t(permission === 'denied' ? 'notices.browser.denied' : 'notices.browser.hint')}
      onChange={({ detail }) => {
        want(detail.checked);
        if (detail.checked) {
          void Notification.requestPermission().then(setPermission);
        }
      }}
    >
      {t('notices.browser')}
    </Toggle>
  );
}

function Item({ notice, close }: { notice: Notice; close: () => void }) {
  return (
    <div role="listitem">
      <StatusIndicator type={notice.type}>
        {notice.href === null ? (
          notice.header
        ) : (
          <span onClick={close}>
            <Link to={notice.href}>{notice.header}</Link>
          </span>
        )}
      </StatusIndicator>
      {notice.content === '' ? null : <Box variant="p" padding="n">{notice.content}</Box>}
      <Box variant="small" color="text-body-secondary">
        <Ago value={notice.time} />
      </Box>
    </div>
  );
}

/** What this tab was told, the newest first. */
export default function Panel({ close }: { close: () => void }) {
  const { notices } = useServices();
  const list = useSyncExternalStore(notices.subscribe, notices.snapshot);
  useEffect(() => {
    notices.readAll();
  }, [notices, list]);
  return (
    <HelpPanel header={<h2>{t('notices.title')}</h2>}>
      <SpaceBetween size="m">
        <BrowserToggle />
        {list.length === 0 ? (
          <Box color="text-body-secondary">{t('notices.none')}</Box>
        ) : (
          <>
            <div role="list">
              <SpaceBetween size="s">
                {list.map((notice) => (
                  <Item key={notice.id} notice={notice} close={close} />
                ))}
              </SpaceBetween>
            </div>
            <Button onClick={() => {
              notices.clear();
            }}>
              {t('notices.clear')}
            </Button>
          </>
        )}
      </SpaceBetween>
    </HelpPanel>
  );
}
