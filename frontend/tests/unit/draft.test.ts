import { describe, expect, it } from 'vitest';
import { draftOfGroup, emptyGroup, groupBody, groupProblems, tagMap } from '../../src/groups/draft';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import { planTexts } from '../../src/i18n/plan.en';
import { subscriptionOf } from '../../src/plans/state';
import { draftOf, emptyPlan, emptyWave, move, planBody, planProblems, removeWave, tidy, type WaveDraft } from '../../src/plans/draft';

register({ ...moreTexts, ...planTexts }, icu);

const wave = (key: string, ...needs: string[]): WaveDraft => ({ ...emptyWave(1), key, name: key, groupIds: ['g'], needs });

describe('waves while they are edited', () => {
  it('BUG 1.8: keep no dependency on a wave that comes later', () => {
    const moved = move([wave('a'), wave('b', 'a'), wave('c', 'b')], 0, 2);
    expect(moved.map((w) => [w.key, w.needs])).toEqual([['b', []], ['c', ['b']], ['a', []]]);
  });

  it('keep no dependency on a wave that is gone', () => {
    expect(removeWave([wave('a'), wave('b', 'a')], 0).map((w) => w.needs)).toEqual([[]]);
  });

  it('have no pause before the first', () => {
    expect(tidy([{ ...wave('a'), pauseBefore: true }])[0]?.pauseBefore).toBe(false);
  });

  it('stay where they are at the edges', () => {
    const waves = [wave('a'), wave('b')];
    expect(move(waves, 0, -1)).toEqual(waves);
    expect(move(waves, 1, 2)).toEqual(waves);
  });
});

describe('a plan that is edited', () => {
  it('is sent with numbers for the waves it needs', () => {
    const body = planBody({ ...emptyPlan(), name: ' Shop ', waves: [wave('a'), wave('b'), wave('c', 'b', 'a')] });
    expect(body.name).toBe('Shop');
    expect(body.waves.map((w) => [w.waveNumber, w.dependsOnWaves])).toEqual([[0, []], [1, []], [2, [0, 1]]]);
  });

  it('BUG 1.8: sends an empty address, so that it can be removed', () => {
    expect(planBody(emptyPlan()).notificationEmail).toBe('');
  });

  it('comes back as it was', () => {
    const waves = [
      { waveNumber: 1, waveName: 'B', protectionGroupId: 'h', protectionGroupIds: ['h'], serverIds: ['s-1'], pauseBeforeWave: true, dependsOnWaves: [0], emptyWavePolicy: 'SKIP' as const },
      { waveNumber: 0, waveName: 'A', protectionGroupId: 'g', protectionGroupIds: ['g'], serverIds: [], pauseBeforeWave: false, dependsOnWaves: [] },
    ];
    const body = planBody(draftOf({ planId: 'p', planName: 'P', name: 'P', description: '', waves, waveCount: 2, version: 1 }));
    expect(body.waves.map((w) => [w.waveName, w.dependsOnWaves, w.serverIds, w.pauseBeforeWave])).toEqual([
      ['A', [], [], false], ['B', [0], ['s-1'], true],
    ]);
    expect(body.waves[1]).toMatchObject({ emptyWavePolicy: 'SKIP' });
  });

  it('names the fields that are wrong', () => {
    const [only] = emptyPlan().waves;
    expect(only).toBeDefined();
    const problems = planProblems({ ...emptyPlan(), email: 'nobody', waves: [{ ...wave('w'), name: '', groupIds: [] }] });
    expect(Object.keys(problems).sort()).toEqual(['email', 'name', 'w.groups', 'w.name']);
    expect(planProblems({ ...emptyPlan(), name: 'x', waves: [] })).toHaveProperty('waves');
  });
});

