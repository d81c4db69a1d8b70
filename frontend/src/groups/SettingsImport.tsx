import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import { differences, overridesOf, put, type Changes } from './settings';
import { readSettings, type ReadResult } from './settings-csv';

const MAX_BYTES = 1024 * 1024;
const SHOWN = 20;

/** Reads settings from a table; they are looked at before they are saved. */
export function SettingsImport({
  group, changes, members, names, done, close,
}: {
  group: Schemas['ProtectionGroup'];
  changes: Changes;
  members: ReadonlySet<string>;
  names: ReadonlyMap<string, string>;
  done: (changes: Changes) => void;
  close: () => void;
}) {
  const [files, setFiles] = useState<File[]>([]);
  const [result, setResult] = useState<ReadResult | null>(null);
  const next = [...(result?.overrides ?? [])].reduce<Changes>((out, [id, override]) => put(group, out, id, override), changes);
  const problems = result?.problems ?? [];
  const list = differences(group, next);

  async function choose(chosen: File[]) {
    setFiles(chosen);
    const file = chosen[0];
    if (file === undefined) {
      setResult(null);
    } else if (file.size > MAX_BYTES) {
      setResult({ overrides: new Map(), problems: [t('csv.problem.size')] });
    } else {
      setResult(readSettings(await file.text(), members, overridesOf(group, changes)));
    }
  }

  return (
    <Modal
      visible
      size="large"
      header={t('setting.import.title')}
      closeAriaLabel={t('close')}
      onDismiss={close}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={close}>
              {t('cancel')}
            </Button>
            <Button variant="primary" disabled={result === null || problems.length > 0 || list.length === 0} onClick={() => {
              done(next);
            }}>
              {t('setting.take')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>{t('setting.import.what')}</Box>
        <FormField label={t('transfer.file')}>
          <FileUpload
            value={files}
            accept=".csv,text/csv"
            showFileSize
            constraintText={t('setting.import.hint')}
            onChange={({ detail }) => void choose(detail.value)}
            i18nStrings={{
              uploadButtonText: () => t('transfer.choose'),
              dropzoneText: () => t('transfer.drop'),
              removeFileAriaLabel: () => t('remove'),
              limitShowFewer: t('less'),
              limitShowMore: t('more'),
              errorIconAriaLabel: t('failed'),
            }}
          />
        </FormField>
        {problems.length === 0 ? null : (
          <Alert type="error" header={t('setting.import.problems', { count: problems.length })}>
            <ul>
              {problems.slice(0, SHOWN).map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </Alert>
        )}
        {result === null || problems.length > 0 ? null : list.length === 0 ? (
          <Alert type="info">{t('setting.import.same')}</Alert>
        ) : (
          <Alert type="success" header={t('setting.import.read', { count: new Set(list.map((d) => d.serverId)).size })}>
            <ul>
              {list.slice(0, SHOWN).map((d) => (
                <li key={`${d.serverId} ${d.field}`}>
                  {names.get(d.serverId) ?? d.serverId}, {d.field}: {d.before === '' ? '–' : d.before} → {d.after === '' ? '–' : d.after}
                </li>
              ))}
            </ul>
            {list.length > SHOWN ? t('setting.review.more', { count: list.length - SHOWN }) : null}
          </Alert>
        )}
      </SpaceBetween>
    </Modal>
  );
}
