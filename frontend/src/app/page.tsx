/** Title of the page, for the document, breadcrumbs and the focus. */
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';

const TitleContext = createContext<{ title: string; set: (title: string) => void }>({ title: '', set: () => undefined });

export function PageProvider({ children }: { children: ReactNode }) {
  const [title, set] = useState('');
  return <TitleContext value={{ title, set }}>{children}</TitleContext>;
}

export const usePageTitle = () => useContext(TitleContext).title;

/** Called by each page with its title. */
export function useTitle(title: string): void {
  const { set } = useContext(TitleContext);
  useEffect(() => {
    set(title);
    return () => {
      set('');
    };
  }, [title, set]);
}
