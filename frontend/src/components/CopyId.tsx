import Box from '@cloudscape-design/components/box';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import SpaceBetween from '@cloudscape-design/components/space-between';
import '../i18n/more';
import { t } from '../i18n/t';

/** An ID, and a button that copies it. */
export function CopyId({ id, of }: { id: string; of: string }) {
  return (
    <SpaceBetween size="xxs" direction="horizontal" alignItems="center">
      <CopyToClipboard
        variant="icon"
        textToCopy={id}
        copyButtonAriaLabel={t('copy.id', { name: of })}
        copySuccessText={t('copied')}
        copyErrorText={t('copy.failed')}
      />
      <Box variant="code">{id}</Box>
    </SpaceBetween>
  );
}
