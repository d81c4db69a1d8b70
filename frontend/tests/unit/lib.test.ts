import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { csv, csvCell } from '../../src/lib/csv';
import { ConfigError, parseConfig } from '../../src/lib/config';
import { ACTIVE, canCancel, canPause, ENDED, humanize, indicatorOf, isTerminal } from '../../src/lib/status';
import { Pace } from '../../src/lib/pace';
import { continentOf } from '../../src/lib/regions';
import { formatAgo, formatSeconds, formatTime, isoBefore, isoDuration, momentOf, setDateChoice, setZoneChoice, toDate, zoneChoice } from '../../src/lib/time';
import { zip } from '../../src/lib/zip';

describe('times', () => {
  it('takes epoch seconds, milliseconds, numeric texts and ISO texts', () => {
    const moment = '2026-11-29T06:18:12.000Z';
    for (const value of [1795933092, 1795933092000, '1795933092', moment]) {
      expect(toDate(value)?.toISOString()).toBe(moment);
    }
  });

  it('has no time for nothing', () => {
    for (const value of [0, '', '0', null, undefined, 'soon']) {
      expect(toDate(value)).toBeNull();
      expect(formatTime(value)).toBe('–');
    }
  });

  it('names the zone', () => {
    expect(formatTime(1795933092, { zone: 'utc' })).toContain('UTC');
  });

  it('are shown in the chosen zone and form', () => {
    setZoneChoice('Asia/Tokyo');
    setDateChoice('iso');
    expect(formatTime(1795933092)).toMatch(/^2026-11-29 15:18:12 (GMT\+9|JST)$/);
    expect(formatTime(1795933092, { zone: 'utc' })).toBe('2026-11-29 06:18:12 UTC');
    setZoneChoice('Mars/Olympus');
    expect(zoneChoice()).toBe('local');
    setZoneChoice('local');
    setDateChoice('language');
  });

  it.each([
    ['2026-11-29', '14:00', 'Europe/Berlin', '2026-11-29T13:00:00.000Z'],
    ['2026-07-01', '14:00:30', 'Europe/Berlin', '2026-07-01T12:00:30.000Z'],
    // the hour in which clocks are put back
    ['2026-10-25', '03:30', 'Europe/Berlin', '2026-10-25T02:30:00.000Z'],
    ['2026-11-29', '14:00', 'utc', '2026-11-29T14:00:00.000Z'],
    ['2026-11-29', '14:00', 'America/St_Johns', '2026-11-29T17:30:00.000Z'],
  ])('typed as %s %s in %s are %s', (date, time, zone, moment) => {
    expect(momentOf(date, time, zone).toISOString()).toBe(moment);
  });

  it('typed wrong are no time', () => {
    for (const zone of ['local', 'utc', 'Asia/Tokyo']) {
      expect(momentOf('2026-13-01', '14:00', zone).getTime()).toBeNaN();
    }
  });

  it.each([
    [0, '0 s'], [3, '3 s'], [303, '5 min 3 s'], [3600, '1 h'], [3905, '1 h 5 min'], [90061, '1 d 1 h'], [-1, '–'],
    [undefined, '–'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it.each([
    ['PT2M5S', 125], ['P1DT1H', 90000], ['PT0S', 0], ['PT1.5S', 1.5], ['P', null], ['PT', null], ['2 min', null], [5, null],
  ])('lag %s is %s s', (iso, seconds) => {
    expect(isoDuration(iso)).toBe(seconds);
  });

  it('is relative for a week', () => {
    const now = 1795933092000;
    expect(formatAgo(now - 120_000, now)).toBe('2 minutes ago');
    expect(formatAgo(now - 8 * 86_400_000, now)).not.toContain('ago');
  });

  it('begins periods at a whole minute, so that queries are shared', () => {
    expect(isoBefore(3600, 1795933099123)).toBe('2026-11-29T05:18:00.000Z');
  });
});

describe('statuses', () => {
  it('knows what is over; anything unknown is active', () => {
    for (const s of ['COMPLETED', 'PARTIAL', 'FAILED', 'CANCELLED', 'ROLLED_BACK', 'TIMEOUT']) {
      expect(isTerminal(s)).toBe(true);
    }
    for (const s of ['RUNNING', 'PAUSE_PENDING', 'CANCELLING', 'SOMETHING_NEW', undefined]) {
      expect(isTerminal(s)).toBe(false);
    }
  });

  it('are all in one of the two lists, as the API names them', () => {
    const names = /ExecutionStatus:\s+type: string\s+enum: \[([^\]]+)\]/.exec(readFileSync(join(import.meta.dirname, '../../../openapi/drs.yaml'), 'utf8'))?.[1]?.split(',').map((s) => s.trim()) ?? [];
    expect(names).toContain('POLLING');
    for (const name of names) {
      expect([ACTIVE.includes(name), ENDED.includes(name), isTerminal(name)], name).toEqual(ENDED.includes(name) ? [false, true, true] : [true, false, false]);
    }
  });

  it('offers cancel in every state the server takes it', () => {
    for (const s of ['PENDING', 'RUNNING', 'POLLING', 'PAUSED', 'PAUSE_PENDING']) {
      expect(canCancel(s)).toBe(true);
    }
    expect(canCancel('CANCELLING')).toBe(false);
    expect(canCancel('COMPLETED')).toBe(false);
  });

  it('offers pause only while a wave waits', () => {
    const wave = (status: 'PENDING' | 'IN_PROGRESS') => ({ waveNumber: 0, waveName: 'a', status });
    expect(canPause({ status: 'RUNNING', waves: [wave('IN_PROGRESS'), wave('PENDING')] })).toBe(true);
    expect(canPause({ status: 'RUNNING', waves: [wave('IN_PROGRESS')] })).toBe(false);
    expect(canPause({ status: 'PAUSED', waves: [wave('PENDING')] })).toBe(false);
  });

  it('never leaves a status without a sign', () => {
    expect(indicatorOf('completed')).toBe('success');
    expect(indicatorOf('NEVER_SEEN')).toBe('info');
    expect(humanize('PAUSE_PENDING')).toBe('Pause pending');
  });
});

describe('files', () => {
  it.each(['=1+1', '+1', '-1', '@x'])('%s is no formula', (cell) => {
    expect(csvCell(cell)).toBe(`'${cell}`);
  });

  it('quotes what needs it', () => {
    expect(csv(['a', 'b'], [['x,y', 'say "hi"'], [null, 3]])).toBe('a,b\r\n"x,y","say ""hi"""\r\n,3\r\n');
  });
});

describe('several files as one', () => {
  it('are read by others as they were, with their sums, names and time', async () => {
    const texts = { 'a.csv': 'x,y\r\n1,2\r\n', 'größe.csv': 'Größe\r\n', 'empty.csv': '' };
    const file = join(mkdtempSync(join(tmpdir(), 'zip-')), 'all.zip');
    const blob = zip(Object.entries(texts).map(([name, text]) => ({ name, text })), new Date('2026-11-29T10:20:30Z'));
    writeFileSync(file, Buffer.from(await blob.arrayBuffer()));
    const read = 'import json, sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nprint(json.dumps([z.testzip(), {i.filename: [z.read(i).decode(), i.date_time] for i in z.infolist()}]))';
    const [bad, found] = JSON.parse(execFileSync('/usr/bin/python3', ['-c', read, file], { encoding: 'utf8' })) as [string | null, Record<string, unknown>];
    rmSync(dirname(file), { recursive: true });
    expect(bad).toBeNull();
    expect(found).toEqual(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, [text, [2026, 11, 29, 10, 20, 30]]])));
  });
});

