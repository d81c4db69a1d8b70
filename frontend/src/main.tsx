import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { StartFailure } from './app/StartFailure';
import { createAdapter } from './auth/create';
import { SessionStore } from './auth/session';
import { loadConfig } from './lib/config';
import { startTheme } from './lib/theme';
import './lib/tokens.css';

async function start(root: HTMLElement): Promise<void> {
  startTheme();
  const view = createRoot(root);
  try {
    const config = await loadConfig();
    const session = new SessionStore(await createAdapter(config), config.idleMinutes * 60_000);
    view.render(
      <StrictMode>
        <App base={{ config, session }} />
      </StrictMode>,
    );
    await session.start();
  } catch (cause) {
    view.render(<StartFailure cause={cause} />);
  }
}

const root = document.getElementById('root');
if (root !== null) {
  void start(root);
}
