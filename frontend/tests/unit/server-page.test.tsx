// The page of a source server, with an API of fixed answers.
import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import ServerPage from '../../src/screens/Server';
import { ACCOUNT, answer, show } from './page';

register({ ...texts, ...moreTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const ID = 's-00000000000000001';
const SERVER = {
  sourceServerID: ID, hostname: 'web-1', state: 'READY_FOR_RECOVERY', replicationState: 'CONTINUOUS', lagDuration: 'PT0S', lastSeen: '', drsTags: {},
  tags: { Tier: 'web' }, assignedToProtectionGroup: null, selectable: true,
};

function page(over: object, tab: string) {
  answer({
    'GET /drs/source-servers': { servers: [{ ...SERVER, ...over }], totalCount: 1, nextToken: null },
    'GET /recovery-plans': { plans: [], count: 0 },
  });
  show(<ServerPage />, `/servers/${ID}?owner=${ACCOUNT}&region=us-east-1&tab=${tab}`, '/servers/:serverId');
}

describe('the source instance of a server', () => {
  it('has its network and its tags, apart from those in DRS', async () => {
    page({
      sourceInstanceId: 'i-0123', sourceTags: { Tier: 'gold' }, originalAccountId: '999999999999', originalSourceRegion: 'eu-west-1',
      ec2NetworkConfig: { vpcId: 'vpc-1', subnetId: 'subnet-1', privateIp: '10.0.0.7', securityGroups: ['sg-1', 'sg-2'], instanceProfile: 'arn:aws:iam::1:instance-profile/web' },
    }, 'source');
    const table = await screen.findByRole('table', { name: 'Tags of the instance in EC2' });
    within(table).getByText('gold');
    for (const text of ['vpc-1', 'subnet-1', '10.0.0.7', 'sg-1, sg-2', 'arn:aws:iam::1:instance-profile/web', '999999999999, eu-west-1']) {
      expect(screen.getAllByText(text).length).toBeGreaterThan(0);
    }
    expect(screen.queryByText('web', { exact: true })).toBeNull();
  });

  it('is said to be unknown when EC2 was not asked yet, and not to be one when it is none', async () => {
    page({ sourceInstanceId: 'i-0123' }, 'source');
    await screen.findByText(/has not been read yet/);
    cleanup();
    page({}, 'source');
    await screen.findByText('The agent does not run on an EC2 instance.');
  });

  it('tells why a server could not be extended', async () => {
    page({ extensionStatus: 'EXTENSION_ERROR', extensionError: 'no permission' }, 'tags');
    await screen.findByText('The server could not be extended into the account');
    screen.getByText('no permission');
    within(screen.getByRole('table', { name: 'Tags in DRS, by which groups select' })).getByText('web');
  });
});
