import { describe, expect, it } from 'vitest';
import { texts } from '../../src/i18n/en';
import { capacityTexts } from '../../src/i18n/capacity.en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import { advice, levelType } from '../../src/lib/capacity';
import { indicatorOf } from '../../src/lib/status';
import { accountProblems } from '../../src/settings/account-form';
import { nextSync } from '../../src/settings/TagSync';
import { newExternalId, partitionOf, trustPolicy } from '../../src/settings/trust';
import { compareVersions, readExport } from '../../src/settings/transfer';

register({ ...texts, ...moreTexts, ...capacityTexts }, icu);

describe('account form', () => {
  const OWN = '111111111111';
  const form = (over: object = {}) => ({ accountId: '222222222222', accountName: '', roleArn: '', externalId: '', ...over });

  it('takes an account with the standard role, and its own without any', () => {
    expect(accountProblems(form(), OWN, false)).toEqual({});
    expect(accountProblems(form({ accountId: OWN }), OWN, false)).toEqual({});
    expect(accountProblems(form({ roleArn: 'arn:aws-us-gov:iam::222222222222:role/path/Name' }), OWN, false)).toEqual({});
  });

  it.each([
    [{ accountId: '12345' }, 'accountId'],
    [{ accountName: 'x'.repeat(65) }, 'accountName'],
    [{ roleArn: 'arn:aws:iam::222222222222:user/x' }, 'roleArn'],
    [{ roleArn: 'arn:aws:iam::333333333333:role/x' }, 'roleArn'],
    [{ accountId: OWN, roleArn: `arn:aws:iam::${OWN}:role/x` }, 'roleArn'],
  ])('names the field of %j', (over, field) => {
    expect(Object.keys(accountProblems(form(over), OWN, false))).toEqual([field]);
  });
});

describe('the role of another account', () => {
  it('trusts the workers alone, and only with the external ID', () => {
    const policy: unknown = JSON.parse(trustPolicy({ hub: '111111111111', hubRole: 'Hub', externalId: 'secret', roleArn: '' }));
    expect(policy).toEqual({
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111111111111:role/Hub' }, Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': 'secret' } },
      }],
    });
  });

  it('is trusted in its own partition', () => {
    expect(partitionOf('arn:aws-us-gov:iam::222222222222:role/x')).toBe('aws-us-gov');
    expect(partitionOf('')).toBe('aws');
  });

  it('has another external ID each time', () => {
    expect(newExternalId()).toMatch(/^[0-9a-f]{32}$/);
    expect(newExternalId()).not.toBe(newExternalId());
  });
});

describe('states', () => {
  it('BUG 1.12: are the same in every case: ACTIVE is not unknown', () => {
    expect(['ACTIVE', 'active', 'Active'].map(indicatorOf)).toEqual(['success', 'success', 'success']);
  });
});

describe('files of other deployments', () => {
  const file = (over: object) => JSON.stringify({ metadata: { schemaVersion: '1.1' }, protectionGroups: [], recoveryPlans: [], ...over });

  it('compares versions as numbers', () => {
    expect(compareVersions('1.10', '1.9')).toBeGreaterThan(0);
    expect(compareVersions('1.0', '1.1')).toBeLessThan(0);
    expect(compareVersions('1.1', '1.1.0')).toBe(0);
  });

  it('says what is in a file', () => {
    const read = readExport(file({ protectionGroups: [{ accountId: '1', servers: [{}, {}] }, {}] }));
    expect(read).toMatchObject({ groups: 2, plans: 0, schemaVersion: '1.1' });
    expect(read.notices).toHaveLength(2);
    const own = [{ launchTemplate: { staticPrivateIp: '10.0.0.9' } }, { launchTemplate: { staticPrivateIp: '', subnetId: 'subnet-1' } }, { launchTemplate: { staticPrivateIp: '10.0.0.8' } }];
    expect(readExport(file({ protectionGroups: [{ accountId: '1', servers: own }] })).notices).toEqual([
      '3 servers have settings of their own.', '2 static private addresses are among them.',
    ]);
    expect(readExport(file({ metadata: { schemaVersion: '1.0' } })).notices).toHaveLength(1);
  });

  it.each(['', '[]', '{}', '{"metadata": {}}', 'null'])('refuses %j with a reason', (text) => {
    expect(() => readExport(text)).toThrow(/file/);
  });
});

describe('capacity', () => {
  const account = (over: object = {}) => ({
    accountType: 'target', accountName: 'Shop', percentUsed: 10, status: 'OK', activeRegions: 1, ...over,
  });

  it('advises by how full accounts are', () => {
    expect(advice({ accounts: [account()] })[0]).toContain('less than half');
    expect(advice({ accounts: [account({ percentUsed: 60 })] })[0]).toContain('Consider');
    expect(advice({ accounts: [account({ percentUsed: 97, status: 'HYPER-CRITICAL' })] })[0]).toContain('now: Shop');
    expect(advice({ accounts: [account({ percentUsed: 80, status: 'WARNING' }), account({ accountType: 'staging' })] })).toHaveLength(2);
  });

  it('does not call an account full that could not be read', () => {
    expect(levelType('UNKNOWN')).toBe('stopped');
  });

  it('names accounts with several Regions, which have a limit each', () => {
    expect(advice({ accounts: [account({ activeRegions: 2 })] })[0]).toContain('Shop spread');
  });

  it('has a sign for every level', () => {
    expect(['OK', 'INFO', 'WARNING', 'CRITICAL', 'HYPER-CRITICAL'].map(levelType)).toEqual(['success', 'info', 'warning', 'error', 'error']);
  });
});

describe('the next tag synchronisation', () => {
  const setting = { enabled: true, intervalHours: 4 };

  it('comes an interval after the last one, if the schedule is on', () => {
    expect(nextSync(setting, '2026-11-29T08:00:00Z')?.toISOString()).toBe('2026-11-29T12:00:00.000Z');
    expect(nextSync({ ...setting, enabled: false }, '2026-11-29T08:00:00Z')).toBeNull();
    expect(nextSync(setting, null)).toBeNull();
    expect(nextSync(undefined, '2026-11-29T08:00:00Z')).toBeNull();
  });
});
