/** Forms of notification settings and webhooks; the server has the same rules and the last word. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';

export type Settings = Schemas['NotificationSettings'];
export type Webhook = Schemas['Webhook'];

export interface NotifyForm {
  executionTopicArn: string;
  alertsTopicArn: string;
  adminEmail: string;
  publicBaseUrl: string;
  /** Hours after the begin of a pause, as text: "24, 168". */
  reminders: string;
  events: Record<string, boolean>;
}

export type Problems = Readonly<Record<string, string | undefined>>;

const TOPIC = /^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;
const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function notifyForm(settings: Settings): NotifyForm {
  return {
    executionTopicArn: settings.executionTopicArn ?? '',
    alertsTopicArn: settings.alertsTopicArn ?? '',
    adminEmail: settings.adminEmail,
    publicBaseUrl: settings.publicBaseUrl ?? '',
    reminders: settings.pauseReminderHours.join(', '),
    events: { ...settings.events },
  };
}

/** The numbers of "24, 168", or null. */
export function hoursOf(text: string): number[] | null {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const hours = parts.map(Number);
  return hours.length <= 20 && hours.every((h) => Number.isInteger(h) && h >= 1 && h <= 8760) ? hours : null;
}

function isHttps(text: string): boolean {
  try {
    return new URL(text).protocol === 'https:';
  } catch {
    return false;
  }
}

export function notifyProblems(form: NotifyForm): Problems {
  const topic = (arn: string) => (arn === '' || TOPIC.test(arn) ? undefined : t('notify.problem.topic'));
  const problems: Record<string, string | undefined> = {
    executionTopicArn: topic(form.executionTopicArn.trim()),
    alertsTopicArn: topic(form.alertsTopicArn.trim()),
    adminEmail: form.adminEmail.trim() === '' || MAIL.test(form.adminEmail.trim()) ? undefined : t('editor.problem.email'),
    publicBaseUrl: form.publicBaseUrl.trim() === '' || isHttps(form.publicBaseUrl.trim()) ? undefined : t('notify.problem.url'),
    pauseReminderHours: hoursOf(form.reminders) === null ? t('notify.problem.hours') : undefined,
  };
  return Object.fromEntries(Object.entries(problems).filter(([, text]) => text !== undefined));
}

export function notifyBody(form: NotifyForm) {
  return {
    executionTopicArn: form.executionTopicArn.trim(),
    alertsTopicArn: form.alertsTopicArn.trim(),
    adminEmail: form.adminEmail.trim(),
    publicBaseUrl: form.publicBaseUrl.trim(),
    pauseReminderHours: hoursOf(form.reminders) ?? [],
    events: form.events,
  };
}

export interface WebhookForm {
  name: string;
  url: string;
  allEvents: boolean;
  events: string[];
  allPlans: boolean;
  planIds: string[];
  enabled: boolean;
  /** Empty: the one that is stored stays. */
  secret: string;
}

/** A secret that nobody guesses. */
export function newSecret(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export function webhookForm(webhook: Webhook | null): WebhookForm {
  return webhook === null
    ? { name: '', url: '', allEvents: true, events: [], allPlans: true, planIds: [], enabled: true, secret: newSecret() }
    : {
        name: webhook.name, url: webhook.url, allEvents: webhook.events.includes('*'), events: webhook.events.filter((e) => e !== '*'),
        allPlans: webhook.planIds.length === 0, planIds: [...webhook.planIds], enabled: webhook.enabled, secret: '',
      };
}

export function webhookProblems(form: WebhookForm, isNew: boolean): Problems {
  const problems: Record<string, string> = {};
  const name = [...form.name.trim()].length;
  if (name < 1 || name > 64) {
    problems.name = t('editor.problem.name');
  }
  if (!isHttps(form.url.trim())) {
    problems.url = t('notify.problem.url');
  }
  if (!form.allEvents && form.events.length === 0) {
    problems.events = t('webhook.problem.events');
  }
  if (!form.allPlans && form.planIds.length === 0) {
    problems.planIds = t('webhook.problem.plans');
  }
  const secret = [...form.secret].length;
  if ((isNew || secret > 0) && (secret < 16 || secret > 256)) {
    problems.secret = t('webhook.problem.secret');
  }
  return problems;
}

export function webhookBody(form: WebhookForm) {
  return {
    name: form.name.trim(),
    url: form.url.trim(),
    events: form.allEvents ? ['*'] : form.events,
    planIds: form.allPlans ? [] : form.planIds,
    enabled: form.enabled,
  };
}
