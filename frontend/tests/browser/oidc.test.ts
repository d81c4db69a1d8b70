import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launch, Tab } from './browser';
import { Provider } from './provider';
import { PASSWORD, World } from './world';

let browser: Browser;
let world: World;
let provider: Provider;

beforeAll(async () => {
  world = new World();
  browser = await launch();
  provider = new Provider(world.stack.dir, world.stack.providerPort);
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  await provider.start();
});

afterEach(async () => {
  await provider.stop();
});

/** The provider is another host, and is meant to be. */
const PROVIDER = () => new RegExp(`other host: ${provider.issuer}/`);

async function signIn(page: Page, path: string): Promise<void> {
  await page.goto(`${world.origin}/sso${path}`);
  await page.getByRole('button', { name: 'Sign in with your identity provider' }).click();
  await page.getByRole('button', { name: 'Continue as ann' }).click();
}

describe('sign-in by an identity provider', () => {
  it('returns to the page that was asked for, with the roles of the groups', async () => {
    const { accountId, planId, planName } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await page.goto(`${world.origin}/sso/`);
    await page.getByRole('button', { name: 'Sign in with your identity provider' }).waitFor();
    await tab.look('sign-in-provider');
    await signIn(page, `/recovery-plans/${planId}?account=${accountId}`);
    // the server has to fetch the keys of the provider first
    await page.getByRole('heading', { name: planName }).first().waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).pathname).toBe(`/sso/recovery-plans/${planId}`);
    // an operator starts drills, but does not read the audit trail
    await page.getByRole('button', { name: 'Start drill' }).first().waitFor();
    await page.getByRole('link', { name: 'Audit trail' }).click();
    await page.getByText('Needs the permission audit_read').first().waitFor();
    await page.reload();
    await page.getByText('Needs the permission audit_read').first().waitFor();
    await tab.close([PROVIDER(), /401/]);
  });

  it('goes on when the provider has a new key', async () => {
    provider.rotate();
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await signIn(page, '/settings/preferences');
    await page.getByText('DRSOperator').first().waitFor({ timeout: 60_000 });
    await tab.close([PROVIDER(), /401/]);
  });

  it('is renewed without anybody noticing', async () => {
    provider.lifeSeconds = 12;
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await signIn(page, `/executions?account=${accountId}`);
    await page.getByRole('heading', { name: 'Executions' }).first().waitFor({ timeout: 60_000 });
    // the refresh token rotates: one that was used twice would end this
    await expect.poll(async () => {
      await page.getByRole('tab', { name: /History/ }).click();
      await page.getByRole('tab', { name: /Active/ }).click();
      return provider.refreshes;
    }, { timeout: 60_000 }).toBeGreaterThan(2);
    // a life below the usual reserve must not renew with each request
    expect(provider.refreshes).toBeLessThan(10);
    expect(await page.getByRole('heading', { name: 'Executions' }).first().isVisible()).toBe(true);
    await tab.close([PROVIDER()]);
  });

  it('ends when the provider refuses to renew, and goes on after signing in again', async () => {
    provider.lifeSeconds = 12;
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await signIn(page, `/capacity?account=${accountId}`);
    await page.getByRole('heading', { name: 'Capacity' }).first().waitFor({ timeout: 60_000 });
    provider.refuseRefresh = true;
    await page.getByText('Your session has ended').first().waitFor({ timeout: 100_000 });
    // nothing was ended at the provider: other sites go on
    expect(provider.ended).toEqual([]);
    provider.refuseRefresh = false;
    await page.getByRole('button', { name: 'Sign in with your identity provider' }).click();
    await page.getByRole('button', { name: 'Continue as ann' }).click();
    await page.getByRole('heading', { name: 'Capacity' }).first().waitFor({ timeout: 60_000 });
    await tab.close([PROVIDER(), /400/, /401/]);
  });

  it('ends at the provider too with sign-out', async () => {
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await signIn(page, '/settings/preferences');
    await page.getByRole('button', { name: 'ann@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').first().waitFor({ timeout: 60_000 });
    expect(provider.ended).toHaveLength(1);
    expect(provider.ended[0]?.get('id_token_hint')?.split('.')).toHaveLength(3);
    expect(provider.revoked).toEqual(['refresh_token']);
    await page.goto(`${world.origin}/sso/executions`);
    await page.getByRole('button', { name: 'Sign in with your identity provider' }).waitFor();
    await tab.close([PROVIDER()]);
  });

  it('says so when the server refuses the audience', async () => {
    provider.audience = 'another-application';
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await signIn(page, '/');
    await page.getByText('does not accept').first().waitFor({ timeout: 60_000 });
    await tab.look('sign-in-refused');
    await tab.close([PROVIDER(), /401/]);
  });

  it('says so when the user or the provider refuses', async () => {
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await page.goto(`${world.origin}/sso/`);
    await page.getByRole('button', { name: 'Sign in with your identity provider' }).click();
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('access_denied').first().waitFor({ timeout: 60_000 });
    // the address holds nothing that a reload would present again
    expect(new URL(page.url()).search).toBe('');
    await tab.close([PROVIDER()]);
  });

  it('is not needed while the provider is down: the server has users of its own', async () => {
    const { accountId } = await world.plan([1]);
    const name = world.user('DRSOperator');
    await provider.stop();
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await page.goto(`${world.origin}/sso/executions?account=${accountId}`);
    await page.getByRole('button', { name: 'Sign in with your identity provider' }).click();
    await page.getByText('The identity provider cannot be reached').first().waitFor({ timeout: 60_000 });
    await tab.look('sign-in-provider-down');
    await page.fill('input[name=username]', name);
    await page.fill('input[name=password]', PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Executions' }).first().waitFor({ timeout: 60_000 });
    await page.reload();
    await page.getByRole('heading', { name: 'Executions' }).first().waitFor({ timeout: 60_000 });
    await tab.close([PROVIDER(), /ERR_CONNECTION_REFUSED/]);
  });
});
