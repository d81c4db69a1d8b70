import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useLocation } from 'react-router';
import { useTitle } from '../app/page';
import { Link } from '../components/Link';
import { t } from '../i18n/t';

export default function NotFound() {
  const { pathname } = useLocation();
  useTitle(t('notfound.title'));
  return (
    <SpaceBetween size="m">
      <Header variant="h1">{t('notfound.title')}</Header>
      <Box>{t('notfound.text', { path: pathname })}</Box>
      <Link to="/">{t('notfound.home')}</Link>
    </SpaceBetween>
  );
}
