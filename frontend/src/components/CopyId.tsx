import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import '../i18n/more';
import { t } from '../i18n/t';

/** An ID, and a button that copies it. */
export function CopyId({ id, of }: { id: string; of: string }) {
  return (
    <CopyToClipboard variant="inline" textToCopy={id} copyButtonAriaLabel={t('copy.id', { name: of })} copySuccessText={t('copied')} copyErrorText={t('copy.failed')} />
  );
}