describe('config.json', () => {
  const base = 'https://dr.example/console/';

  it('has defaults for all but nothing', () => {
    const config = parseConfig({}, base);
    expect(config.apiBase).toBe('https://dr.example/console/api');
    expect(config.auth).toEqual({ adapter: 'local' });
    expect(config.drillMaxAgeDays).toBe(90);
    expect(config.instancesLeftHours).toBe(24);
  });

  it('switches off what it names', () => {
    expect([...parseConfig({}, base).switchedOff]).toEqual([]);
    expect([...parseConfig({ features: { recovery: false, reports: true, unheard: false } }, base).switchedOff]).toEqual(['recovery']);
  });

  it('takes an API elsewhere', () => {
    expect(parseConfig({ apiBase: '/api' }, base).apiBase).toBe('https://dr.example/api');
  });

  it.each([
    [[], 'an object'],
    [{ apiBase: 5 }, '"apiBase"'],
    [{ auth: 'oidc' }, '"auth"'],
    [{ auth: { adapter: 'saml' } }, '"adapter"'],
    [{ auth: { adapter: 'oidc' } }, '"authority"'],
    [{ idleMinutes: 0 }, '"idleMinutes"'],
    [{ consoleUrl: 'javascript:alert(1)' }, '"consoleUrl"'],
    [{ environment: {} }, '"name"'],
    [{ drillMaxAgeDays: '90' }, '"drillMaxAgeDays"'],
    [{ instancesLeftHours: 0 }, '"instancesLeftHours"'],
    [{ features: ['reports'] }, '"features"'],
    [{ features: { reports: 'no' } }, '"features.reports"'],
  ])('%j is refused and the key named', (raw, key) => {
    expect(() => parseConfig(raw, base)).toThrow(ConfigError);
    expect(() => parseConfig(raw, base)).toThrow(key);
  });
});

describe('Regions', () => {
  it.each([
    ['us-east-1', 'northamerica'], ['us-gov-west-1', 'gov'], ['sa-east-1', 'southamerica'], ['eu-central-2', 'europe'], ['il-central-1', 'middleeast'],
    ['af-south-1', 'africa'], ['ap-southeast-4', 'asia'], ['xx-new-1', 'other'],
  ])('%s is in %s', (region, continent) => {
    expect(continentOf(region)).toBe(continent);
  });
});

describe('the pace of requests', () => {
  it('lets some through at once, later ones at a steady rate, and some at once again after a rest', () => {
    const pace = new Pace(3, 10);
    expect([0, 0, 0, 0, 0].map((now) => pace.wait(now))).toEqual([0, 0, 0, 100, 200]);
    expect(pace.wait(150)).toBe(150);
    expect([10_000, 10_000, 10_000, 10_000].map((now) => pace.wait(now))).toEqual([0, 0, 0, 100]);
  });
});
