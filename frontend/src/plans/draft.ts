/** A plan while it is edited: order, dependencies, rules; pure. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';

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
  /** What the console does not edit, sent back as it came. */
  rest: Record<string, unknown>;
}

export interface PlanDraft {
  name: string;
  description: string;
  email: string;
  maxParallelWaves: number;
  priority: number;
  waves: WaveDraft[];
}

let counter = 0;
export function emptyWave(number: number): WaveDraft {
  counter += 1;
  return {
    key: `wave-${String(counter)}`, name: t('editor.wave.default', { number }), description: '', groupIds: [], serverIds: [],
    pauseBefore: false, needs: [], failurePolicy: 'FAIL_FAST', minLaunchedPercent: 0, autoRetryFailed: 0, deadlineMinutes: 360, rest: {},
  };
}

export function emptyPlan(): PlanDraft {
  return { name: '', description: '', email: '', maxParallelWaves: 1, priority: 5, waves: [emptyWave(1)] };
}

export function draftOf(plan: Schemas['RecoveryPlan']): PlanDraft {
  const sorted = [...plan.waves].sort((a, b) => a.waveNumber - b.waveNumber);
  const keyOf = new Map(sorted.map((w) => [w.waveNumber, `wave-of-${String(w.waveNumber)}`]));
  return {
    name: plan.planName,
    description: plan.description,
    email: plan.notificationEmail ?? '',
    maxParallelWaves: plan.maxParallelWaves ?? 1,
    priority: plan.priority ?? 5,
    waves: sorted.map((w) => ({
      key: keyOf.get(w.waveNumber) ?? '',
      name: w.waveName,
      description: w.waveDescription ?? '',
      groupIds: [...w.protectionGroupIds],
      serverIds: [...w.serverIds],
      pauseBefore: w.pauseBeforeWave,
      needs: w.dependsOnWaves.flatMap((n) => keyOf.get(n) ?? []),
      failurePolicy: w.failurePolicy ?? 'FAIL_FAST',
      minLaunchedPercent: w.minLaunchedPercent ?? 0,
      autoRetryFailed: w.autoRetryFailed ?? 0,
      deadlineMinutes: w.deadlineMinutes ?? 360,
      rest: {
        ...(w.optionalServerIds === undefined ? {} : { optionalServerIds: w.optionalServerIds }),
        ...(w.emptyWavePolicy === undefined ? {} : { emptyWavePolicy: w.emptyWavePolicy }),
        ...(w.launchConfigPolicy === undefined ? {} : { launchConfigPolicy: w.launchConfigPolicy }),
        ...(w.waitForLaunchActions === undefined ? {} : { waitForLaunchActions: w.waitForLaunchActions }),
      },
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

/** The body of a create or update; an empty e-mail address removes it. */
export function planBody(draft: PlanDraft) {
  const number = new Map(draft.waves.map((w, i) => [w.key, i]));
  return {
    name: draft.name.trim(),
    description: draft.description,
    notificationEmail: draft.email.trim(),
    maxParallelWaves: draft.maxParallelWaves,
    priority: draft.priority,
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
    })),
  };
}
