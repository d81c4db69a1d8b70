import Box from '@cloudscape-design/components/box';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useFeatures } from '../app/features';
import { NAVIGATION } from '../app/navigation';
import '../i18n/keyboard';
import Table from '../components/Table';
import { t } from '../i18n/t';
import { KEYS, PLACES } from './shortcuts';

function placeName(path: string): string {
  const entry = NAVIGATION.find((e) => e !== 'divider' && e.path === path);
  return entry === undefined || entry === 'divider' ? path : t(entry.text);
}

export default function ShortcutHelp({ single, onSingle, onClose }: { single: boolean; onSingle: (on: boolean) => void; onClose: () => void }) {
  const features = useFeatures();
  const rows = [
    { key: 'Ctrl+K', text: t('shortcuts.palette') },
    ...KEYS.map(({ key, command }) => ({ key, text: t(`shortcuts.${command}`) })),
    ...PLACES.filter(({ path }) => features.leads(path)).map(({ key, path }) => ({ key: `g ${key}`, text: t('palette.go', { place: placeName(path) }) })),
    { key: 'Esc', text: t('shortcuts.close') },
  ];
  return (
    <Modal visible header={t('shortcuts.title')} closeAriaLabel={t('close')} onDismiss={onClose}>
      <SpaceBetween size="m">
        <Toggle
          checked={single}
          description={t('shortcuts.on.hint')}
          onChange={({ detail }) => {
            onSingle(detail.checked);
          }}
        >
          {t('shortcuts.on')}
        </Toggle>
        <Table
          variant="embedded"
          contentDensity="compact"
          items={rows}
          trackBy="key"
          ariaLabels={{ tableLabel: t('shortcuts.title') }}
          columnDefinitions={[
            { id: 'key', header: t('shortcuts.key'), width: 120, isRowHeader: true, cell: (row) => <Box variant="code">{row.key}</Box> },
            { id: 'does', header: t('shortcuts.does'), cell: (row) => row.text },
          ]}
        />
      </SpaceBetween>
    </Modal>
  );
}
