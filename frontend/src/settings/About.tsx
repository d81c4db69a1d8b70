import { version } from '../../package.json';
import { useQuery } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useServiceLimits } from '../api/queries';
import { useApi, useConfig } from '../app/context';
import { Failed } from '../components/Failed';
import { Status } from '../components/Status';
import '../i18n/notify';
import { hasMessage, t } from '../i18n/t';
import { humanize } from '../lib/status';

/** What the server calls a figure, in words; a figure that this console does not know keeps its name. */
function nameOf(key: string): string {
  const id = `about.key.${key}`;
  return hasMessage(id) ? t(id) : humanize(key.replace(/([a-z])([A-Z])/g, '$1_$2'));
}

function Health() {
  const api = useApi();
  const query = useQuery({ queryKey: ['health'], queryFn: ({ signal }) => api.get('/health', { signal }), refetchInterval: 15_000 });
  if (query.isError) {
    return <Failed what={t('about.health.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const health = query.data;
  if (health === undefined) {
    return <StatusIndicator type="loading">{t('loading')}</StatusIndicator>;
  }
  const part = (value: Record<string, unknown> | undefined) =>
    value === undefined ? (
      '–'
    ) : (
      <ul className="plain-list">
        {Object.entries(value).map(([key, text]) => (
          <li key={key}>
            {nameOf(key)}: {typeof text === 'object' ? JSON.stringify(text) : String(text)}
          </li>
        ))}
      </ul>
    );
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: t('status'), value: <Status value={health.status.toUpperCase() === 'HEALTHY' ? 'ACTIVE' : 'FAILED'} kind="about" /> },
        ...(health.version === undefined ? [] : [{ label: t('about.server'), value: health.version }]),
        { label: t('about.console'), value: version },
        { label: t('about.redis'), value: part(health.redis) },
        { label: t('about.worker'), value: part(health.worker) },
      ]}
    />
  );
}

function Limits() {
  const query = useServiceLimits();
  if (query.isError && query.data === undefined) {
    return <Failed what={t('about.limits.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const flat = Object.entries(query.data ?? {}).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? Object.entries(value as Record<string, unknown>) : [[key, value] as [string, unknown]],
  );
  return query.data === undefined ? (
    <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
  ) : (
    <KeyValuePairs
      columns={3}
      items={flat.filter(([, value]) => typeof value === 'number').map(([key, value]) => ({
        label: nameOf(key), value: Number(value).toLocaleString(),
      }))}
    />
  );
}

export default function About() {
  const { apiBase } = useConfig();
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t('about.health')}</Header>}>
        <Health />
      </Container>
      <Container header={<Header variant="h2" description={t('about.limits.what')}>{t('about.limits')}</Header>}>
        <Limits />
      </Container>
      <Container header={<Header variant="h2">{t('about.licences')}</Header>}>
        <SpaceBetween size="s">
          <Box>{t('about.licence')}</Box>
          <Box>{t('about.parts')}</Box>
          <Box>
            {t('about.api')} <Box variant="code">{`${apiBase}/openapi.yaml`}</Box>
          </Box>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