describe('the settings of a plan', () => {
  const waves = [{
    waveNumber: 0, waveName: 'A', protectionGroupId: 'g', protectionGroupIds: ['g'], serverIds: ['s-1', 's-2'], serverSelection: 'ALL' as const,
    pauseBeforeWave: false, dependsOnWaves: [], optionalServerIds: ['s-2'], launchConfigPolicy: 'STRICT' as const, waitForLaunchActions: true,
    preWaveActions: [{ name: 'script' }],
  }];
  const plan = { planId: 'p', planName: 'P', name: 'P', description: '', waves, waveCount: 1, version: 1, rto: 240, rpo: 'PT5M', interWaveDelaySeconds: 30 };

  it('come back as they were, also those made elsewhere', () => {
    const body = planBody(draftOf(plan));
    expect(body).toMatchObject({ rto: 240, rpo: 'PT5M', interWaveDelaySeconds: 30, interServerDelaySeconds: 0 });
    expect(body.waves[0]).toMatchObject({
      optionalServerIds: ['s-2'], launchConfigPolicy: 'STRICT', waitForLaunchActions: true, preWaveActions: [{ name: 'script' }],
    });
    // all servers of the groups go on to follow the groups
    expect(body.waves[0]?.serverIds).toEqual([]);
  });

  it('take a target away that was emptied', () => {
    expect(planBody({ ...draftOf(plan), rto: ' ' }).rto).toBeNull();
  });

  it('are refused where they are no time', () => {
    expect(planProblems({ ...draftOf(plan), rto: 'soon', rpo: '-1' })).toMatchObject({ rto: expect.any(String) as string, rpo: expect.any(String) as string });
    expect(planProblems(draftOf(plan))).toEqual({});
  });

  it('tell whether the address gets mails', () => {
    expect(subscriptionOf({ notificationEmail: '', snsSubscriptionArn: '' })).toBe('none');
    expect(subscriptionOf({ notificationEmail: 'a@b.c', snsSubscriptionArn: 'PendingConfirmation' })).toBe('pending');
    expect(subscriptionOf({ notificationEmail: 'a@b.c', snsSubscriptionArn: 'arn:aws:sns:x' })).toBe('active');
  });
});

describe('a group that is edited', () => {
  it('is sent with tags or with servers, never with both', () => {
    const draft = { ...emptyGroup(), name: 'Web', tags: [{ key: ' Tier ', value: 'web' }, { key: '', value: 'x' }], serverIds: ['s-1'] };
    expect(groupBody(draft)).toMatchObject({ groupName: 'Web', serverSelectionTags: { Tier: 'web' } });
    expect(groupBody(draft)).not.toHaveProperty('sourceServerIds');
    expect(groupBody({ ...draft, mode: 'servers' })).toMatchObject({ sourceServerIds: ['s-1'] });
    expect(groupBody({ ...draft, mode: 'servers' })).not.toHaveProperty('serverSelectionTags');
  });

  it('leaves out launch settings that are empty', () => {
    const body = groupBody({ ...emptyGroup(), launch: { subnetId: '', securityGroupIds: [], copyTags: false } });
    expect(body.launchConfig).toEqual({ copyTags: false });
  });

  it('names the fields that are wrong', () => {
    expect(Object.keys(groupProblems(emptyGroup())).sort()).toEqual(['name', 'tags']);
    expect(groupProblems({ ...emptyGroup(), name: 'x', mode: 'servers' })).toHaveProperty('servers');
    expect(tagMap([{ key: 'a', value: '1' }, { key: 'a', value: '2' }])).toBeNull();
  });

  it('comes back as it was', () => {
    const group = {
      groupId: 'g', protectionGroupId: 'g', groupName: 'G', description: 'd', region: 'eu-west-1', accountId: '1', assumeRoleName: '', owner: '',
      serverSelectionTags: { A: '1' }, sourceServerIds: [], launchConfig: { instanceType: 'm5.large' }, createdDate: 1, lastModifiedDate: 1,
      version: 3, launchConfigStatus: { status: 'ready' as const },
    };
    expect(groupBody(draftOfGroup(group))).toEqual({
      groupName: 'G', description: 'd', serverSelectionTags: { A: '1' }, launchConfig: { instanceType: 'm5.large' },
    });
  });
});
