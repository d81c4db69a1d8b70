/** One development stack for all browser tests, in a folder of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

const TOP = join(import.meta.dirname, '../../..');

declare module 'vitest' {
  export interface ProvidedContext {
    stack: { dir: string; env: Record<string, string> };
  }
}

export default function setup(project: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'drs-console-'));
  const run = (command: string) => {
    execFileSync('/usr/bin/python3', [join(TOP, 'scripts/stack.py'), command], {
      env: { ...process.env, DRS_RUN_DIR: dir, DRS_SIM_SPEED: '300' },
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
  project.provide('stack', { dir, env });
  return () => {
    run('down');
    rmSync(dir, { recursive: true, force: true });
  };
}
