/** Shortcuts; loaded with the first key that is pressed. */
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState, type RefObject } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useStored } from '../lib/stored';
import { PALETTE } from './open';
import { Shortcuts } from './shortcuts';

const Palette = lazy(() => import('./Palette'));
const ShortcutHelp = lazy(() => import('./ShortcutHelp'));

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

const NEW: Record<string, string> = { '/protection-groups': '/protection-groups/new', '/recovery-plans': '/recovery-plans/new' };

export default function Keyboard({ earlyRef }: { earlyRef: RefObject<Event[] | null> }) {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const client = useQueryClient();
  const [single, setSingle] = useStored('shortcuts', isBoolean, true);
  const [open, setOpen] = useState<'palette' | 'help' | null>(null);
  const keys = useRef(new Shortcuts());

  const handle = useEffectEvent((event: Event) => {
    const command = event instanceof KeyboardEvent ? keys.current.press(event, single) : 'palette';
    if (command === null) {
      return;
    }
    if (command === 'filter') {
      const field = document.querySelector<HTMLInputElement>('#content input[type="search"], #content input[role="combobox"]');
      if (field === null) {
        return;
      }
      field.focus();
    } else if (command === 'new') {
      const target = NEW[pathname];
      if (target === undefined) {
        return;
      }
      void navigate(target);
    } else if (command === 'refresh') {
      void client.invalidateQueries();
    } else if (typeof command === 'object') {
      void navigate(command.go);
    } else {
      setOpen(command);
    }
    event.preventDefault();
  });

  useEffect(() => {
    const missed = earlyRef.current ?? [];
    earlyRef.current = null;
    for (const event of missed) {
      handle(event);
    }
    const listen = (event: Event) => {
      handle(event);
    };
    window.addEventListener('keydown', listen);
    window.addEventListener(PALETTE, listen);
    return () => {
      window.removeEventListener('keydown', listen);
      window.removeEventListener(PALETTE, listen);
    };
  }, [earlyRef]);

  const close = () => {
    setOpen(null);
  };
  return (
    <Suspense>
      {open === 'palette' ? (
        <Palette
          onClose={close}
          onHelp={() => {
            setOpen('help');
          }}
        />
      ) : null}
      {open === 'help' ? <ShortcutHelp single={single} onSingle={setSingle} onClose={close} /> : null}
    </Suspense>
  );
}
