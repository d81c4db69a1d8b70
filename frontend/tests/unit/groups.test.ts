// Launch settings of groups and servers: what is pure.
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/error';
import { explain } from '../../src/api/explain';
import type { Schemas } from '../../src/api/client';
import { rangeOf, rangeQuery, rangeText } from '../../src/components/DayRange';
import { refusedFields } from '../../src/components/EditorForm';
import { placeState } from '../../src/components/RegionProblem';
import { addressProblem, ipv4, settingsProblems } from '../../src/groups/address';
import {
  copyOfGroup, draftOfGroup, emptyGroup, groupField, groupParts, inRegion, ownBody, ownKey, ownProblems, ownRefusals, splitOwn,
} from '../../src/groups/draft';
import { onlyAtSource, tagChoices } from '../../src/groups/Members';
import { lastRun, protection, protectionByGroup } from '../../src/groups/protection';
import { refusedBy } from '../../src/groups/ServerSettings';
import {
  bulkBody, changesOf, differences, effective, FIELDS, INHERIT, isOwn, overridesOf, overrideText, ownOf, put, read, rebase, write, type Override, type Settings,
} from '../../src/groups/settings';
import { readSettings, writeSettings } from '../../src/groups/settings-csv';
import { blockingRun, plansUsing } from '../../src/groups/usage';
import { groupsTexts } from '../../src/i18n/groups.en';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import { parseCsv } from '../../src/lib/csv';
import { differences as partsThatDiffer, merged } from '../../src/lib/merge';

register({ ...texts, ...moreTexts, ...groupsTexts }, icu);

const [A, B, C] = ['s-00000000000000001', 's-00000000000000002', 's-00000000000000003'];
const own = (launchTemplate: Settings, useGroupDefaults = true): Override => ({ useGroupDefaults, launchTemplate });

const group = (over: Partial<Schemas['ProtectionGroup']> = {}): Schemas['ProtectionGroup'] => ({
  groupId: 'g', protectionGroupId: 'g', groupName: 'G', description: '', region: 'eu-west-1', accountId: '1', assumeRoleName: '', owner: '',
  serverSelectionTags: {}, sourceServerIds: [A, B, C], launchConfig: { subnetId: 'subnet-00000001', copyTags: true },
  servers: [{ sourceServerId: A, launchTemplate: { instanceType: 'm5.large' } }], launchConfigStatus: { status: 'ready' },
  createdDate: 1, lastModifiedDate: 1, version: 3, ...over,
});

describe('a setting', () => {
  it.each(FIELDS.map((f) => [f.id, f] as const))('%s has a text form', (_, field) => {
    const text =
      field.kind === 'choice' ? (field.values.at(-1) ?? '') : field.kind === 'list' ? 'sg-00000001 sg-00000002' : field.kind === 'address' ? '10.0.0.9' : 'x';
    const set = write({ name: 'kept' }, field, text);
    expect(read(set, field.id)).toBe(text);
    expect(write(set, field, '')).toEqual({ name: 'kept' });
  });

  it('is sent as the API takes it', () => {
    const set = FIELDS.reduce<Settings>((s, f) => (f.id === 'licensing' || f.id === 'copyTags' ? write(s, f, 'false') : f.kind === 'list' ? write(s, f, 'sg-1, sg-2') : s), {});
    expect(set).toEqual({ licensing: { osByol: false }, copyTags: false, securityGroupIds: ['sg-1', 'sg-2'] });
  });
});

