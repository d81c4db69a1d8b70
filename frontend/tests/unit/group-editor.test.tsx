// The editor of groups with the settings of single servers, with an API that answers from a table.
import createWrapper from '@cloudscape-design/components/test-utils/dom';
import { act, cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { editorTexts } from '../../src/i18n/editor.en';
import { texts } from '../../src/i18n/en';
import { groupsTexts } from '../../src/i18n/groups.en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import GroupEditor from '../../src/screens/GroupEditor';
import { ACCOUNT, answer, Refused, show, type Answers } from './page';

register({ ...texts, ...moreTexts, ...editorTexts, ...groupsTexts }, icu);

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const [A, B] = ['s-00000000000000001', 's-00000000000000002'];
const server = (sourceServerID: string, hostname: string) => ({
  sourceServerID, hostname, state: '', replicationState: 'CONTINUOUS', lagDuration: 'PT0S', lastSeen: '', drsTags: {}, tags: { Tier: 'web' }, selectable: true,
  assignedToProtectionGroup: null,
});
const SERVERS = [server(A, 'web-1'), server(B, 'web-2')];
const SUBNETS = [['subnet-00000001', '10.1.2.0/24'], ['subnet-00000002', '10.1.3.0/24']].map(([value, cidr]) => ({ value, label: value, vpcId: 'vpc-1', az: 'eu-west-1a', cidr }));
const GROUP = {
  groupId: 'g', protectionGroupId: 'g', groupName: 'Web', description: '', region: 'eu-west-1', accountId: ACCOUNT, assumeRoleName: '', owner: '',
  serverSelectionTags: {}, sourceServerIds: [A, B], launchConfig: { subnetId: 'subnet-00000001' }, launchConfigStatus: { status: 'ready' }, createdDate: 1, lastModifiedDate: 1,
  version: 3, servers: [{ sourceServerId: A, instanceName: 'i', useGroupDefaults: true, launchTemplate: { staticPrivateIp: '10.1.2.9' } }],
};
const API: Answers = {
  'GET /user/permissions': { roles: [], permissions: ['view_protection_groups', 'create_protection_groups', 'modify_protection_groups'] },
  'GET /drs/source-servers': { servers: SERVERS, region: 'eu-west-1', serverCount: 2, totalCount: 2, initialized: true, nextToken: null },
  'POST /protection-groups/resolve': { resolvedServers: SERVERS },
  'GET /drs/service-limits': { regions: ['eu-west-1', 'us-east-1'] },
  'GET /drs/regions': { regions: [] },
  'GET /ec2/subnets': { subnets: SUBNETS },
  'GET /ec2/security-groups': { securityGroups: [] },
  'GET /ec2/instance-profiles': { instanceProfiles: [] },
  'GET /ec2/instance-types': { instanceTypes: [] },
  'GET /protection-groups/g': GROUP,
};

const click = async (text: string) => {
  const user = userEvent.setup();
  await user.click(await screen.findByText(text, { selector: 'button, button *' }));
};
const field = (label: string) => {
  const found = createWrapper(document.body).findAllFormFields().find((f) => f.findLabel()?.getElement().textContent === label);
  if (found === undefined) {
    throw new Error(`no field ${label}`);
  }
  return found;
};
const heading = (name: string) => screen.findByText(name, { selector: 'h1, h1 *' });

/** The form of a server, filled in and taken over. */
async function setAddress(name: string, ip: string) {
  await click(name);
  await screen.findByText(`Launch settings of ${name}`);
  act(() => {
    field('Static private IP').findControl()?.findInput()?.setInputValue(ip);
  });
  await click('Take over');
}

/** A draft of a new group that is complete but for its last steps. */
function draft(over: object) {
  const base = {
    name: '', description: '', region: 'us-east-1', mode: 'tags', tags: [{ key: '', value: '' }], serverIds: [],
    launch: { copyTags: true, launchDisposition: 'STARTED', licensing: { osByol: false } }, own: {},
  };
  sessionStorage.setItem(`drs-console:draft:ann:group:new:${ACCOUNT}:`, JSON.stringify({
    version: null, base, at: 1, draft: { ...base, name: 'Web', region: 'eu-west-1', tags: [{ key: 'Tier', value: 'web' }], launch: { subnetId: 'subnet-00000001' }, ...over },
  }));
}

const own = (staticPrivateIp: string) => ({ useGroupDefaults: true, launchTemplate: { staticPrivateIp } });

describe('a new group', () => {
  it('is sent with what single servers have of their own, and nothing is asked of AWS before', async () => {
    draft({});
    const calls = answer({ ...API, 'POST /protection-groups': { ...GROUP, version: 1 } });
    show(<GroupEditor />);
    for (const step of ['Servers', 'Launch settings', 'Settings of single servers']) {
      await click('Next');
      await heading(step);
    }
    await setAddress('web-1', '10.1.2.9');
    await setAddress('web-2', '10.1.2.10');
    await click('Next');
    await screen.findByText('2 servers have settings of their own');
    screen.getByText(/Static private IP: 10\.1\.2\.10/);
    await click('Save');
    await screen.findByText('Elsewhere');
    expect(calls.find((c) => c.method === 'POST' && c.path === '/protection-groups')?.body).toMatchObject({
      serverSelectionTags: { Tier: 'web' },
      servers: [{ sourceServerId: A, ...own('10.1.2.9') }, { sourceServerId: B, ...own('10.1.2.10') }],
    });
    expect(calls.filter((c) => c.path.endsWith('/validate-ip'))).toEqual([]);
  });

  it('goes no further while an address is in another subnet than the group’s', async () => {
    draft({ launch: { subnetId: 'subnet-00000002' }, own: { [A]: own('10.1.2.9') } });
    answer(API);
    show(<GroupEditor />);
    for (const step of ['Servers', 'Launch settings', 'Settings of single servers']) {
      await click('Next');
      await heading(step);
    }
    await screen.findByText('Outside of the subnet, 10.1.3.0/24.');
    await click('Next');
    await screen.findByText('One entry has to be corrected.');
    expect(screen.queryByText('Worst lag')).toBeNull();
  });

  it('is not saved when the range of a subnet is known only after the step was left', async () => {
    draft({ launch: { subnetId: 'subnet-00000002' }, own: { [A]: own('10.1.2.9') } });
    const calls = answer({ ...API, 'GET /ec2/subnets': { subnets: [] } });
    const { client } = show(<GroupEditor />);
    for (let step = 0; step < 4; step++) {
      await click('Next');
    }
    await screen.findByText('1 server has settings of its own');
    act(() => {
      client.setQueryData(['ec2', 'subnets', ACCOUNT, 'eu-west-1'], { subnets: SUBNETS });
    });
    await click('Save');
    await screen.findByText('Outside of the subnet, 10.1.3.0/24.');
    expect(calls.filter((c) => c.path === '/protection-groups' && c.method === 'POST')).toEqual([]);
  });

  it('leaves out and names servers that its tags do not match', async () => {
    draft({ own: { [A]: own('10.1.2.9'), [B]: own('10.1.2.10') } });
    const calls = answer({ ...API, 'POST /protection-groups/resolve': { resolvedServers: [SERVERS[1]] }, 'POST /protection-groups': { ...GROUP, version: 1 } });
    show(<GroupEditor />);
    for (let step = 0; step < 4; step++) {
      await click('Next');
    }
    await screen.findByText('Settings of 1 server are not saved');
    await screen.findByText('web-1', { selector: 'li' });
    await screen.findByText('1 server has settings of its own');
    await click('Save');
    await screen.findByText('Elsewhere');
    expect(calls.find((c) => c.method === 'POST' && c.path === '/protection-groups')?.body).toMatchObject({ servers: [{ sourceServerId: B, ...own('10.1.2.10') }] });
  });

  it('shows what the server refuses in the row of the server', async () => {
    draft({ own: { [A]: own('10.1.2.9'), [B]: own('10.1.2.10') } });
    const path = 'servers[1].sourceServerId';
    answer({
      ...API,
      'POST /protection-groups': new Refused(400, {
        error: 'INVALID_LAUNCH_CONFIG_FORMAT', code: 'INVALID_LAUNCH_CONFIG_FORMAT', message: 'The launch configuration is invalid.',
        validationErrors: [{ field: path, error: 'SERVER_NOT_FOUND', message: `${path} is not a server of the group (SERVER_NOT_IN_GROUP)` }],
      }),
    });
    show(<GroupEditor />);
    for (let step = 0; step < 4; step++) {
      await click('Next');
    }
    await click('Save');
    await heading('Settings of single servers');
    const row = (await screen.findByText('Is not a server of the group')).closest('tr');
    expect(row?.textContent).toContain('web-2');
    expect(screen.queryByText(/servers\[/)).toBeNull();
  });
});

describe('a group that exists', () => {
  it('is sent with the settings of its servers only when they change, and asks AWS about addresses of its servers', async () => {
    const calls = answer({
      ...API, 'PUT /protection-groups/g': { ...GROUP, version: 4 }, [`POST /protection-groups/g/servers/${A}/validate-ip`]: { valid: true, details: { subnetCidr: '10.1.2.0/24' } },
    });
    const first = show(<GroupEditor />, '/protection-groups/g/edit', '/protection-groups/:groupId/edit');
    await screen.findByDisplayValue('Web');
    const puts = () => calls.filter((c) => c.method === 'PUT').map((c) => c.body as { servers?: unknown });
    act(() => {
      field('Name').findControl()?.findInput()?.setInputValue('Shop');
    });
    await click('Review');
    await click('Save');
    await screen.findByText('Elsewhere');
    expect(puts()).toHaveLength(1);
    expect(puts()[0]).not.toHaveProperty('servers');
    first.unmount();

    show(<GroupEditor />, '/protection-groups/g/edit', '/protection-groups/:groupId/edit');
    await screen.findByDisplayValue('Web');
    for (let step = 0; step < 3; step++) {
      await click('Next');
    }
    await click('web-1');
    act(() => {
      field('Static private IP').findControl()?.findInput()?.setInputValue('10.1.2.20');
    });
    await screen.findByText('Free in 10.1.2.0/24');
    await click('Take over');
    await click('Next');
    await screen.findByText('Launch settings of web-1');
    await click('Save');
    await waitFor(() => {
      expect(puts()).toHaveLength(2);
    });
    expect(puts()[1]).toMatchObject({ version: 3, servers: [{ sourceServerId: A, instanceName: 'i', ...own('10.1.2.20') }] });
  });
});
