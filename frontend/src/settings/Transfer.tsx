import { useMutation } from '@tanstack/react-query';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useNavigate } from 'react-router';
import { useServices } from '../app/context';
import { GatedButton } from '../components/GatedButton';
import { t } from '../i18n/t';
import '../i18n/transfer';
import { download } from '../lib/csv';

function Export() {
  const { api, flashes } = useServices();
  const run = useMutation({
    mutationFn: () => api.get('/config/export'),
    onSuccess: (config) => {
      const stamp = new Date().toISOString().replace(/[:.]/g, '-');
      download(`drs-orchestration-config-${stamp}.json`, 'application/json', JSON.stringify(config, null, 2));
      const custom = config.metadata?.serversWithCustomConfig;
      flashes.add({ type: 'success', header: t('transfer.exported'), content: custom === undefined ? '' : t('transfer.exported.custom', { count: custom }) });
    },
    onError: (cause) => {
      flashes.error(t('transfer.export.failed'), cause);
    },
  });
  return (
    <Container header={<Header variant="h2" description={t('transfer.export.what')}>{t('transfer.export')}</Header>}>
      <GatedButton permission="export_configuration" iconName="download" loading={run.isPending} onClick={() => {
        run.mutate();
      }}>
        {t('transfer.export.do')}
      </GatedButton>
    </Container>
  );
}

export default function Transfer() {
  const navigate = useNavigate();
  return (
    <SpaceBetween size="l">
      <Export />
      <Container header={<Header variant="h2" description={t('transfer.import.what')}>{t('transfer.import')}</Header>}>
        <GatedButton permission="import_configuration" iconName="upload" onClick={() => void navigate('/settings/transfer/import')}>
          {t('transfer.import.start')}
        </GatedButton>
      </Container>
    </SpaceBetween>
  );
}