describe('settings of a server', () => {
  it('lie over those of the group, or stand alone', () => {
    expect(effective(group(), own({ copyTags: false }))).toEqual({ subnetId: 'subnet-00000001', copyTags: false });
    expect(effective(group(), own({ copyTags: false }, false))).toEqual({ copyTags: false });
    expect([isOwn(INHERIT), isOwn(own({}, false)), isOwn(own({ copyTags: true }))]).toEqual([false, true, true]);
  });

  it('are a change only while they differ from what is stored', () => {
    const changed = put(group(), {}, A, own({ instanceType: 'm5.xlarge' }));
    expect(differences(group(), changed)).toEqual([{ serverId: A, field: 'instanceType', before: 'm5.large', after: 'm5.xlarge' }]);
    expect(put(group(), changed, A, own({ instanceType: 'm5.large' }))).toEqual({});
    expect(put(group(), {}, B, own({ instanceType: '', securityGroupIds: [] }))).toEqual({});
  });

  it('keep what is not offered, and say when it changes', () => {
    const g = group({ servers: [{ sourceServerId: A, launchTemplate: { tags: { a: '1' } } }] });
    const override = overridesOf(g, {})(A);
    const field = FIELDS.find((f) => f.id === 'instanceType');
    const next = field === undefined ? override.launchTemplate : write(override.launchTemplate, field, 'm5.large');
    expect(next).toEqual({ tags: { a: '1' }, instanceType: 'm5.large' });
    expect(differences(g, { [A]: own({}) })).toEqual([{ serverId: A, field: 'tags', before: '{"a":"1"}', after: '' }]);
  });

  it('are sent for the changed servers with the version that was seen', () => {
    expect(bulkBody({ [B]: own({ copyTags: false }) }, 3)).toEqual({
      servers: [{ sourceServerId: B, useGroupDefaults: true, launchTemplate: { copyTags: false } }], version: 3,
    });
  });

  it('stay changed when somebody else saved, unless that was the same', () => {
    const mine = { [A]: own({ instanceType: 'm5.xlarge' }), [B]: own({ copyTags: false }), 's-gone': own({ copyTags: false }) };
    const newer = group({ version: 4, servers: [{ sourceServerId: B, useGroupDefaults: true, launchTemplate: { copyTags: false } }] });
    expect(Object.keys(rebase(newer, mine, new Set([A, B])))).toEqual([A]);
  });
});

describe('an address', () => {
  const subnet = { value: 'subnet-00000001', vpcId: 'vpc-1', cidr: '10.1.2.0/24' };
  it.each(['10.1.2.4', '10.1.2.254'])('%s can be had', (ip) => {
    expect(addressProblem(ip, subnet.value, subnet)).toBeNull();
  });

  it.each([
    ['10.1.2.0', /Reserved/], ['10.1.2.3', /10\.1\.2\.0 to 10\.1\.2\.3, and 10\.1\.2\.255/], ['10.1.2.255', /Reserved/],
    ['10.1.3.9', /Outside of the subnet/], ['8.8.8.8', /Neither a private/], ['10.1.2', /Not an IPv4/], ['10.1.2.04', /Not an IPv4/], ['10.1.2.256', /Not an IPv4/],
  ])('BUG 1.6: %s is refused before it is sent', (ip, why) => {
    expect(addressProblem(ip, subnet.value, subnet)).toMatch(why);
  });

  it('outside of the private ranges is good where the subnet has it', () => {
    expect(addressProblem('100.64.0.9', 'subnet-2', { ...subnet, cidr: '100.64.0.0/20' })).toBeNull();
    expect(addressProblem('10.0.0.9', '', undefined)).toMatch(/needs a subnet/);
    expect(ipv4('255.255.255.255')).toBe(2 ** 32 - 1);
  });

  it('is not given to two servers, nor security groups of another network', () => {
    const picks = { subnets: [subnet], groups: [{ value: 'sg-00000001', vpcId: 'vpc-2' }] };
    const same = { [A]: own({ staticPrivateIp: '10.1.2.9' }), [B]: own({ staticPrivateIp: '10.1.2.9', securityGroupIds: ['sg-00000001'] }) };
    const found = settingsProblems(group(), same, picks);
    expect(found.get(A)?.staticPrivateIp).toContain(B);
    expect(found.get(B)?.securityGroupIds).toContain('vpc-1');
    expect(settingsProblems(group(), { [A]: own({ staticPrivateIp: '10.1.2.9' }) }, picks).size).toBe(0);
    // also when the other one is stored already
    const stored = group({ servers: [{ sourceServerId: C, launchTemplate: { staticPrivateIp: '10.1.2.9' } }] });
    expect(settingsProblems(stored, { [A]: own({ staticPrivateIp: '10.1.2.9' }) }, picks).get(A)?.staticPrivateIp).toContain(C);
  });
});

