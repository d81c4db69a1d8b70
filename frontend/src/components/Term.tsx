import Button from '@cloudscape-design/components/button';
import Popover from '@cloudscape-design/components/popover';
import '../i18n/help';
import { t } from '../i18n/t';

/** The words of the console that need saying once. */
export const WORDS = ['group', 'plan', 'wave', 'execution', 'drill', 'recovery', 'target', 'staging', 'lag', 'drs'] as const;
export type Word = (typeof WORDS)[number];

/** What a word means, beside the word. */
export function Term({ word }: { word: Word }) {
  const name = t(`word.${word}`);
  return (
    <Popover triggerType="custom" header={name} dismissAriaLabel={t('close')} content={t(`word.${word}.is`)}>
      <Button variant="inline-icon" iconName="status-info" formAction="none" ariaLabel={t('word.what', { word: name })} />
    </Popover>
  );
}
