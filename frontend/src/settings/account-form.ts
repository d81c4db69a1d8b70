/** Rules of the account form; the server has the same and the last word. */
import { t } from '../i18n/t';

export interface AccountForm {
  accountId: string;
  accountName: string;
  roleArn: string;
  externalId: string;
}

const ROLE = /^arn:aws(-[a-z]+)*:iam::(\d{12}):role\/[\w+=,.@/-]{1,512}$/;

/** Texts of what is wrong, by field. `own` is the account of the server. */
export function accountProblems(form: AccountForm, own: string, editing: boolean): Partial<Record<keyof AccountForm, string>> {
  const problems: Partial<Record<keyof AccountForm, string>> = {};
  if (!editing && !/^\d{12}$/.test(form.accountId)) {
    problems.accountId = t('account.problem.id');
  }
  if (form.accountName.trim().length > 64) {
    problems.accountName = t('account.problem.name');
  }
  const role = form.roleArn.trim();
  if (role !== '') {
    const match = ROLE.exec(role);
    if (form.accountId === own) {
      problems.roleArn = t('account.problem.own');
    } else if (match === null) {
      problems.roleArn = t('account.problem.role');
    } else if (match[2] !== form.accountId) {
      problems.roleArn = t('account.problem.other');
    }
  }
  return problems;
}
