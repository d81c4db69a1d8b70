// Pages of groups, with an API that answers from a table.
import createWrapper from '@cloudscape-design/components/test-utils/dom';
import type { QueryClient } from '@tanstack/react-query';
import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState, type ReactNode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Schemas } from '../../src/api/client';
import { keys } from '../../src/api/queries';
import { emptyGroup } from '../../src/groups/draft';
import { LaunchSettings } from '../../src/groups/LaunchSettings';
import { ByServers, ByTags } from '../../src/groups/Members';
import { usePicks } from '../../src/groups/picks';
import { ServerForm } from '../../src/groups/ServerForm';
import type { Changes } from '../../src/groups/settings';
import SettingsHistory from '../../src/groups/SettingsHistory';
import { watchLaunch } from '../../src/groups/watch';
import { editorTexts } from '../../src/i18n/editor.en';
import { texts } from '../../src/i18n/en';
import { groupsTexts } from '../../src/i18n/groups.en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import Groups from '../../src/screens/Groups';
import { answer, show as view, type Answers } from './page';

register({ ...texts, ...moreTexts, ...editorTexts, ...groupsTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const A = 's-00000000000000001';
const GROUP: Schemas['ProtectionGroup'] = {
  groupId: 'g', protectionGroupId: 'g', groupName: 'Web', description: '', region: 'eu-west-1', accountId: '111122223333', assumeRoleName: '', owner: '',
  serverSelectionTags: {}, sourceServerIds: [A], launchConfigStatus: { status: 'not_configured' }, createdDate: 1, lastModifiedDate: 1, version: 1,
};
const SERVER = {
  sourceServerID: A, hostname: 'web-1', state: '', replicationState: 'STALLED', lagDuration: 'PT2H5M', lastSeen: '', drsTags: {}, tags: {}, selectable: true,
  assignedToProtectionGroup: null,
};
const PICKS = {
  'GET /ec2/subnets': { subnets: [{ value: 'subnet-00000001', label: 'app', vpcId: 'vpc-1', az: 'eu-west-1a', cidr: '10.1.2.0/24' }] },
  'GET /ec2/security-groups': {
    securityGroups: ['sg-00000001', 'sg-00000002'].map((value) => ({ value, label: value, name: value, vpcId: 'vpc-1', description: '' })),
  },
  'GET /ec2/instance-profiles': { instanceProfiles: [] },
  'GET /ec2/instance-types': { instanceTypes: [] },
  'GET /user/permissions': { roles: [], permissions: ['view_protection_groups', 'modify_protection_groups'] },
  'GET /user/profile': { userId: 'u', username: 'ann' },
  'GET /accounts/targets': [{ accountId: '111122223333', accountName: 'Shop', isCurrentAccount: true }],
  'GET /recovery-plans': { plans: [], count: 0 },
  'GET /executions': { items: [], nextToken: null },
};

/** What was asked, and the view with everything around it. */
function show(content: ReactNode, answers: Answers) {
  const asked = answer({ ...PICKS, ...answers });
  const to = (path: string) => asked.filter((a) => a.path === path);
  return { asked, to, ...view(content) };
}

function Form({ group, done }: { group: Schemas['ProtectionGroup']; done: (changes: Changes) => void }) {
  const picks = usePicks(group.accountId, group.region);
  return <ServerForm group={group} server={{ id: A, name: 'web-1' }} groupId={group.groupId} changes={{}} picks={picks} done={done} close={() => undefined} />;
}

/** The field with this label in the dialog. */
function field(label: string) {
  const found = createWrapper(document.body).findAllFormFields().find((f) => f.findLabel()?.getElement().textContent === label);
  if (found === undefined) {
    throw new Error(`no field ${label}`);
  }
  return found;
}
/** By text: roles of a whole page take a simulated browser seconds. */
const take = () => screen.getByText<HTMLElement>('Take over').closest('button');
/** What can be chosen has been read. */
const read = (client: QueryClient) =>
  waitFor(() => {
    expect(client.isFetching()).toBe(0);
    expect(client.getQueryData(['ec2', 'security-groups', GROUP.accountId, GROUP.region])).toBeDefined();
  });

describe('settings of one server', () => {
  it('BUG 1.6: alone take a subnet where none was set, and several security groups', async () => {
    let result: Changes = {};
    const { client } = show(<Form group={GROUP} done={(changes) => {
      result = changes;
    }} />, {});
    await read(client);
    act(() => {
      createWrapper(document.body).findModal()?.findContent().findCheckbox()?.findNativeInput().click();
    });
    const subnet = field('Subnet').findControl()?.findSelect();
    act(() => {
      subnet?.openDropdown();
    });
    act(() => {
      subnet?.selectOptionByValue('subnet-00000001');
    });
    const groups = field('Security groups').findControl()?.findMultiselect();
    act(() => {
      groups?.openDropdown();
    });
    act(() => {
      groups?.selectOptionByValue('sg-00000001');
    });
    act(() => {
      groups?.selectOptionByValue('sg-00000002');
    });
    act(() => {
      take()?.click();
    });
    expect(result).toEqual({
      [A]: { useGroupDefaults: false, launchTemplate: { subnetId: 'subnet-00000001', securityGroupIds: ['sg-00000001', 'sg-00000002'] } },
    });
  });

  it('BUG 1.6: can be saved when only the security groups changed', async () => {
    const { client } = show(<Form group={GROUP} done={() => undefined} />, {});
    await read(client);
    expect(take()?.disabled).toBe(true);
    const groups = field('Security groups').findControl()?.findMultiselect();
    act(() => {
      groups?.openDropdown();
    });
    act(() => {
      groups?.selectOptionByValue('sg-00000002');
    });
    expect(take()?.disabled).toBe(false);
  });

  it('BUG 1.6: have their address checked by the server', async () => {
    const { client, to } = show(<Form group={{ ...GROUP, launchConfig: { subnetId: 'subnet-00000001' } }} done={() => undefined} />, {
      [`POST /protection-groups/g/servers/${A}/validate-ip`]: { valid: false, ip: '10.1.2.9', subnetId: 'subnet-00000001', error: 'IP_IN_USE', message: '10.1.2.9 is used by eni-1.' },
    });
    await read(client);
    act(() => {
      field('Static private IP').findControl()?.findInput()?.setInputValue('10.1.2.9');
    });
    await screen.findByText('10.1.2.9 is used by eni-1.');
    expect(to(`/protection-groups/g/servers/${A}/validate-ip`).map((a) => a.body)).toEqual([{ staticPrivateIp: '10.1.2.9', subnetId: 'subnet-00000001' }]);
    expect(take()?.disabled).toBe(true);
  });
});

describe('settings of a group', () => {
  it('BUG 1.6: are chosen from what the account of the group has, and are shown at once', async () => {
    function Settings() {
      const [value, set] = useState({});
      return <LaunchSettings accountId={GROUP.accountId} region="eu-west-1" value={value} change={set} />;
    }
    const { asked } = show(<Settings />, {});
    await waitFor(() => {
      expect(asked.filter((a) => a.path.startsWith('/ec2/'))).toHaveLength(4);
    });
    for (const { path, query } of asked.filter((a) => a.path.startsWith('/ec2/'))) {
      expect([path, query.get('accountId'), query.get('region')]).toEqual([path, GROUP.accountId, 'eu-west-1']);
    }
    const sections = createWrapper(document.body).findAllExpandableSections();
    expect(sections.some((s) => s.getElement().textContent.includes('Subnet'))).toBe(false);
    expect(field('Subnet')).toBeDefined();
  });
});

describe('servers with settings of their own', () => {
  it.each([[0, null], [1, '1 server has settings of its own, which go before those of the group.']])('are told beside the settings of the group: %d', async (own, text) => {
    show(<LaunchSettings accountId={GROUP.accountId} region="eu-west-1" value={{}} own={own} change={() => undefined} />, {});
    await screen.findByText('Subnet');
    expect(screen.queryByText(/settings of (its|their) own/)?.textContent ?? null).toBe(text);
  });
});

describe('servers to choose from', () => {
  it('BUG 1.6: are those of the group that is edited, with their replication as it is', async () => {
    const other = { ...SERVER, sourceServerID: 's-00000000000000002', hostname: 'db-1', selectable: false, assignedToProtectionGroup: { protectionGroupId: 'h', protectionGroupName: 'Data' } };
    const { to } = show(
      <ByServers draft={{ ...emptyGroup(), mode: 'servers', serverIds: [A] }} change={() => undefined} accountId={GROUP.accountId} groupId="g" />,
      { 'GET /drs/source-servers': { servers: [SERVER, other], region: 'us-east-1', serverCount: 2, totalCount: 2, initialized: true, nextToken: null } },
    );
    await screen.findByText('web-1');
    expect(to('/drs/source-servers').map((a) => a.query.get('currentProtectionGroupId'))).toEqual(['g']);
    expect(screen.getAllByText('Stalled').length).toBeGreaterThan(0);
    expect(screen.getByText('2 h 5 min')).toBeDefined();
    expect(screen.queryByText(/healthy/i)).toBeNull();
    // its page opens beside what was entered
    const page = screen.getByText('web-1').closest('a');
    expect([page?.target, page?.getAttribute('href')?.split('&')[0]]).toEqual(['_blank', `/servers/${A}?owner=${GROUP.accountId}`]);
    // a server of another group is not offered
    expect(screen.queryByText('db-1')).toBeNull();
    expect(screen.getByText('1 server is not ready for recovery')).toBeDefined();
  });
});

describe('all servers that are found', () => {
  it('are chosen at once, but for those of another group', async () => {
    const [free, taken] = ['s-00000000000000002', 's-00000000000000003'];
    const change = vi.fn();
    show(
      <ByServers draft={{ ...emptyGroup(), mode: 'servers', serverIds: [A] }} change={change} accountId={GROUP.accountId} groupId="g" />,
      {
        'GET /drs/source-servers': {
          servers: [
            SERVER, { ...SERVER, sourceServerID: free, hostname: 'web-2' },
            { ...SERVER, sourceServerID: taken, hostname: 'db-1', selectable: false, assignedToProtectionGroup: { protectionGroupId: 'h', protectionGroupName: 'Data' } },
          ],
          totalCount: 3, nextToken: null,
        },
      },
    );
    (await screen.findByText('Choose the one found')).click();
    expect(change).toHaveBeenCalledWith(expect.objectContaining({ serverIds: [A, free] }));
    screen.getByText('Choose none').click();
    expect(change).toHaveBeenLastCalledWith(expect.objectContaining({ serverIds: [] }));
  });
});

describe('the history of settings', () => {
  it('BUG 1.6: is there, with the old and the new value', async () => {
    show(<SettingsHistory group={GROUP} servers={[SERVER]} />, {
      [`GET /protection-groups/g/servers/${A}/audit-log`]: [
        { timestamp: '2026-11-29T10:00:00Z', user: 'ann@example.com', action: 'UPDATE_SERVER_CONFIG', protectionGroupId: 'g', serverId: A,
          changes: [{ field: 'instanceType', oldValue: 'm5.large', newValue: 'm5.xlarge' }] },
      ],
    });
    await screen.findByText('m5.xlarge');
    for (const text of ['m5.large', 'ann@example.com', 'Changed', 'Instance type']) {
      expect([text, screen.queryAllByText(text).length]).not.toEqual([text, 0]);
    }
  });
});

describe('the application of settings', () => {
  it('BUG 1.6: is followed from page to page, in one message, to its end', async () => {
    const { services, client } = show(<p>elsewhere</p>, { 'GET /protection-groups/g': { ...GROUP, launchConfigStatus: { status: 'syncing', completedServers: 1, totalServers: 2 } } });
    watchLaunch(services, client, { ...GROUP, launchConfigStatus: { status: 'pending', completedServers: 0, totalServers: 2 } });
    const one = () => services.flashes.snapshot().map((f) => [f.type, f.content, f.count]);
    expect(one()).toEqual([['in-progress', '0 of 2 servers', 1]]);
    await waitFor(() => {
      expect(one()).toEqual([['in-progress', '1 of 2 servers', 1]]);
    });
    act(() => {
      client.setQueryData(keys.group('g'), { ...GROUP, launchConfigStatus: { status: 'partial', failedServers: 1 } });
    });
    await waitFor(() => {
      expect(one()).toEqual([['warning', '', 1]]);
    });
  });
});

describe('the list of groups', () => {
  const list = { groups: [GROUP], count: 1, nextToken: null };

  it('BUG 1.5: keeps its rows while it is read again', async () => {
    let answers = 0;
    const { client } = show(<Groups />, {
      'GET /protection-groups': () => (answers++ === 0 ? list : new Promise(() => undefined)),
      'GET /drs/source-servers': { servers: [], region: 'eu-west-1', serverCount: 0, totalCount: 0, initialized: true, nextToken: null },
    });
    await screen.findByText('Web');
    act(() => {
      void client.invalidateQueries({ queryKey: ['groups'] });
    });
    await waitFor(() => {
      expect(answers).toBe(2);
    });
    expect(screen.getByText('Web')).toBeDefined();
    expect(screen.queryByText('Loading…')).toBeNull();
  });

  it('BUG 1.5: a reading that fails again and again adds no message and takes no row away', async () => {
    let answers = 0;
    const { client, services } = show(<Groups />, {
      'GET /protection-groups': () => (answers++ === 0 ? list : 500),
      'GET /drs/source-servers': { servers: [], region: 'eu-west-1', serverCount: 0, totalCount: 0, initialized: true, nextToken: null },
    });
    await screen.findByText('Web');
    for (let tries = 2; tries < 5; tries++) {
      act(() => {
        void client.invalidateQueries({ queryKey: ['groups'] });
      });
      await waitFor(() => {
        expect(answers).toBe(tries);
      });
    }
    expect(services.flashes.snapshot()).toEqual([]);
    expect(screen.getByText('Web')).toBeDefined();
  });

  const menu = async (plans: readonly object[], more: Answers = {}) => {
    const shown = show(<Groups />, {
      'GET /protection-groups': list,
      'GET /recovery-plans': { plans, recoveryPlans: plans, count: plans.length, nextToken: null },
      'GET /drs/source-servers': { servers: [], region: 'eu-west-1', serverCount: 0, totalCount: 0, initialized: true, nextToken: null },
      'GET /user/permissions': { roles: [], permissions: ['modify_protection_groups', 'create_protection_groups', 'delete_protection_groups'] },
      ...more,
    });
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'Actions for Web' }));
    await waitFor(() => {
      expect(screen.getByRole('menuitem', { name: 'Edit' }).getAttribute('aria-disabled')).not.toBe('true');
    });
    return { ...shown, user };
  };

  it('has a menu in each row; a group that is used is not deleted, and says by whom', async () => {
    const plan = { planId: 'p', planName: 'Shop', accountId: GROUP.accountId, waves: [{ protectionGroupId: 'other', protectionGroupIds: ['other', GROUP.groupId] }] };
    await menu([plan]);
    await waitFor(() => {
      expect(screen.getByRole('menuitem', { name: 'Delete' }).getAttribute('aria-disabled')).toBe('true');
    });
    screen.getByText('Used by plans: Shop');
  });

  it('deletes the group of the row, and says that it was kept when it was', async () => {
    const { user, services } = await menu([], { [`DELETE /protection-groups/${GROUP.groupId}`]: 409 });
    await user.click(screen.getByRole('menuitem', { name: 'Delete' }));
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete' }));
    await waitFor(() => {
      expect(services.flashes.snapshot().map((flash) => flash.header)).toEqual(['The group was not deleted']);
    });
    await screen.findByText('Web');
  });
});

describe('servers by tags', () => {
  it('are those that DRS has the tags of; the others are told, with the way to copy them', async () => {
    const other = { ...SERVER, sourceServerID: 's-00000000000000002', hostname: 'web-2', tags: {}, sourceTags: { Tier: 'gold' } };
    show(
      <ByTags draft={{ ...emptyGroup(), tags: [{ key: 'Tier', value: 'gold' }] }} change={() => undefined} accountId="111122223333" groupId={null} />,
      {
        'GET /drs/source-servers': { servers: [{ ...SERVER, tags: { Tier: 'gold' } }, other], totalCount: 2, nextToken: null },
        'POST /protection-groups/resolve': { resolvedServers: [{ ...SERVER, tags: { Tier: 'gold' } }] },
      },
    );
    await screen.findByText('1 server matches');
    await screen.findByText('1 more server has these tags on the source instance only');
    screen.getByText(/web-2\./);
    expect(screen.getByText<HTMLAnchorElement>('Tag sync').closest('a')?.getAttribute('href')).toBe('/settings/tag-sync');
  });
});
