import CloudscapeLink, { type LinkProps } from '@cloudscape-design/components/link';
import { useHref, useNavigate } from 'react-router';
import { useLinkPath } from '../app/account';
import { useFeatures } from '../app/features';

/** A link inside of the console, usable as a deep link too; a text when its page is switched off. */
export function Link({ to, ...rest }: Omit<LinkProps, 'href' | 'onFollow'> & { to: string }) {
  const navigate = useNavigate();
  const path = useLinkPath()(to);
  const href = useHref(path);
  if (!useFeatures().leads(to)) {
    return <>{rest.children}</>;
  }
  return (
    <CloudscapeLink
      {...rest}
      href={href}
      onFollow={(event) => {
        if (event.detail.external !== true && event.detail.target === undefined) {
          event.preventDefault();
          void navigate(path);
        }
      }}
    />
  );
}
