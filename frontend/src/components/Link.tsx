import CloudscapeLink, { type LinkProps } from '@cloudscape-design/components/link';
import { createContext, use } from 'react';
import { useHref, useNavigate } from 'react-router';
import { useLinkPath } from '../app/account';
import { useFeatures } from '../app/features';

/** How links look that do not say it themselves: on cards as CloudScape has them in tables. */
export const LinkVariant = createContext<{ variant?: 'primary' }>({});

/** A link inside of the console, usable as a deep link too; a text when its page is switched off. */
export function Link({ to, ...rest }: Omit<LinkProps, 'href' | 'onFollow'> & { to: string }) {
  const navigate = useNavigate();
  const path = useLinkPath()(to);
  const href = useHref(path);
  const look = use(LinkVariant);
  if (!useFeatures().leads(to)) {
    return <>{rest.children}</>;
  }
  return (
    <CloudscapeLink
      {...look}
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
