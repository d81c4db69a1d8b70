/** A plan while it is edited: order, dependencies, rules; pure. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import { field, type Part } from '../lib/merge';
import { isoDuration } from '../lib/time';

export interface WaveDraft {
  /** Stays the same when waves are moved. */
  key: string;
  name: string;
  description: string;
  groupIds: string[];
  /** Empty: all servers of the groups. */
  serverIds: string[];
  pauseBefore: boolean;
  /** Keys of waves that come first. */
  needs: string[];
  failurePolicy: 'FAIL_FAST' | 'CONTINUE' | 'PAUSE';
  minLaunchedPercent: number;
  autoRetryFailed: number;
  deadlineMinutes: number;
  /** Servers whose failure does not count. */
  optionalServerIds: string[];
  emptyWavePolicy: 'FAIL' | 'SKIP';
  /** Empty: strict for a recovery, best effort for a drill. */
  launchConfigPolicy: '' | 'STRICT' | 'BEST_EFFORT';
  waitForLaunchActions: boolean;
  /** What the console does not edit, sent back as it came. */
  rest: Record<string, unknown>;
}

export interface PlanDraft {
  name: string;
  description: string;
  email: string;
  maxParallelWaves: number;
  priority: number;
  /** Targets as typed: minutes, or nothing. */
  rto: string;
  rpo: string;
  interWaveDelaySeconds: number;
  interServerDelaySeconds: number;
  waves: WaveDraft[];
}

export function emptyWave(number: number): WaveDraft {
  return {
    key: crypto.randomUUID(), name: t('editor.wave.default', { number }), description: '', groupIds: [], serverIds: [],
    pauseBefore: false, needs: [], failurePolicy: 'FAIL_FAST', minLaunchedPercent: 0, autoRetryFailed: 0, deadlineMinutes: 360,
    optionalServerIds: [], emptyWavePolicy: 'FAIL', launchConfigPolicy: '', waitForLaunchActions: false, rest: {},
  };
}

export function emptyPlan(): PlanDraft {
  return {
    name: '', description: '', email: '', maxParallelWaves: 1, priority: 5, rto: '', rpo: '', interWaveDelaySeconds: 0, interServerDelaySeconds: 0,
    waves: [emptyWave(1)],
  };
}

type Wave = Schemas['Wave'];

/** What the console does not edit goes back as it came. */
const ELSEWHERE = ['preWaveActions', 'postWaveActions', 'healthCheckConfig', 'rollbackConfig'] as const satisfies readonly (keyof Wave)[];

/** Keys of waves; a wave that was there before keeps its key: by its name, else by its place. */
function keysOf(waves: readonly Wave[], before: readonly WaveDraft[]): string[] {
  const free = new Map(before.map((w) => [w.key, w]));
  const claim = (key: string | undefined) => {
    if (key !== undefined) {
      free.delete(key);
    }
    return key;
  };
  const byName = waves.map((w) => claim([...free.values()].find((old) => old.name === w.waveName)?.key));
  return waves.map((w, i) => byName[i] ?? claim(free.get(before[i]?.key ?? '')?.key) ?? `stored-${String(w.waveNumber)}-${w.waveName}`);
}

export function draftOf(plan: Schemas['RecoveryPlan'], before: PlanDraft | null = null): PlanDraft {
  const sorted = [...plan.waves].sort((a, b) => a.waveNumber - b.waveNumber);
  const keys = keysOf(sorted, before?.waves ?? []);
  const keyOf = new Map(sorted.map((w, i) => [w.waveNumber, keys[i] ?? '']));
  return {
    name: plan.planName,
    description: plan.description,
    email: plan.notificationEmail ?? '',
    maxParallelWaves: plan.maxParallelWaves ?? 1,
    priority: plan.priority ?? 5,
    rto: plan.rto === undefined ? '' : String(plan.rto),
    rpo: plan.rpo === undefined ? '' : String(plan.rpo),
    interWaveDelaySeconds: plan.interWaveDelaySeconds ?? 0,
    interServerDelaySeconds: plan.interServerDelaySeconds ?? 0,
    waves: sorted.map((w) => ({
      key: keyOf.get(w.waveNumber) ?? '',
      name: w.waveName,
      description: w.waveDescription ?? '',
      groupIds: [...w.protectionGroupIds],
      // all of the groups are named too, but follow them
      serverIds: w.serverSelection === 'ALL' ? [] : [...w.serverIds],
      pauseBefore: w.pauseBeforeWave,
      needs: w.dependsOnWaves.flatMap((n) => keyOf.get(n) ?? []),
      failurePolicy: w.failurePolicy ?? 'FAIL_FAST',
      minLaunchedPercent: w.minLaunchedPercent ?? 0,
      autoRetryFailed: w.autoRetryFailed ?? 0,
      deadlineMinutes: w.deadlineMinutes ?? 360,
      optionalServerIds: [...(w.optionalServerIds ?? [])],
      emptyWavePolicy: w.emptyWavePolicy ?? 'FAIL',
      launchConfigPolicy: w.launchConfigPolicy ?? '',
      waitForLaunchActions: w.waitForLaunchActions ?? false,
      rest: Object.fromEntries(ELSEWHERE.flatMap((name) => (w[name] === undefined ? [] : [[name, w[name]]]))),
    })),
  };
}

