import { describe, expect, it } from 'vitest';
import { staleKeys } from '../../src/api/queries';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { inventoryTexts } from '../../src/i18n/inventory.en';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import { formatBytes } from '../../src/lib/bytes';
import { predicateOf, readQuery, writeQuery, type Query } from '../../src/lib/filter';
import { choices, groupProblem, isShown, nameOf, PROPERTIES, stagingOf, withPlans } from '../../src/servers/facts';
import type { ServerRow } from '../../src/servers/inventory';
import { effectiveSettings } from '../../src/servers/settings';
import { putView, viewsWith } from '../../src/lib/views';

register({ ...texts, ...moreTexts, ...inventoryTexts }, icu);

function server(over: Partial<ServerRow> = {}): ServerRow {
  return {
    sourceServerID: 's-1', hostname: 'web1', state: 'READY_FOR_RECOVERY', replicationState: 'CONTINUOUS', lagDuration: 'PT5S', lastSeen: '',
    drsTags: {}, tags: { Tier: 'web', Env: 'prod' }, assignedToProtectionGroup: null, selectable: true, accountId: '111111111111', region: 'us-east-1',
    ...over,
  };
}

const GROUP = { protectionGroupId: 'g', protectionGroupName: 'Web' };

describe('filter of servers', () => {
  const rows = withPlans(
    [
      server({ hardware: { totalCores: 4, ramGiB: 16 }, sourceTags: { Owner: 'shop' }, ec2NetworkConfig: { vpcId: 'vpc-1', securityGroups: ['sg-1'] } }),
      server({ sourceServerID: 's-2', hostname: 'db1', nameTag: 'Database', replicationState: 'STALLED', state: 'STALLED', lagDuration: 'PT2H', assignedToProtectionGroup: GROUP, tags: {}, extensionStatus: 'EXTENSION_ERROR' }),
    ],
    [{ planId: 'p', planName: 'Shop', waves: [{ protectionGroupIds: ['x', 'g'] }] }],
  );
  const ids = (tokens: Query['tokens'], operation: Query['operation'] = 'and') =>
    rows.filter(predicateOf({ tokens, operation }, PROPERTIES) ?? (() => true)).map((r) => r.sourceServerID);

  it.each([
    [{ propertyKey: 'name', operator: ':', value: 'DATA' }, ['s-2']],
    [{ propertyKey: 'state', operator: '=', value: 'continuous' }, ['s-1']],
    [{ propertyKey: 'state', operator: '!=', value: 'CONTINUOUS' }, ['s-2']],
    [{ propertyKey: 'lag', operator: '>', value: '60' }, ['s-2']],
    [{ propertyKey: 'lag', operator: '<=', value: '5' }, ['s-1']],
    [{ propertyKey: 'cores', operator: '>=', value: '4' }, ['s-1']],
    [{ propertyKey: 'tag', operator: '=', value: 'Tier=web' }, ['s-1']],
    [{ propertyKey: 'sourcetag', operator: '=', value: 'Owner=shop' }, ['s-1']],
    [{ propertyKey: 'network', operator: '=', value: 'sg-1' }, ['s-1']],
    [{ propertyKey: 'extension', operator: '=', value: 'EXTENSION_ERROR' }, ['s-2']],
    [{ propertyKey: 'plan', operator: ':', value: 'shop' }, ['s-2']],
    [{ propertyKey: 'group', operator: '=', value: '' }, ['s-1']],
    [{ propertyKey: 'group', operator: '!:', value: 'web' }, ['s-1']],
    [{ operator: ':', value: 'stalled' }, ['s-2']],
    [{ operator: '!:', value: 'stalled' }, ['s-1']],
  ])('%j leaves %j', (token, expected) => {
    expect(ids([token])).toEqual(expected);
  });

  it('joins conditions by and or by or', () => {
    const tokens = [{ propertyKey: 'cores', operator: '=', value: '4' }, { propertyKey: 'state', operator: '=', value: 'STALLED' }];
    expect(ids(tokens)).toEqual([]);
    expect(ids(tokens, 'or')).toEqual(['s-1', 's-2']);
  });

  it('survives the address, which anybody can write', () => {
    const query: Query = { operation: 'or', tokens: [{ propertyKey: 'tag', operator: '=', value: 'a=b' }, { operator: ':', value: 'x' }] };
    expect(readQuery(writeQuery(query))).toEqual(query);
    expect(writeQuery({ tokens: [], operation: 'or' })).toBe('');
    for (const text of [null, '', '{', '{}', '["xor"]', '["and",["a"]]', '["and",[1,2,3]]', 'null']) {
      expect(readQuery(text).tokens).toEqual([]);
    }
  });

  it('offers the values that are there', () => {
    expect(choices(rows)).toContainEqual({ propertyKey: 'tag', value: 'Env=prod' });
    expect(choices(rows).filter((c) => c.propertyKey === 'plan')).toEqual([{ propertyKey: 'plan', value: 'Shop' }]);
  });

  it('knows servers that are not ready, and those without a group', () => {
    expect(rows.filter((r) => isShown('notready', r)).map((r) => r.sourceServerID)).toEqual(['s-2']);
    expect(rows.filter((r) => isShown('unassigned', r)).map((r) => r.sourceServerID)).toEqual(['s-1']);
  });
});