describe('a group in another Region', () => {
  const draft = {
    ...emptyGroup(), region: 'eu-central-1', serverIds: ['s-1'],
    launch: { subnetId: 'subnet-1', securityGroupIds: ['sg-1'], instanceType: 'm6i.large', instanceProfileName: 'drs' },
    own: { 's-1': { useGroupDefaults: true, launchTemplate: { subnetId: 'subnet-1' } } },
  };

  it('keeps nothing that is only in the Region before', () => {
    expect(inRegion(draft, 'eu-west-1')).toMatchObject({ region: 'eu-west-1', serverIds: [], own: {} });
    // instance types and profiles have the same names everywhere
    expect(inRegion(draft, 'eu-west-1').launch).toEqual({ instanceType: 'm6i.large', instanceProfileName: 'drs' });
  });

  it('stays as it is when its Region is chosen again', () => {
    expect(inRegion(draft, 'eu-central-1')).toBe(draft);
  });
});

describe('settings of single servers in the editor', () => {
  const subnet = { value: 'subnet-00000001', vpcId: 'vpc-1', cidr: '10.1.2.0/24' };
  const other = { value: 'subnet-00000002', vpcId: 'vpc-1', cidr: '10.1.3.0/24' };
  const picks = { subnets: [subnet, other], groups: [] };
  const ip = (text: string) => own({ staticPrivateIp: text });
  const fresh = { ...emptyGroup(), launch: { subnetId: subnet.value } };

  it('are all of a new group, and what differs from a stored one', () => {
    const changes = put({}, put({}, {}, B, ip('10.1.2.9')), C, INHERIT);
    expect(ownOf({}, changes)).toEqual({ [B]: ip('10.1.2.9') });
    const stored = draftOfGroup(group()).own;
    expect(stored).toEqual({ [A]: own({ instanceType: 'm5.large' }) });
    expect(changesOf(group(), stored)).toEqual({});
    // taken away is a change too
    expect(changesOf(group(), {})).toEqual({ [A]: INHERIT });
    expect(ownOf(group(), { [A]: INHERIT, [B]: ip('10.1.2.9') })).toEqual({ [B]: ip('10.1.2.9') });
  });

  it('are checked against the subnet of the group as it is entered, and against each other', () => {
    const kept = { [A]: ip('10.1.2.9'), [B]: ip('10.1.2.9'), [C]: ip('10.1.2.3') };
    const found = ownProblems(fresh, kept, null, picks);
    expect(found.get(A)?.staticPrivateIp).toContain(B);
    expect(found.get(B)?.staticPrivateIp).toContain(A);
    expect(found.get(C)?.staticPrivateIp).toMatch(/Reserved/);
    const good = { [A]: ip('10.1.2.9'), [B]: ip('10.1.2.10') };
    expect(ownProblems(fresh, good, null, picks).size).toBe(0);
    expect(ownProblems({ ...fresh, launch: { subnetId: other.value } }, good, null, picks).get(A)?.staticPrivateIp).toMatch(/Outside of the subnet/);
    expect(ownProblems({ ...fresh, launch: {} }, good, null, picks).get(B)?.staticPrivateIp).toMatch(/needs a subnet/);
  });

  it('of a stored group are complained of only where something changed', () => {
    const before = draftOfGroup(group({ servers: [{ sourceServerId: A, launchTemplate: { staticPrivateIp: '10.1.9.9' } }] }));
    expect(ownProblems(before, before.own, before, picks).size).toBe(0);
    expect([...ownProblems({ ...before, launch: { subnetId: other.value } }, before.own, before, picks).keys()]).toEqual([A]);
    // also when the other server has the address
    expect([...ownProblems(before, { ...before.own, [B]: ip('10.1.9.9') }, before, picks).keys()]).toEqual([B]);
  });

  it('go with the servers of the group only; the others are known', () => {
    const draft = { ...fresh, mode: 'servers' as const, serverIds: [B], own: { [A]: ip('10.1.2.9'), [B]: ip('10.1.2.10') } };
    expect(splitOwn(draft, null, new Set([B]))).toEqual({ kept: { [B]: ip('10.1.2.10') }, left: [A] });
    // not known yet: the server decides
    expect(splitOwn(draft, null, null)).toEqual({ kept: draft.own, left: [] });
    // what nobody touched stays, also while AWS does not list a server
    const before = draftOfGroup(group());
    expect(splitOwn({ ...before, name: 'New' }, before, new Set())).toEqual({ kept: before.own, left: [] });
    expect(splitOwn({ ...before, tags: [{ key: 'a', value: 'b' }] }, before, new Set()).left).toEqual([A]);
  });

  it('are sent with what else is stored of the server', () => {
    expect(ownBody({ [A]: own({ copyTags: false }), [B]: own({}, false) }, [{ sourceServerId: A, instanceName: 'web', useGroupDefaults: false, launchTemplate: { monitoring: true } }])).toEqual([
      { sourceServerId: A, instanceName: 'web', useGroupDefaults: true, launchTemplate: { copyTags: false } },
      { sourceServerId: B, useGroupDefaults: false, launchTemplate: {} },
    ]);
  });

  it.each([
    ['servers[1].launchTemplate.staticPrivateIp', ownKey(B, 'staticPrivateIp')],
    ['servers[0].launchTemplate.licensing.osByol', ownKey(A)],
    ['servers[0].launchTemplate', ownKey(A)],
    ['servers[1].sourceServerId', ownKey(B)],
    [`servers.${C}.subnetId`, ownKey(C, 'subnetId')],
    ['servers[7].launchTemplate.subnetId', 'own'],
    ['servers', 'own'],
  ])('that are refused as %s are found again', (field, key) => {
    expect(groupField(field, [A, B])).toBe(key);
  });

  it('that are refused are told in the row of the server', () => {
    expect(ownRefusals({ [ownKey(B, 'staticPrivateIp')]: 'taken', [ownKey(A)]: 'gone', name: 'x', own: 'all', 'launch.subnetId': 'y' })).toEqual({
      [B]: { staticPrivateIp: 'taken' }, [A]: { '*': 'gone' },
    });
  });

  it('that two people changed are merged server by server', () => {
    const base = draftOfGroup(group());
    const mine = { ...base, own: { ...base.own, [B]: ip('10.1.2.9') } };
    const theirs = { ...base, own: { [C]: own({ monitoring: true }, false) } };
    const found = partsThatDiffer(groupParts(base, mine, theirs, (id) => (id === A ? 'web' : id)), base, mine, theirs);
    expect(found.map((d) => [d.part.id, d.changedBy])).toEqual([[ownKey(A), 'theirs'], [ownKey(B), 'mine'], [ownKey(C), 'theirs']]);
    expect(found[0]?.part.label).toBe('Launch settings of web');
    expect(found.map((d) => d.part.show(theirs))).toEqual(['As the group', 'As the group', 'Only their own settings; Detailed monitoring: Yes']);
    const both = merged(found, Object.fromEntries(found.map((d) => [d.part.id, d.changedBy === 'mine' ? 'mine' as const : 'theirs' as const])), mine, theirs);
    expect(both.own).toEqual({ [B]: ip('10.1.2.9'), [C]: own({ monitoring: true }, false) });
  });

  it('are put into words, also what is not offered', () => {
    expect(overrideText(own({ instanceType: 'm5.large', tags: { a: '1' } }), (f, text) => `${f.id} ${text}`)).toBe('Instance type: instanceType m5.large; tags: {"a":"1"}');
  });
});