/** Dependencies only on waves before it: what a move broke is dropped. */
export function tidy(waves: readonly WaveDraft[]): WaveDraft[] {
  return waves.map((wave, i) => {
    const before = new Set(waves.slice(0, i).map((w) => w.key));
    return { ...wave, needs: wave.needs.filter((key) => before.has(key)), pauseBefore: i > 0 && wave.pauseBefore };
  });
}

export function move(waves: readonly WaveDraft[], from: number, to: number): WaveDraft[] {
  const out = [...waves];
  const [wave] = out.splice(from, 1);
  if (wave === undefined || to < 0 || to >= waves.length) {
    return [...waves];
  }
  out.splice(to, 0, wave);
  return tidy(out);
}

export function removeWave(waves: readonly WaveDraft[], index: number): WaveDraft[] {
  return tidy(waves.filter((_, i) => i !== index));
}

/** Texts of what is wrong; keys are `name`, `email`, `waves` or `<key>.<field>`. */
export function planProblems(draft: PlanDraft): Record<string, string> {
  const problems: Record<string, string> = {};
  const name = draft.name.trim();
  if (name === '' || [...name].length > 64) {
    problems.name = t('editor.problem.name');
  }
  if (draft.email.trim() !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(draft.email.trim())) {
    problems.email = t('editor.problem.email');
  }
  for (const target of ['rto', 'rpo'] as const) {
    if (draft[target].trim() !== '' && !(Number(draft[target]) > 0 && Number(draft[target]) < 10_000_000) && isoDuration(draft[target].trim()) === null) {
      problems[target] = t('editor.problem.minutes');
    }
  }
  if (draft.waves.length === 0) {
    problems.waves = t('editor.problem.waves');
  }
  for (const wave of draft.waves) {
    if (wave.name.trim() === '' || [...wave.name.trim()].length > 64) {
      problems[`${wave.key}.name`] = t('editor.problem.name');
    }
    if (wave.groupIds.length === 0) {
      problems[`${wave.key}.groups`] = t('editor.problem.groups');
    }
  }
  return problems;
}

/** A target as it is stored: minutes, a duration, or null to take it away. */
function target(text: string): number | string | null {
  const typed = text.trim();
  return typed === '' ? null : Number.isNaN(Number(typed)) ? typed : Number(typed);
}

/** The body of a create or update; an empty e-mail address removes it. */
export function planBody(draft: PlanDraft) {
  const number = new Map(draft.waves.map((w, i) => [w.key, i]));
  return {
    name: draft.name.trim(),
    description: draft.description,
    notificationEmail: draft.email.trim(),
    maxParallelWaves: draft.maxParallelWaves,
    priority: draft.priority,
    rto: target(draft.rto),
    rpo: target(draft.rpo),
    interWaveDelaySeconds: draft.interWaveDelaySeconds,
    interServerDelaySeconds: draft.interServerDelaySeconds,
    waves: draft.waves.map((w, i) => ({
      ...w.rest,
      waveNumber: i,
      waveName: w.name.trim(),
      waveDescription: w.description,
      protectionGroupIds: w.groupIds,
      serverIds: w.serverIds,
      pauseBeforeWave: w.pauseBefore,
      dependsOnWaves: w.needs.flatMap((key) => number.get(key) ?? []).sort((a, b) => a - b),
      failurePolicy: w.failurePolicy,
      minLaunchedPercent: w.minLaunchedPercent,
      autoRetryFailed: w.autoRetryFailed,
      deadlineMinutes: w.deadlineMinutes,
      optionalServerIds: w.optionalServerIds,
      emptyWavePolicy: w.emptyWavePolicy,
      ...(w.launchConfigPolicy === '' ? {} : { launchConfigPolicy: w.launchConfigPolicy }),
      waitForLaunchActions: w.waitForLaunchActions,
    })),
  };
}

/** Key of the problem for a field that the server names. */
export function planField(name: string, draft: PlanDraft): string | null {
  const wave = /^waves\[(\d+)\](?:\.(\w+))?/.exec(name);
  if (wave !== null) {
    const key = draft.waves[Number(wave[1])]?.key;
    const parts: Record<string, string> = { waveName: 'name', name: 'name' };
    return key === undefined ? null : `${key}.${parts[wave[2] ?? ''] ?? 'groups'}`;
  }
  const fields: Record<string, string> = { name: 'name', planName: 'name', notificationEmail: 'email', rto: 'rto', rpo: 'rpo', waves: 'waves' };
  return fields[name] ?? null;
}

