/**
 * One development stack for all browser tests, in a folder of its own.
 * With DRS_CONSOLE_STACK it is in that folder, and stays up for the next run.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

const TOP = join(import.meta.dirname, '../../..');

declare module 'vitest' {
  export interface ProvidedContext {
    stack: { dir: string; env: Record<string, string>; providerPort: number };
  }
}

/** A port that no outgoing connection can take meanwhile: below those the system hands out. */
function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 20_000);
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => {
        resolve(freePort());
      })
      .listen(port, '127.0.0.1', () => {
        server.close(() => {
          resolve(port);
        });
      });
  });
}

/** The same console under prefixes: /dr/ as it is, /sso/ with an identity provider, /pseudo/ in the pseudo-locale. */
function prefixes(dir: string, providerPort: number): void {
  const conf = join(dir, 'conf.d');
  mkdirSync(conf);
  const provider = `https://127.0.0.1:${String(providerPort)}`;
  const build = process.env.DRS_BUILD ?? join(TOP, 'build');
  const source = readFileSync(join(TOP, 'conf/console-prefix.conf'), 'utf8');
  const served = (console: string) => source.replaceAll('/usr/share/drs-orchestrator/console/', `${build}/${console}/`);
  const template = served('console');
  writeFileSync(join(dir, 'sso.json'), JSON.stringify({
    apiBase: '/api', environment: { name: 'Tests' },
    auth: { adapter: 'oidc', authority: provider, clientId: 'drs-console', scope: 'openid email profile', allowLocal: true },
  }));
  writeFileSync(join(conf, 'console.server'), [
    template, 'location /dr/api/ { drs_api /dr/api; }',
    template.replaceAll('/dr/', '/sso/').replace('= /dr {', '= /sso {').replaceAll('drs_file', 'sso_file')
      .replace("connect-src 'self'", `connect-src 'self' ${provider}`),
    `location = /sso/config.json { alias ${dir}/sso.json; }`,
    served('console-pseudo').replaceAll('/dr/', '/pseudo/').replace('= /dr {', '= /pseudo {').replaceAll('drs_file', 'pseudo_file'),
    'location /pseudo/api/ { drs_api /pseudo/api; }',
  ].join('\n'));
  writeFileSync(join(conf, 'sso.http'), `drs_issuer sso iss=${provider} aud=drs-console groups_claim=groups username_claim=preferred_username;\n`);
  writeFileSync(join(conf, 'sso.worker'), `jwks_min_interval = 1s\n[issuer sso]\nissuer = ${provider}\njwks_url = ${provider}/keys\nca_file = ${dir}/tls/ca.pem\n`);
}

export default async function setup(project: TestProject): Promise<() => void> {
  const kept = process.env.DRS_CONSOLE_STACK;
  const dir = kept ?? mkdtempSync(join(tmpdir(), 'drs-console-'));
  const portFile = join(dir, 'provider-port');
  if (!existsSync(portFile)) {
    mkdirSync(dir, { recursive: true });
    const free = await freePort();
    prefixes(dir, free);
    writeFileSync(portFile, String(free));
  }
  const providerPort = Number(readFileSync(portFile, 'utf8'));
  // several stacks may start at once: none takes the usual port
  const port = existsSync(join(dir, 'state.json')) ? {} : { DRS_PORT: String(await freePort()) };
  const run = (command: string) => {
    execFileSync('/usr/bin/python3', [join(TOP, 'scripts/stack.py'), command], {
      env: { ...process.env, DRS_RUN_DIR: dir, DRS_SIM_SPEED: '300', ...port },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  run('up');
  const env: Record<string, string> = {};
  for (const line of readFileSync(join(dir, 'stack.env'), 'utf8').split('\n')) {
    const match = /^(?:export )?(\w+)='?(.*?)'?$/.exec(line);
    if (match !== null) {
      env[match[1] ?? ''] = match[2] ?? '';
    }
  }
  project.provide('stack', { dir, env, providerPort });
  return () => {
    if (kept !== undefined) {
      return;
    }
    run('down');
    rmSync(dir, { recursive: true, force: true });
  };
}
