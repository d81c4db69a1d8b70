import Box from '@cloudscape-design/components/box';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import HelpPanel from '@cloudscape-design/components/help-panel';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useConfig, useLive, useServices } from '../app/context';
import type { Trace } from '../api/client';
import { CopyText } from '../components/CopyText';
import { Ago, Time, useNow } from '../components/Time';
import '../i18n/connection';
import { t } from '../i18n/t';

const REFRESH_MS = 1000;

function Request({ trace }: { trace: Trace }) {
  const good = trace.status >= 200 && trace.status < 400;
  return (
    <li>
      <StatusIndicator type={good ? 'success' : trace.status === 0 ? 'stopped' : 'error'} wrapText>
        {trace.status === 0 ? t('connection.noanswer') : trace.status} {trace.method} {trace.path}
      </StatusIndicator>
      <Box variant="small" color="text-body-secondary">
        <Time value={trace.at} /> · {t('connection.ms', { ms: trace.ms })}
        {trace.requestId === null ? null : <> · <CopyText value={trace.requestId} /></>}
      </Box>
    </li>
  );
}

/** State of the event stream and the requests of this tab, for people who look for a fault. */
export default function Panel() {
  useNow(REFRESH_MS);
  const { api, live } = useServices();
  const config = useConfig();
  const { status, lastByte } = useLive();
  const detail = live.detail();
  return (
    <HelpPanel header={<h2>{t('connection.title')}</h2>}>
      <SpaceBetween size="m">
        <KeyValuePairs columns={2}
          items={[
            { label: t('state'), value: t(`live.${status}`) },
            { label: t('connection.last'), value: <Ago value={lastByte} /> },
            { label: t('connection.event'), value: detail.lastId ?? '–' },
            { label: t('connection.failures'), value: detail.failures },
            { label: t('connection.server'), value: config.apiBase },
          ]}
        />
        <CopyToClipboard
          copyButtonText={t('connection.copy')}
          copySuccessText={t('copied')}
          copyErrorText={t('copy.failed')}
          textToCopy={JSON.stringify({ status, lastByte, ...detail, requests: api.traces }, null, 2)}
        />
        <h3>{t('connection.requests', { count: api.traces.length })}</h3>
        <ol className="plain-list">
          {api.traces.map((trace, i) => (
            <Request key={`${String(trace.at)}-${String(i)}`} trace={trace} />
          ))}
        </ol>
      </SpaceBetween>
    </HelpPanel>
  );
}
