import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { Dialog } from '../components/Dialog';
import { FilePick } from '../components/FilePick';
import { t } from '../i18n/t';
import { Differences } from './Differences';
import type { Picks } from './picks';
import { differences, overridesOf, put, type Base, type Changes } from './settings';
import { readSettings, type ReadResult } from './settings-csv';

const MAX_BYTES = 1024 * 1024;
const SHOWN = 20;

/** Reads settings from a table; they are looked at before they are saved. */
export function SettingsImport({
  group, changes, members, names, picks, done, close,
}: {
  group: Base;
  changes: Changes;
  members: ReadonlySet<string>;
  names: ReadonlyMap<string, string>;
  picks: Picks;
  done: (changes: Changes) => void;
  close: () => void;
}) {
  const [result, setResult] = useState<ReadResult | null>(null);
  const next = [...(result?.overrides ?? [])].reduce<Changes>((out, [id, override]) => put(group, out, id, override), changes);
  const problems = result?.problems ?? [];
  const list = differences(group, next);

  return (
    <Dialog
      title={t('setting.import.title')}
      close={close}
      buttons={
        <Button variant="primary" disabled={result === null || problems.length > 0 || list.length === 0} onClick={() => {
          done(next);
        }}>
          {t('setting.take')}
        </Button>
      }
    >
      <Box>{t('setting.import.what')}</Box>
      <FilePick
        accept=".csv,text/csv"
        hint={t('setting.import.hint')}
        maxBytes={MAX_BYTES}
        read={(text) => {
          setResult(text === null ? null : readSettings(text, members, overridesOf(group, changes)));
        }}
        refuse={() => {
          setResult({ overrides: new Map(), problems: [t('csv.problem.size')] });
        }}
      />
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
          <Differences list={list} names={names} picks={picks} max={SHOWN} />
        </Alert>
      )}
    </Dialog>
  );
}
