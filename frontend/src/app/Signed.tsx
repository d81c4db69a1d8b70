import I18nProvider from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { ApiClient } from '../api/client';
import { Invalidator } from '../api/queries';
import { refreshChoice } from '../lib/stored';
import { LiveConnection } from '../live/connection';
import { AccountProvider } from './account';
import { ServicesContext, useBase, type Base, type Services } from './context';
import { Flashes } from './flashes';
import { Notices } from './notices';
import { queryClient } from './query-client';
import { Shell } from './Shell';
import { texts } from '../i18n/en';
import { icu } from '../i18n/icu';
import { register } from '../i18n/t';

register(texts, icu);

function create(base: Base, open: (href: string) => void) {
  const { config, session } = base;
  const client = queryClient();
  const stale = new Invalidator(client);
  const state = session.snapshot();
  const notices = new Notices(state.phase === 'signed-in' ? state.session.name : '');
  const live = new LiveConnection(
    `${config.apiBase}/events`,
    session,
    {
      event: (event) => {
        stale.event(event);
        if (event.event === 'notice' || event.event === 'launchconfig.status') {
          void import('../notices/incoming').then(({ take }) => {
            take(event, notices, open);
          });
        }
      },
      opened: () => void client.invalidateQueries({ predicate: ({ state }) => state.fetchStatus === 'idle' && state.data !== undefined }),
      reset: () => void client.invalidateQueries(),
    },
    config.live === 'auto' && refreshChoice() === 'live',
  );
  const services: Services = { ...base, api: new ApiClient(config.apiBase, session), live, notices, flashes: new Flashes((flash) => {
    notices.flash(flash);
  }) };
  if (config.telemetryUrl !== null) {
    const { telemetryUrl } = config;
    void import('../telemetry/telemetry').then(({ Telemetry }) => {
      new Telemetry(telemetryUrl, () => window.location.pathname).start(services.api);
    });
  }
  return { client, services };
}

/**
 * Everything around the pages of a signed-in user. It is loaded after
 * sign-in and thrown away at sign-out with all that was cached.
 */
export default function Signed() {
  const base = useBase();
  const navigate = useNavigate();
  const [{ client, services }] = useState(() => create(base, (href) => void navigate(href)));
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <ServicesContext value={services}>
        <QueryClientProvider client={client}>
          <AccountProvider>
            <Shell />
          </AccountProvider>
        </QueryClientProvider>
      </ServicesContext>
    </I18nProvider>
  );
}