describe('a source server', () => {
  it('is named by its tag, its host, or its id', () => {
    expect(nameOf(server({ nameTag: 'Web' }))).toBe('Web');
    expect(nameOf(server({ nameTag: '' }))).toBe('web1');
    expect(nameOf(server({ hostname: '' }))).toBe('s-1');
  });

  it('is extended only when another account replicates it', () => {
    expect(stagingOf(server({ stagingAccountId: '222222222222' }))).toBe('222222222222');
    expect(stagingOf(server({ stagingAccountId: '111111111111' }))).toBeNull();
    expect(stagingOf(server())).toBeNull();
  });

  it('joins a group only with servers of its place that are free', () => {
    expect(groupProblem([])).not.toBeNull();
    expect(groupProblem([server(), server({ sourceServerID: 's-2' })])).toBeNull();
    expect(groupProblem([server(), server({ region: 'eu-west-1' })])).toContain('one Region');
    expect(groupProblem([server(), server({ accountId: '2' })])).toContain('one account');
    expect(groupProblem([server({ assignedToProtectionGroup: GROUP })])).toContain('1 server belongs');
  });

  it('shows which settings are its own', () => {
    const settings = effectiveSettings({
      sourceServerId: 's-1', useGroupDefaults: true, launchTemplate: { staticPrivateIp: '10.0.0.9' },
      effectiveConfig: { staticPrivateIp: '10.0.0.9', securityGroupIds: ['sg-1', 'sg-2'], licensing: { osByol: true } },
    });
    expect(settings).toEqual([
      { name: 'Static private ip', value: '10.0.0.9', own: true },
      { name: 'Security group ids', value: 'sg-1, sg-2', own: false },
      { name: 'Licensing', value: 'osByol=true', own: false },
    ]);
  });

  it.each([[0, '0 B'], [1023, '1,023 B'], [1024, '1 KiB'], [483183820800, '450 GiB'], [null, '–'], [-1, '–']])('%s bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('views', () => {
  it('replace the one of the same name', () => {
    const view = { name: 'Mine', show: 'all', filter: '' };
    const views = putView(putView([], view), { ...view, name: 'mine', show: 'notready' });
    expect(views).toEqual([{ ...view, name: 'mine', show: 'notready' }]);
    const isViews = viewsWith(['show', 'filter']);
    expect([isViews(views), isViews([{ name: 1 }]), isViews([{ name: 'Mine', show: 'all' }]), isViews(null)]).toEqual([true, false, false, false]);
  });
});

describe('news of the inventory', () => {
  it('make only their place stale', () => {
    const event = { time: '', event: 'inventory.updated', topic: 'servers', resourceType: 'servers', resourceId: 'x' };
    expect(staleKeys({ ...event, data: { accountId: '1', region: 'us-east-1' } })).toEqual([
      ['capacity'], ['servers', '1', 'regions'], ['servers', '1', 'us-east-1'],
    ]);
    expect(staleKeys({ ...event, data: {} })).toContainEqual(['servers']);
  });
});
