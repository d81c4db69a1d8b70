import CloudscapeLink, { type LinkProps } from '@cloudscape-design/components/link';
import { useHref, useNavigate } from 'react-router';

/** A link inside of the console, usable as a deep link too. */
export function Link({ to, ...rest }: Omit<LinkProps, 'href' | 'onFollow'> & { to: string }) {
  const navigate = useNavigate();
  const href = useHref(to);
  return (
    <CloudscapeLink
      {...rest}
      href={href}
      onFollow={(event) => {
        if (event.detail.external !== true && event.detail.target === undefined) {
          event.preventDefault();
          void navigate(to);
        }
      }}
    />
  );
}
