import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { t } from '../i18n/t';

/** A value with a button that copies it. */
export function CopyText({ value }: { value: string }) {
  return <CopyToClipboard variant="inline" textToCopy={value} copyButtonAriaLabel={t('copy.of', { text: value })} copySuccessText={t('copied')} copyErrorText={t('copy.failed')} />;
}
