import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Wizard from '@cloudscape-design/components/wizard';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys, useCurrentAccount } from '../api/queries';
import { useServices } from '../app/context';
import { useTitle } from '../app/page';
import { usePermissions } from '../app/permissions';
import '../i18n/accounts';
import '../i18n/more';
import { t } from '../i18n/t';
import { accountProblems, type AccountForm } from '../settings/account-form';
import { HUB_ROLE, newExternalId, TARGET_ROLE, trustPolicy } from '../settings/trust';
import { Validation } from '../settings/Validation';

/** Three steps to a target account: which one, the role that reaches it, and whether it works. */
export default function AccountWizard() {
  useTitle(t('wizard.account.title'));
  const [params] = useSearchParams();
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const gate = usePermissions();
  const own = useCurrentAccount().data?.accountId ?? '';
  const [step, setStep] = useState(0);
  const [tried, setTried] = useState(false);
  const [hubRole, setHubRole] = useState(HUB_ROLE);
  const [form, setForm] = useState<AccountForm>(() => ({
    accountId: params.get('id') ?? '', accountName: '', roleArn: '', externalId: newExternalId(),
  }));
  const [registered, setRegistered] = useState<string | null>(null);
  const foreign = form.accountId !== own;
  const problems = accountProblems(form, own, false);
  const register = useMutation({
    mutationFn: async () => {
      const { accountId } = form;
      const body = {
        accountName: form.accountName.trim(),
        roleArn: foreign ? form.roleArn.trim() : '',
        externalId: foreign ? form.externalId.trim() : '',
      };
      if (registered === accountId) {
        await api.put('/accounts/targets/{id}', { path: { id: accountId }, body });
      } else {
        const filled = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== ''));
        await api.post('/accounts/targets', { body: { accountId, ...filled }, idempotencyKey: crypto.randomUUID() });
        setRegistered(accountId);
      }
      return accountId;
    },
    onSuccess: (accountId) => {
      setStep(2);
      validate.mutate(accountId);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  const validate = useMutation({
    mutationFn: (id: string) => api.post('/accounts/targets/{id}/validate', { path: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
  const leave = () => void navigate('/settings/accounts');
  const field = (key: keyof AccountForm, disabled = false) => (
    <FormField label={t(`account.${key}`)} description={t(`account.${key}.hint`)} errorText={tried ? problems[key] : undefined}>
      <Input value={form[key]} disabled={disabled} onChange={({ detail }) => {
        setForm({ ...form, [key]: detail.value });
      }} />
    </FormField>
  );
  const policy = trustPolicy({ hub: own, hubRole, externalId: form.externalId.trim(), roleArn: form.roleArn });
  const refused = register.isError ? explain(toApiError(register.error)) : undefined;
  if (gate.known && !gate.can('register_accounts')) {
    return (
      <SpaceBetween size="m">
        <Header variant="h1">{t('wizard.account.title')}</Header>
        <StatusIndicator type="stopped">{gate.reason('register_accounts')}</StatusIndicator>
      </SpaceBetween>
    );
  }
  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={register.isPending}
      submitButtonText={t('wizard.account.select')}
      i18nStrings={{
        stepNumberLabel: (n) => t('step', { number: n }),
        collapsedStepsLabel: (n, count) => t('step.of', { number: n, count }),
        navigationAriaLabel: t('wizard.account.title'),
        cancelButton: registered === null ? t('cancel') : t('close'),
        previousButton: t('step.previous'),
        nextButton: step === 1 ? t('wizard.register') : t('step.next'),
      }}
      onCancel={leave}
      onNavigate={({ detail }) => {
        const { requestedStepIndex: wanted } = detail;
        if (wanted < step) {
          setStep(wanted);
          return;
        }
        setTried(true);
        const wrong = step === 0 ? [problems.accountId, problems.accountName] : [problems.roleArn];
        if (wrong.some((text) => text !== undefined)) {
          return;
        }
        setTried(false);
        if (step === 0) {
          setStep(1);
        } else {
          register.mutate();
        }
      }}
      onSubmit={() => {
        flashes.add({ type: 'success', header: t('account.saved', { id: form.accountId }) });
        void navigate(`/?account=${form.accountId}`);
      }}
      steps={[
        {
          title: t('wizard.account.which'),
          description: t('wizard.account.which.description'),
          content: (
            <Container>
              <SpaceBetween size="m">
                {field('accountId', registered !== null)}
                {own === '' || form.accountId === own ? null : (
                  <Button formAction="none" onClick={() => {
                    setForm({ ...form, accountId: own });
                  }}>
                    {t('wizard.account.own', { id: own })}
                  </Button>
                )}
                {field('accountName')}
              </SpaceBetween>
            </Container>
          ),
        },
        {
          title: t('wizard.account.role'),
          description: t('wizard.account.role.description'),
          errorText: refused,
          content: foreign ? (
            <SpaceBetween size="l">
              <Container>
                <SpaceBetween size="m">
                  {field('roleArn')}
                  {field('externalId')}
                  <FormField label={t('wizard.hubrole')} description={t('wizard.hubrole.hint')}>
                    <Input value={hubRole} onChange={({ detail }) => {
                      setHubRole(detail.value);
                    }} />
                  </FormField>
                </SpaceBetween>
              </Container>
              <Container>
                <SpaceBetween size="m">
                  <Box>{t('wizard.trust.what', { role: form.roleArn.trim() || TARGET_ROLE, account: form.accountId })}</Box>
                  <SpaceBetween size="xs" direction="horizontal">
                    <CopyToClipboard
                      copyButtonText={t('wizard.trust.copy')}
                      copySuccessText={t('copied')}
                      copyErrorText={t('copy.failed')}
                      textToCopy={policy}
                    />
                    <CopyToClipboard
                      copyButtonText={t('wizard.external.copy')}
                      copySuccessText={t('copied')}
                      copyErrorText={t('copy.failed')}
                      textToCopy={form.externalId.trim()}
                    />
                  </SpaceBetween>
                  <Box variant="code">
                    <pre>{policy}</pre>
                  </Box>
                  <Box color="text-body-secondary">{t('wizard.trust.template')}</Box>
                </SpaceBetween>
              </Container>
            </SpaceBetween>
          ) : (
            <Alert type="info">{t('wizard.account.norole')}</Alert>
          ),
        },
        {
          title: t('wizard.account.check'),
          description: t('wizard.account.check.description'),
          content: (
            <Container>
              <SpaceBetween size="m">
                {validate.isPending ? <StatusIndicator type="loading">{t('wizard.checking')}</StatusIndicator> : null}
                {validate.isError ? <Alert type="error" header={t('account.validate.failed')}>{explain(toApiError(validate.error))}</Alert> : null}
                {validate.data === undefined ? null : <Validation result={validate.data} />}
                {validate.data?.valid === false ? <Alert type="warning">{t('wizard.invalid')}</Alert> : null}
                <Button formAction="none" loading={validate.isPending} onClick={() => {
                  validate.mutate(form.accountId);
                }}>
                  {t('wizard.again')}
                </Button>
              </SpaceBetween>
            </Container>
          ),
        },
      ]}
    />
  );
}