type WaveField = Exclude<keyof WaveDraft, 'key'>;

/** Fields, the list of waves, and the fields of `shared` waves. */
function parts(drafts: readonly PlanDraft[], shared: readonly WaveDraft[], groupName: (id: string) => string): Part<PlanDraft>[] {
  const names = new Map(drafts.flatMap((d) => d.waves).map((w) => [w.key, w.name]));
  const keys = (draft: PlanDraft) => draft.waves.map((w) => w.key);
  // a wave can have another name on the other side
  const called = (list: readonly string[], draft: PlanDraft) => list.map((key) => draft.waves.find((w) => w.key === key)?.name ?? names.get(key) ?? key).join(', ');
  const yesNo = (value: boolean) => t(value ? 'yes' : 'no');
  const waveField = <K extends WaveField>(wave: WaveDraft, name: K, label: string, show: (value: WaveDraft[K], draft: PlanDraft) => string = (v) => String(v)): Part<PlanDraft> => {
    const of = (draft: PlanDraft) => draft.waves.find((w) => w.key === wave.key);
    return {
      id: `${wave.key}.${name}`,
      label: t('editor.part', { wave: wave.name, field: label }),
      value: (draft) => of(draft)?.[name],
      show: (draft) => {
        const found = of(draft);
        return found === undefined ? '' : show(found[name], draft);
      },
      take: (from, into) => {
        const found = of(from);
        return found === undefined
          ? into
          : { ...into, waves: tidy(into.waves.map((w) => (w.key === wave.key ? { ...w, [name]: found[name] } : w))) };
      },
    };
  };
  return [
    field('name', t('name')),
    field('description', t('description')),
    field('email', t('plan.mail')),
    field('maxParallelWaves', t('plan.parallel')),
    field('priority', t('plan.priority')),
    field('rto', t('editor.rto')),
    field('rpo', t('editor.rpo')),
    field('interWaveDelaySeconds', t('editor.delay.waves')),
    field('interServerDelaySeconds', t('editor.delay.servers')),
    {
      id: 'waves',
      label: t('waves'),
      value: keys,
      show: (draft) => called(keys(draft), draft),
      take: (from, into) => ({ ...into, waves: tidy(from.waves.map((w) => into.waves.find((own) => own.key === w.key) ?? w)) }),
    },
    ...shared.flatMap((w) => [
      waveField(w, 'name', t('name')),
      waveField(w, 'description', t('description')),
      waveField(w, 'groupIds', t('nav.groups'), (ids) => ids.map(groupName).join(', ')),
      waveField(w, 'serverIds', t('servers'), (ids) => (ids.length === 0 ? t('plan.servers.all') : ids.join(', '))),
      waveField(w, 'needs', t('plan.depends'), called),
      waveField(w, 'pauseBefore', t('editor.pause'), yesNo),
      waveField(w, 'failurePolicy', t('plan.policy'), (policy) => t(`policy.${policy}`)),
      waveField(w, 'minLaunchedPercent', t('editor.threshold')),
      waveField(w, 'autoRetryFailed', t('editor.retries')),
      waveField(w, 'deadlineMinutes', t('editor.deadline')),
      waveField(w, 'optionalServerIds', t('editor.optional'), (ids) => ids.join(', ')),
      waveField(w, 'emptyWavePolicy', t('editor.empty'), (policy) => t(`editor.empty.${policy}`)),
      waveField(w, 'launchConfigPolicy', t('editor.launch'), (policy) => t(policy === '' ? 'editor.launch.default' : `editor.launch.${policy}`)),
      waveField(w, 'waitForLaunchActions', t('editor.actions'), yesNo),
      waveField(w, 'rest', t('editor.part.rest'), (rest) => (Object.keys(rest).length === 0 ? '' : JSON.stringify(rest))),
    ]),
  ];
}

/** What is compared when two people edited the same plan; fields of waves that both have. */
export function planParts(base: PlanDraft, mine: PlanDraft, theirs: PlanDraft, groupName: (id: string) => string): Part<PlanDraft>[] {
  const kept = new Set(theirs.waves.map((w) => w.key));
  return parts([base, theirs, mine], mine.waves.filter((w) => kept.has(w.key)), groupName);
}

/** What is compared of two plans or versions, waves of one of them too. */
export function comparedParts(left: PlanDraft, right: PlanDraft, groupName: (id: string) => string): Part<PlanDraft>[] {
  const known = new Set(left.waves.map((w) => w.key));
  return parts([left, right], [...left.waves, ...right.waves.filter((w) => !known.has(w.key))], groupName);
}

/** A new plan like another one. */
export function copyOfPlan(plan: Schemas['RecoveryPlan']): PlanDraft {
  return { ...draftOf(plan), name: [...t('plan.copy', { name: plan.planName })].slice(0, 64).join('') };
}
