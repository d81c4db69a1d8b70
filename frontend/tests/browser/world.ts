/** What the tests ask of the stack beside the browser. */
import { execFileSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { inject } from 'vitest';

const TOP = join(import.meta.dirname, '../../..');
const ROLE = 'DRSOrchestrationRole';
const EXTERNAL_ID = 'drs-orchestration-cross-account';
export const PASSWORD = 'Correct-Horse-42x';

export type Json = Record<string, unknown>;

export class World {
  readonly stack = inject('stack');
  readonly origin = (this.stack.env.DRS_URL ?? '').replace(/\/api$/, '');
  private readonly ca = readFileSync(this.stack.env.DRS_CA ?? '');

  /** A request as administrator that must succeed. */
  api(method: string, path: string, body?: Json): Promise<Json> {
    return new Promise((resolve, reject) => {
      const req = request(
        `${this.stack.env.DRS_URL ?? ''}${path}`,
        {
          method,
          ca: this.ca,
          headers: {
            Authorization: `Bearer ${this.stack.env.DRS_TOKEN_ADMIN ?? ''}`,
            // without it the events of a run are a stream that does not end
            Accept: 'application/json',
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => {
            text += chunk;
          });
          answer.on('end', () => {
            if ((answer.statusCode ?? 500) >= 300) {
              reject(new Error(`${method} ${path}: ${String(answer.statusCode)} ${text}`));
            } else {
              resolve(JSON.parse(text) as Json);
            }
          });
        },
      );
      req.on('error', reject);
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async sim(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await fetch(`${this.stack.env.DRS_SIM_URL ?? ''}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    return (await answer.json()) as Json;
  }

  /** A user of the server itself; the password is PASSWORD. */
  user(group: string): string {
    const name = `u${randomUUID().slice(0, 8)}`;
    execFileSync(
      join(process.env.DRS_BUILD ?? join(TOP, 'build'), 'drs-worker'),
      ['-c', join(this.stack.dir, 'worker.conf'), 'user', 'add', name, '--group', group],
      { input: `${PASSWORD}\n`, stdio: ['pipe', 'ignore', 'inherit'] },
    );
    return name;
  }

  /** An account that nobody has registered yet, with one server or with others. */
  async account(servers: readonly Json[] = [{ count: 1, namePrefix: 'one', tags: { Tier: 'one' } }]): Promise<string> {
    const accountId = String(randomInt(100_000_000_000, 999_999_999_999));
    await this.sim('POST', '/_sim/fleet', {
      accounts: [
        {
          accountId,
          roles: [{ roleName: ROLE, externalId: EXTERNAL_ID }],
          regions: [{ region: 'us-east-1', servers }],
        },
      ],
    });
    return accountId;
  }

  async register(accountId: string): Promise<void> {
    await this.api('POST', '/accounts/targets', { accountId, accountName: `Account ${accountId.slice(-4)}`, externalId: EXTERNAL_ID });
  }

  /** An account of its own with a plan of waves of `sizes` servers. */
  async plan(sizes: readonly number[], pauseBefore: number | null = null, wave: Json = {}): Promise<{ accountId: string; planId: string; planName: string; serverIds: string[] }> {
    const accountId = String(randomInt(100_000_000_000, 999_999_999_999));
    const planName = `Shop ${accountId.slice(-6)}`;
    const fleet = await this.sim('POST', '/_sim/fleet', {
      accounts: [
        {
          accountId,
          roles: [{ roleName: ROLE, externalId: EXTERNAL_ID }],
          regions: [
            {
              region: 'us-east-1',
              servers: sizes.map((count, i) => ({ count, namePrefix: `tier${String(i)}-`, tags: { Tier: `t${String(i)}` } })),
            },
          ],
        },
      ],
    });
    await this.register(accountId);
    const groups = sizes.map((_, i) => ({
      groupName: `Tier ${String(i)} ${accountId}`, region: 'us-east-1', accountId, assumeRoleName: ROLE,
      serverSelectionTags: { Tier: `t${String(i)}` },
    }));
    const waves = sizes.map((_, i) => ({
      waveNumber: i, waveName: `Tier ${String(i)}`, protectionGroupName: groups[i]?.groupName, serverIds: [],
      pauseBeforeWave: pauseBefore === i, dependsOnWaves: i === 0 ? [] : [i - 1], ...wave,
    }));
    const report = await this.api('POST', '/config/import', {
      config: { metadata: { schemaVersion: '1.1' }, protectionGroups: groups, recoveryPlans: [{ planName, accountId, waves }] },
    });
    if (report.success !== true) {
      throw new Error(`import: ${JSON.stringify(report)}`);
    }
    const { plans } = await this.api('GET', `/recovery-plans?accountId=${accountId}`);
    const planId = (plans as { planId: string; planName: string }[]).find((p) => p.planName === planName)?.planId;
    if (planId === undefined) {
      throw new Error('the plan was not imported');
    }
    const made = (fleet.accounts as { accountId: string; regions: { servers: { sourceServerId: string }[] }[] }[]).find(
      (a) => a.accountId === accountId,
    );
    const serverIds = (made?.regions ?? []).flatMap((r) => r.servers.map((s) => s.sourceServerId));
    return { accountId, planId, planName, serverIds };
  }

  /** Gives the waves of a plan other dependencies. */
  async reshape(planId: string, needs: readonly (readonly number[])[]): Promise<void> {
    const plan = await this.api('GET', `/recovery-plans/${planId}`);
    await this.api('PUT', `/recovery-plans/${planId}`, {
      version: plan.version, waves: (plan.waves as Json[]).map((wave, i) => ({ ...wave, dependsOnWaves: needs[i] ?? [] })),
    });
  }

  async start(planId: string): Promise<string> {
    const answer = await this.api('POST', '/executions', { planId, executionType: 'DRILL', initiatedBy: 'browser tests' });
    return String(answer.executionId);
  }

  /** Waits until an answer of the API is as wanted. */
  async until(path: string, wanted: (answer: Json) => boolean, seconds = 60): Promise<Json> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const answer = await this.api('GET', path);
      if (wanted(answer)) {
        return answer;
      }
      if (Date.now() > end) {
        throw new Error(`${path}: not as wanted within ${String(seconds)} s: ${JSON.stringify(answer).slice(0, 500)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