describe('a file of settings', () => {
  const servers = [{ id: A, name: '=cmd' }, { id: B, name: 'b, "quoted"' }];
  const of = overridesOf(group(), { [B]: own({ securityGroupIds: ['sg-00000001', 'sg-00000002'], licensing: { osByol: true }, staticPrivateIp: '10.1.2.9' }, false) });
  const members = new Set([A, B]);

  it('comes back as it went out, also from other spreadsheets', () => {
    const text = writeSettings(servers, of);
    const back = readSettings(text, members, () => INHERIT);
    expect(back.problems).toEqual([]);
    expect(back.overrides.get(A)).toEqual(of(A));
    expect(back.overrides.get(B)).toEqual(of(B));
    const semicolons = `\uFEFF${parseCsv(text).map((row) => row.map((c) => `"${c.replaceAll('"', '""')}"`).join(';')).join('\r\n')}`;
    expect(readSettings(semicolons, members, () => INHERIT)).toEqual(back);
  });

  it('changes only the columns it has, and empty cells take a setting away', () => {
    const back = readSettings(`sourceServerId,copyTags\n${A},\n${B},FALSE\n`, members, (id) => (id === A ? own({ copyTags: true, monitoring: true }) : of(id)));
    expect(back.overrides.get(A)).toEqual(own({ monitoring: true }));
    expect(back.overrides.get(B)?.launchTemplate.copyTags).toBe(false);
    expect(back.overrides.get(B)?.useGroupDefaults).toBe(false);
  });

  it.each([
    ['a,b\n1,2', /no column sourceServerId/],
    ['sourceServerId\n', /no row/],
    [`sourceServerId,colour\n${A},red`, /Unknown columns: colour/],
    [`sourceServerId,copyTags,copyTags\n${A},true,true`, /named twice: copyTags/],
    [`sourceServerId\n${A}\n${A}`, /Line 3: s-\d+ has a line already/],
    [`sourceServerId\n${C}`, /Line 2: s-\d+ is no server of this group/],
    [`sourceServerId,copyTags\n${A},perhaps`, /Line 2, copyTags: Not one of true, false/],
    [`sourceServerId,launchDisposition\n${A},ON`, /launchDisposition: Not one of STARTED, STOPPED/],
    [`sourceServerId,staticPrivateIp\n${A},10.0.0`, /staticPrivateIp: Not an IPv4/],
    [`sourceServerId,subnetId\n${A},subnet-1`, /subnetId: Not the ID of a subnet/],
    [`sourceServerId,securityGroupIds\n${A},web`, /securityGroupIds: Not IDs/],
    [`sourceServerId,useGroupDefaults\n${A},no`, /useGroupDefaults: Not one of/],
  ])('with %j is refused with the place', (text, why) => {
    expect(readSettings(text, members, () => INHERIT).problems.join('\n')).toMatch(why);
  });

  it('may have line breaks in its cells', () => {
    expect(parseCsv('a,"b\nc","d ""e"""\r\n1,,\'=x')).toEqual([['a', 'b\nc', 'd "e"'], ['1', '', '=x']]);
  });
});

