import { describe, expect, it } from 'vitest';
import { groupFacts, leftRunning, nextStep, planFacts, slices, worstLag, type Instance } from '../../src/dashboard/facts';
import { successRate } from '../../src/lib/outcome';
import { countOf, rateLevel } from '../../src/screens/Dashboard';
import type { ServerRow } from '../../src/servers/inventory';

const NOW = 1_795_933_092_000;
const DAY = 86_400;
const now = NOW / 1000;

function server(id: string, groupId: string | null, over: Partial<ServerRow> = {}): ServerRow {
  return {
    sourceServerID: id, hostname: id, state: 'READY_FOR_RECOVERY', replicationState: 'CONTINUOUS', lagDuration: 'PT5S', lastSeen: '',
    drsTags: {}, tags: {}, selectable: true, accountId: '1', region: 'us-east-1',
    assignedToProtectionGroup: groupId === null ? null : { protectionGroupId: groupId, protectionGroupName: `Group ${groupId}` },
    ...over,
  };
}

describe('figures of the overview', () => {
  const rows = [server('a', 'g'), server('b', 'g', { state: 'STALLED', lagDuration: 'PT2H' }), server('c', 'h'), server('d', null, { lagDuration: 'UNKNOWN' })];

  it('count servers that are not ready by group', () => {
    expect(groupFacts(rows)).toEqual([
      { groupId: 'g', groupName: 'Group g', servers: 2, notReady: 1 }, { groupId: 'h', groupName: 'Group h', servers: 1, notReady: 0 },
    ]);
  });

  it('find the server that is furthest behind, and none when DRS tells nothing', () => {
    expect(worstLag(rows)?.server.sourceServerID).toBe('b');
    expect(worstLag([server('d', null, { lagDuration: 'UNKNOWN' })])).toBeNull();
  });

  const plan = (planId: string, groupId: string, rpo?: string) => ({
    planId, planName: planId, waves: [{ protectionGroupIds: [groupId] }], ...(rpo === undefined ? {} : { rpo }),
  });
  const drill = (planId: string, daysAgo: number) => ({ executionId: `${planId}-${String(daysAgo)}`, planId, startTime: now - daysAgo * DAY, endTime: now - daysAgo * DAY + 60 });

  it('take the newest drill of a plan, and know when the next one is overdue', () => {
    const facts = planFacts([plan('fresh', 'h'), plan('old', 'h'), plan('never', 'h')], rows, [drill('fresh', 200), drill('fresh', 3), drill('old', 91)], 90, NOW);
    expect(facts.map((f) => [f.planId, f.overdue, f.drill?.executionId])).toEqual([
      ['never', true, undefined], ['old', true, 'old-91'], ['fresh', false, 'fresh-3'],
    ]);
  });

  it('compare the lag with the RPO of the plan, in minutes, when it has one', () => {
    const facts = planFacts([plan('tight', 'g', '30'), plan('loose', 'g', 'PT3H'), plan('none', 'g'), plan('text', 'g', 'soon')], rows, [], 90, NOW);
    expect(facts.map((f) => [f.planId, f.lag, f.rpo, f.missed])).toEqual([
      ['tight', 7200, 1800, true], ['loose', 7200, 10_800, false], ['none', 7200, null, false], ['text', 7200, null, false],
    ]);
  });

  it('count a server of two groups of a plan once, also with old waves of one group', () => {
    const [facts] = planFacts([{ planId: 'p', planName: 'p', waves: [{ protectionGroupId: 'g', protectionGroupIds: ['g'] }, { protectionGroupId: 'h' }] }], rows, [], 90, NOW);
    expect(facts).toMatchObject({ servers: 3, notReady: 1 });
  });

  it('name instances of drills that are older than a day and still there', () => {
    const instance = (id: string, over: Partial<Instance>): Instance => ({
      recoveryInstanceId: id, ec2InstanceId: id, sourceServerId: 's', region: 'r', accountId: '1', ec2InstanceState: 'running', isDrill: true,
      launchTime: new Date(NOW - 30 * 3_600_000).toISOString(), ...over,
    });
    const found = leftRunning(
      [
        instance('old', {}), instance('stopped', { ec2InstanceState: 'STOPPED', launchTime: new Date(NOW - 90 * 3_600_000).toISOString() }),
        instance('young', { launchTime: new Date(NOW - 3_600_000).toISOString() }), instance('gone', { ec2InstanceState: 'TERMINATED' }),
        instance('recovery', { isDrill: false }), instance('unknown', { launchTime: '' }),
      ],
      NOW,
      24,
    );
    expect(found.map((i) => i.recoveryInstanceId)).toEqual(['stopped', 'old']);
  });

  it('lead through the first steps, and end', () => {
    const steps = { account: true, group: true, plan: false, ready: false, drill: false };
    expect(nextStep(steps)).toBe('plan');
    expect(nextStep({ ...steps, plan: true, ready: true, drill: true })).toBeNull();
  });
});

describe('BUG 1.4: figures of the dashboard', () => {
  it('BUG 1.4: the success rate is not 0 % when nothing has finished', () => {
    expect(successRate([])).toBeNull();
    expect(successRate(['CANCELLED', 'RUNNING'])).toBeNull();
    expect(rateLevel(null)).toBeUndefined();
    expect([80, 79, 50, 49].map(rateLevel)).toEqual(['success', 'warning', 'warning', 'error']);
  });

  it('BUG 1.4: counts say when they are not of all runs', () => {
    const past = [{ status: 'FAILED' }, { status: 'COMPLETED' }];
    expect(countOf(past, 'FAILED', true)).toBe('1+');
    expect(countOf(past, 'FAILED', false)).toBe('1');
  });

  it('BUG 1.4: PARTIAL counts in the rate and has a slice of its own', () => {
    expect(successRate(['COMPLETED', 'PARTIAL'])).toBe(50);
    expect(slices(['PARTIAL', 'COMPLETED', 'COMPLETED'])).toEqual([{ status: 'COMPLETED', count: 2 }, { status: 'PARTIAL', count: 1 }]);
  });
});
