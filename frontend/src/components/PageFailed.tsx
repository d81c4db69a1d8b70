import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { usePageTitle } from '../app/page';
import { Failed } from './Failed';

/** A page whose thing could not be loaded: its heading, so that the focus has a place, and why. */
export function PageFailed(props: { what: string; error: unknown; retry?: () => void }) {
  const title = usePageTitle();
  return (
    <SpaceBetween size="m">
      <Header variant="h1">{title === '' ? props.what : title}</Header>
      <Failed {...props} />
    </SpaceBetween>
  );
}
