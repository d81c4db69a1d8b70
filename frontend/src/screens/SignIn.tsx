import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useBase, useSession } from '../app/context';
import { safeReturnTo } from '../auth/adapter';
import type { SessionState } from '../auth/session';
import { t } from '../i18n/t';

const ChangePassword = lazy(() => import('./ChangePassword'));

function LocalForm() {
  const { session } = useBase();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit() {
    if (busy || username.trim() === '' || password === '' || session.adapter.signIn === undefined) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      session.accept(await session.adapter.signIn(username.trim(), password));
    } catch (cause) {
      setError(explain(toApiError(cause)));
      setBusy(false);
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyUp={(event) => {
        setCapsLock(event.getModifierState('CapsLock'));
      }}
    >
      <Form
        actions={
          <Button variant={session.adapter.redirect === undefined ? 'primary' : 'normal'} formAction="submit" loading={busy} loadingText={t('signin.busy')}>
            {t('signin.submit')}
          </Button>
        }
        errorText={error}
      >
        <SpaceBetween size="m">
          <FormField label={t('signin.username')}>
            <Input
              value={username}
              name="username"
              autoComplete="username"
              autoFocus
              spellcheck={false}
              onChange={({ detail }) => {
                setUsername(detail.value);
              }}
            />
          </FormField>
          <FormField
            label={t('signin.password')}
            constraintText={capsLock ? t('signin.caps') : undefined}
          >
            <Input
              value={password}
              name="password"
              type={shown ? 'text' : 'password'}
              autoComplete="current-password"
              spellcheck={false}
              onChange={({ detail }) => {
                setPassword(detail.value);
              }}
            />
          </FormField>
          <Checkbox
            checked={shown}
            onChange={({ detail }) => {
              setShown(detail.checked);
            }}
          >
            {t('signin.show')}
          </Checkbox>
        </SpaceBetween>
      </Form>
    </form>
  );
}

function ProviderButton({ returnTo }: { returnTo: string }) {
  const { session } = useBase();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  return (
    <SpaceBetween size="s">
      {error === null ? null : <Alert type="error">{error}</Alert>}
      <Button
        variant="primary"
        formAction="none"
        fullWidth
        loading={busy}
        onClick={() => {
          setBusy(true);
          session.adapter.redirect?.(returnTo).catch((cause: unknown) => {
            setBusy(false);
            setError(t('signin.provider.failed', { message: toApiError(cause).message }));
          });
        }}
      >
        {t('signin.provider')}
      </Button>
    </SpaceBetween>
  );
}

export default function SignIn() {
  const state = useSession();
  useEffect(() => {
    document.title = `${t('signin.title')} · ${t('product')}`;
  }, []);
  // where to return to is known only after a redirect was looked at
  return state.phase === 'restoring' ? null : <Card state={state} />;
}

function Card({ state }: { state: Exclude<SessionState, { phase: 'restoring' }> }) {
  const { session, config } = useBase();
  const [params] = useSearchParams();
  const [returnTo] = useState(() => safeReturnTo(session.returnTo() ?? params.get('returnTo')));
  if (state.phase === 'signed-in' && !state.session.mustChangePassword) {
    return <Navigate to={returnTo} replace />;
  }
  const reason = state.phase === 'signed-out' && state.reason !== 'none' ? state.reason : null;
  const { redirect, signIn } = session.adapter;
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <SpaceBetween size="l">
          <Box variant="h1" textAlign="center">
            {t('product')}
          </Box>
          {config.environment === null ? null : <Box textAlign="center">{config.environment.name}</Box>}
          {reason === null ? null : (
            <Alert type={reason === 'refused' || reason === 'failed' ? 'error' : 'info'}>
              {t(`signin.reason.${reason}`, { message: state.phase === 'signed-out' ? state.detail : undefined })}
            </Alert>
          )}
          <Container header={<Header variant="h2">{t('signin.title')}</Header>}>
            {state.phase === 'signed-in' ? (
              <Suspense>
                <ChangePassword session={state.session} forced onCancel={() => void session.signOut()} />
              </Suspense>
            ) : (
              <SpaceBetween size="l">
                {redirect === undefined ? null : <ProviderButton returnTo={returnTo} />}
                {redirect !== undefined && signIn !== undefined ? (
                  <Box variant="h3">{t('signin.breakglass')}</Box>
                ) : null}
                {signIn === undefined ? null : <LocalForm />}
              </SpaceBetween>
            )}
          </Container>
        </SpaceBetween>
      </div>
    </main>
  );
}
