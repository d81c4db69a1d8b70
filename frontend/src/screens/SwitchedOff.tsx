import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useTitle } from '../app/page';
import { Link } from '../components/Link';
import { t } from '../i18n/t';

/** In the place of a page that config.json switches off. */
export default function SwitchedOff() {
  useTitle(t('off.title'));
  return (
    <SpaceBetween size="m">
      <Header variant="h1">{t('off.title')}</Header>
      <Box>{t('off.text')}</Box>
      <Link to="/">{t('notfound.home')}</Link>
    </SpaceBetween>
  );
}
