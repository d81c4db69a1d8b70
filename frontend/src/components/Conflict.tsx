import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import '../i18n/editor';
import { t } from '../i18n/t';
import { merged, type Difference, type Side } from '../lib/merge';

type Choices = Record<string, Side | undefined>;

/** Where two people differ, field by field; the outcome goes back into the form. */
export function Conflict<D>({
  version, found, base, mine, theirs, use, onClose,
}: {
  /** Of what the other one saved. */
  version: number;
  found: readonly Difference<D>[];
  base: D;
  mine: D;
  theirs: D;
  use: (draft: D) => void;
  onClose: () => void;
}) {
  // what only one of us changed is no question
  const [choices, choose] = useState<Choices>(() =>
    Object.fromEntries(found.map(({ part, changedBy }) => [part.id, changedBy === 'both' ? undefined : changedBy])),
  );
  const all = (side: Side) => {
    choose(Object.fromEntries(found.map(({ part }) => [part.id, side])));
  };
  const open = found.filter(({ part }) => choices[part.id] === undefined).length;
  const words = (text: string) => (text === '' ? t('conflict.empty') : text);
  return (
    <Modal
      visible
      size="large"
      header={t('conflict.title')}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal" alignItems="center">
            {open > 0 ? <Box color="text-body-secondary">{t('conflict.open', { count: open })}</Box> : null}
            <Button variant="link" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button variant="primary" disabled={open > 0} onClick={() => {
              use(merged(found, choices, mine, theirs));
            }}>
              {t('conflict.use')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="info">{found.length === 0 ? t('conflict.none', { version }) : t('conflict.text', { version })}</Alert>
        {found.length < 2 ? null : (
          <SpaceBetween size="xs" direction="horizontal">
            <Button onClick={() => {
              all('mine');
            }}>
              {t('conflict.mine.all')}
            </Button>
            <Button onClick={() => {
              all('theirs');
            }}>
              {t('conflict.theirs.all')}
            </Button>
          </SpaceBetween>
        )}
        {found.map(({ part, changedBy }) => (
          <FormField key={part.id} label={part.label} description={t(`conflict.by.${changedBy}`, { before: words(part.show(base)) })}>
            <RadioGroup
              value={choices[part.id] ?? null}
              items={[
                { value: 'mine', label: t('conflict.mine'), description: words(part.show(mine)) },
                { value: 'theirs', label: t('conflict.theirs'), description: words(part.show(theirs)) },
              ]}
              onChange={({ detail }) => {
                choose({ ...choices, [part.id]: detail.value === 'mine' ? 'mine' : 'theirs' });
              }}
            />
          </FormField>
        ))}
      </SpaceBetween>
    </Modal>
  );
}
