import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from '../api/client';
import { Time } from '../components/Time';
import { hasMessage, t } from '../i18n/t';
import { decisionsOf, type Decision } from './decided';
import { serverName } from './names';
import { useAllServers } from './queries';

function wording({ what, reason, serverIds }: Decision, named: (id: string) => string): string {
  const words = what.map((name) => {
    const id = `decided.${name}`;
    return hasMessage(id) ? t(id) : name;
  }).join(', ');
  const whole = reason === '' ? words : t('decided.because', { what: words, reason });
  return serverIds.length === 0 ? whole : t('decided.servers', { text: whole, servers: serverIds.map(named).join(', ') });
}

/** Notes of operators, risks they took, and what the run was warned of. */
export function Decisions({ execution }: { execution: Schemas['Execution'] }) {
  const all = decisionsOf(execution);
  const servers = useAllServers(execution.executionId, all.some((d) => d.serverIds.length > 0)).data;
  const named = (id: string) => {
    const name = serverName(servers?.find((s) => s.sourceServerId === id) ?? { sourceServerId: id });
    return name === id ? id : t('decided.server', { name, id });
  };
  return all.length === 0 ? null : (
    <Container header={<Header variant="h2">{t('decided.title')}</Header>}>
      <SpaceBetween size="xs">
        {all.map((decision, i) => (
          <div key={`${decision.kind}-${String(i)}`}>
            <StatusIndicator type={decision.kind === 'note' ? 'info' : 'warning'}>{t(`decided.${decision.kind}`)}</StatusIndicator>{' '}
            <Box variant="span" color="text-body-secondary">
              {decision.by} {decision.time === null ? null : <Time value={decision.time} />}
            </Box>
            <div>{wording(decision, named)}</div>
          </div>
        ))}
      </SpaceBetween>
    </Container>
  );
}
