import type { Schemas } from '../api/client';

/** The name a person knows a server by. */
export function serverName(server: Partial<Pick<Schemas['ServerExecution'], 'serverName' | 'nameTag' | 'hostname' | 'sourceServerId'>>): string {
  return server.serverName ?? server.nameTag ?? server.hostname ?? server.sourceServerId ?? '–';
}
