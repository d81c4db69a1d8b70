import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useBase } from '../app/context';
import { PASSWORD_RULES, type Session } from '../auth/adapter';
import { t, type MessageId } from '../i18n/t';

/** Password form of local users; `forced` after a temporary password. */
export default function ChangePassword({
  session,
  forced = false,
  onCancel,
  onDone,
}: {
  session: Session;
  forced?: boolean;
  onCancel: () => void;
  onDone?: () => void;
}) {
  const services = useBase();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const failed = PASSWORD_RULES.filter((rule) => !rule.ok(next, current));
  const ready = current !== '' && failed.length === 0 && next === again && !busy;

  async function submit() {
    const change = services.session.adapter.changePassword?.bind(services.session.adapter);
    if (!ready || change === undefined) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      services.session.accept(await change(session, current, next));
      onDone?.();
    } catch (cause) {
      setError(explain(toApiError(cause)));
      setBusy(false);
    }
  }

  const field = (label: MessageId, value: string, set: (v: string) => void, autoComplete: string) => (
    <FormField label={t(label)}>
      <Input
        type="password"
        value={value}
        autoComplete={autoComplete}
        onChange={({ detail }) => {
          set(detail.value);
        }}
      />
    </FormField>
  );

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Form
        errorText={error}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" formAction="none" onClick={onCancel}>
              {t('cancel')}
            </Button>
            <Button variant="primary" formAction="submit" disabled={!ready} loading={busy}>
              {t('password.submit')}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="m">
          {forced ? <div>{t('password.forced', { name: session.name })}</div> : null}
          {field('password.current', current, setCurrent, 'current-password')}
          {field('password.next', next, setNext, 'new-password')}
          <ul className="plain-list" aria-label={t('password.rules')}>
            {PASSWORD_RULES.map((rule) => (
              <li key={rule.id}>
                <StatusIndicator type={rule.ok(next, current) ? 'success' : 'pending'}>
                  {t(`password.rule.${rule.id}` as MessageId)}
                </StatusIndicator>
              </li>
            ))}
          </ul>
          {field('password.again', again, setAgain, 'new-password')}
          {again !== '' && again !== next ? (
            <StatusIndicator type="error">{t('password.differ')}</StatusIndicator>
          ) : null}
        </SpaceBetween>
      </Form>
    </form>
  );
}