describe('a refusal of the server', () => {
  const error = (body: Record<string, unknown>) => new ApiError({ kind: 'http', status: 409, code: String(body.code), message: String(body.message), body });

  it('belongs to the server and the setting', () => {
    const by = refusedBy(error({ code: 'VALIDATION_FAILED', message: 'm', validationErrors: [
      { index: 0, sourceServerId: A, field: 'staticPrivateIp', error: 'IP_IN_USE', message: 'in use' },
      { index: 1, sourceServerId: B, field: 'launchTemplate', error: 'SERVER_NOT_FOUND', message: 'no member' },
    ] }));
    expect(by).toEqual({ [A]: { staticPrivateIp: 'in use' }, [B]: { '*': 'no member' } });
  });

  it('BUG 1.6: reaches the field of the editor whole and unescaped', () => {
    const name = error({ code: 'WITHOUT_OWN_WORDS', message: 'A group "Web & DB" exists.', field: 'groupName' });
    expect(refusedFields(name)).toEqual([['groupName', 'A group "Web & DB" exists.']]);
    expect(groupField('groupName')).toBe('name');
    expect(explain(name)).not.toMatch(/&quot;|&#x2F;|&amp;/);
    const settings = error({ code: 'INVALID_LAUNCH_CONFIG_FORMAT', message: 'm', validationErrors: [{ field: 'launchConfig.subnetId', message: 'bad' }] });
    expect(refusedFields(settings)).toEqual([['launchConfig.subnetId', 'bad']]);
    const path = 'servers[0].launchTemplate.instanceType';
    expect(refusedFields(error({
      code: 'VALIDATION_ERROR', message: 'm',
      details: { errors: [{ field: 'groupName', message: 'too long' }, { field: 'servers[0].launchTemplate', message: 'bad' }] },
      validationErrors: [{ field: path, message: `${path} must be an instance type such as m5.large (SOME_CODE)` }],
    }))).toEqual([[path, 'Must be an instance type such as m5.large'], ['groupName', 'too long']]);
    expect(groupField('launchConfig.subnetId')).toBe('launch.subnetId');
    expect(groupField('serverSelectionTags')).toBe('tags');
    expect(groupField('nothing')).toBeNull();
  });
});

describe('the overview of a group', () => {
  it('has the worst lag and the servers that are not ready', () => {
    const servers = [
      { replicationState: 'CONTINUOUS', lagDuration: 'PT5M' }, { replicationState: 'STALLED', lagDuration: 'PT2H' }, { replicationState: 'DISCONNECTED', lagDuration: 'UNKNOWN' },
    ];
    expect(protection(servers)).toEqual({ total: 3, ready: 1, worstLag: 7200 });
    expect(protection([])).toEqual({ total: 0, ready: 0, worstLag: null });
    const of = (id: string | null) => ({ ...servers[0], assignedToProtectionGroup: id === null ? null : { protectionGroupId: id, protectionGroupName: id } }) as Schemas['Server'];
    expect(protectionByGroup([of('g'), of('g'), of('h'), of(null)]).get('g')?.total).toBe(2);
  });

  it('has the last drill and the last recovery of its plans', () => {
    const run = (executionId: string, planId: string, executionType: 'DRILL' | 'RECOVERY', startTime: number) => ({ executionId, planId, executionType, startTime, status: 'COMPLETED' as const });
    const runs = [run('1', 'p', 'DRILL', 5), run('2', 'p', 'DRILL', 9), run('3', 'q', 'DRILL', 99), run('4', 'p', 'RECOVERY', 1)];
    expect(lastRun(runs, new Set(['p']), 'DRILL')?.executionId).toBe('2');
    expect(lastRun(runs, new Set(['p']), 'RECOVERY')?.executionId).toBe('4');
    expect(lastRun(runs, new Set(['x']), 'DRILL')).toBeUndefined();
  });

  it('BUG 1.5: a group is used by a plan that has it as the second group of a wave', () => {
    const plans = [{ planId: 'p', planName: 'P', waves: [{ protectionGroupId: 'a', protectionGroupIds: ['a', 'b'] }] }];
    expect(plansUsing(plans, 'b')).toHaveLength(1);
    expect(blockingRun([{ planId: 'p', status: 'RUNNING' }], plans, 'b')).toBeDefined();
    expect(blockingRun([{ planId: 'p', status: 'PAUSED' }], plans, 'b')).toBeUndefined();
    expect(blockingRun([{ planId: 'x', status: 'RUNNING' }], plans, 'b')).toBeUndefined();
  });
});

describe('a copy of a group', () => {
  it('has its tags and settings, but none of its servers', () => {
    const copy = copyOfGroup(group({ groupName: 'x'.repeat(64), serverSelectionTags: { Tier: 'web' } }));
    expect(copy).toMatchObject({ mode: 'tags', tags: [{ key: 'Tier', value: 'web' }], serverIds: [], launch: { copyTags: true } });
    expect(copy.name).toHaveLength(64);
    expect(copy.own).toEqual({});
  });
});

describe('choices', () => {
  it('of tags are what servers have, the most frequent first', () => {
    const servers: { tags: Record<string, string> }[] = [{ tags: { Tier: 'web', Env: 'p' } }, { tags: { Tier: 'db' } }, { tags: { Tier: 'web' } }];
    expect(tagChoices(servers, null)).toEqual([{ value: 'Tier', count: 3 }, { value: 'Env', count: 1 }]);
    expect(tagChoices(servers, 'Tier')).toEqual([{ value: 'web', count: 2 }, { value: 'db', count: 1 }]);
  });

  it.each(['30', '2026-01-01/2026-02-28', ''])('of the period %j are in the address', (text) => {
    expect(rangeText(rangeOf(text))).toBe(text);
  });

  it('of the period become a query', () => {
    expect(rangeQuery('2026-01-01/2026-02-28')).toEqual({ from: '2026-01-01', to: '2026-02-28' });
    expect(rangeQuery('7', Date.UTC(2026, 0, 8))).toEqual({ from: '2026-01-01T00:00:00.000Z' });
    expect(rangeQuery('')).toEqual({});
    expect(rangeOf('rubbish')).toBeNull();
  });
});

describe('tags of the source instances', () => {
  it('alone do not select, and the servers that lack only their copy are known', () => {
    const servers: { id: number; tags: Record<string, string>; sourceTags?: Record<string, string> }[] = [
      { id: 1, tags: { Tier: 'web' }, sourceTags: { Tier: 'web' } },
      { id: 2, tags: { Env: 'p' }, sourceTags: { Tier: 'WEB' } },
      { id: 3, tags: {}, sourceTags: { Tier: 'db' } },
      // what DRS has goes before what the instance has
      { id: 4, tags: { Tier: 'db' }, sourceTags: { Tier: 'web' } },
      { id: 5, tags: {} },
    ];
    expect(onlyAtSource(servers, { Tier: 'web' }).map((s) => s.id)).toEqual([2]);
    expect(onlyAtSource(servers, { Tier: 'web', Env: 'p' }).map((s) => s.id)).toEqual([2]);
  });
});

describe('a Region that cannot be used', () => {
  const error = (status: number, code: string, body: Record<string, unknown> = {}, message = '') => new ApiError({ kind: 'http', status, code, message, body });

  it.each([
    [error(400, 'DRS_NOT_INITIALIZED'), 'NOT_INITIALIZED'],
    [error(403, 'REGION_ACCESS_DENIED', { status: 'SCP_DENIED' }), 'SCP_DENIED'],
    [error(403, 'REGION_ACCESS_DENIED', { status: 'IAM_PERMISSION_DENIED' }), 'IAM_PERMISSION_DENIED'],
    [error(400, 'REGION_NOT_ENABLED', {}, 'The Region is not enabled: x'), 'REGION_NOT_ENABLED'],
    [error(400, 'REGION_NOT_ENABLED', {}, 'The Region is not opted in: x'), 'REGION_NOT_OPTED_IN'],
    [error(429, 'DRS_ERROR'), 'THROTTLED'],
    [error(502, 'DRS_ERROR'), 'ENDPOINT_UNREACHABLE'],
    [error(500, 'DRS_ERROR'), 'ERROR'],
    // a permission of the user's is no matter of the Region
    [error(403, 'FORBIDDEN', { required_permission: 'view_protection_groups' }), null],
    [error(404, 'NOT_FOUND', { status: 'ACTIVE' }), null],
  ])('%# is told by its cause', (failure, state) => {
    expect(placeState(failure)).toBe(state);
  });
});
