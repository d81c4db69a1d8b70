/** What views have: configuration and session, and once signed in the rest. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ApiClient } from '../api/client';
import type { SessionStore } from '../auth/session';
import type { ConsoleConfig } from '../lib/config';
import type { LiveConnection, LiveState } from '../live/connection';
import type { Flashes } from './flashes';
import type { Notices } from './notices';

export interface Base {
  config: ConsoleConfig;
  session: SessionStore;
}

/** Loaded with the pages of a signed-in user. */
export interface Services extends Base {
  api: ApiClient;
  live: LiveConnection;
  flashes: Flashes;
  notices: Notices;
}

export const BaseContext = createContext<Base | null>(null);
export const ServicesContext = createContext<Services | null>(null);

function present<T>(value: T | null, name: string): T {
  if (value === null) {
    throw new Error(`outside of ${name}`);
  }
  return value;
}

export const useBase = (): Base => present(useContext(BaseContext), 'BaseContext');
export const useServices = (): Services => present(useContext(ServicesContext), 'ServicesContext');
export const useApi = () => useServices().api;
export const useConfig = () => useBase().config;

export function useSession() {
  const { session } = useBase();
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

export function useLive(): LiveState {
  const { live } = useServices();
  return useSyncExternalStore(live.subscribe, live.snapshot);
}
