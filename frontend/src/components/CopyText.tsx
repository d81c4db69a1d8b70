import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { t } from '../i18n/t';

/** A value with a button that copies it. `of`: what it is the ID of. */
export function CopyText({ value, of }: { value: string; of?: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={value}
      copyButtonAriaLabel={of === undefined ? t('copy.of', { text: value }) : t('copy.id', { name: of })}
      copySuccessText={t('copied')}
      copyErrorText={t('copy.failed')}
    />
  );
}
