/** The timeline as a picture of its own: an SVG that needs no style sheet; pure but for `palette` and `png`. */
import { formatSeconds } from '../lib/time';
import { percent, ticks, type Pause, type Segment, type SegmentKind, type Span } from './timeline';

export interface PictureRow {
  name: string;
  status: string;
  segments: readonly Segment[];
  /** Of an earlier run, at the same distance from the start. */
  before: readonly Segment[];
  child: boolean;
}

export interface Mark {
  at: number;
  text: string;
  dashed: boolean;
}

export interface Picture {
  title: string;
  subtitle: string;
  rows: readonly PictureRow[];
  view: Span;
  start: number;
  startText: string;
  pauses: readonly Pause[];
  marks: readonly Mark[];
  legend: readonly { kind: SegmentKind | 'pause' | 'before'; text: string }[];
}

export interface Palette {
  background: string;
  text: string;
  success: string;
  info: string;
  warning: string;
  error: string;
  inactive: string;
  font: string;
}

const ROW = 24;
const HEAD = 64;
const AXIS = 24;
const NAMES = 260;
const TIMES = 150;
const WIDTH = 1400;
const LEGEND = 150;

const COLOUR: Record<SegmentKind, keyof Palette> = {
  queue: 'inactive', waiting: 'inactive', cancelled: 'inactive', cleanup: 'info', snapshot: 'info', conversion: 'info', launch: 'info', running: 'info',
  done: 'success', partial: 'warning', failed: 'error',
};

/** Kinds that are told apart by more than their colour. */
const PATTERN: Partial<Record<SegmentKind, string>> = {
  snapshot: 'M0 0V6', cleanup: 'M0 0V6', conversion: 'M0 0H6', partial: 'M0 0L6 6', failed: 'M0 6L6 0M0 0L6 6',
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${String(c.charCodeAt(0))};`)
    // what XML 1.0 does not know at all
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}

function patterns(palette: Palette): string {
  const one = (id: string, colour: string, path: string) =>
    `<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse"><path d="${path}" stroke="${colour}" stroke-width="2" fill="none"/></pattern>`;
  return [
    ...Object.entries(PATTERN).map(([kind, path]) => one(kind, palette[COLOUR[kind as SegmentKind]], path)),
    one('pause', palette.warning, 'M0 6L6 0'),
  ].join('');
}

function box(kind: SegmentKind, palette: Palette, x: number, y: number, width: number, height: number): string {
  const colour = palette[COLOUR[kind]];
  const fill = kind === 'queue' || kind === 'waiting' ? 'none' : PATTERN[kind] === undefined ? colour : `url(#${kind})`;
  return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(2, width).toFixed(1)}" height="${String(height)}" rx="2" fill="${fill}" stroke="${colour}"/>`;
}

const shorten = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

export function timelineSvg(picture: Picture, palette: Palette): string {
  const { rows, view, start, pauses, marks, legend } = picture;
  const x = (time: number) => NAMES + (percent(view, time) / 100) * (WIDTH - NAMES - TIMES);
  const bottom = HEAD + rows.length * ROW;
  const perLine = Math.floor((WIDTH - 20) / LEGEND);
  const height = bottom + AXIS + Math.ceil(legend.length / perLine) * ROW + 8;
  const label = (at: number, y: number, content: string, more = '') => `<text x="${at.toFixed(1)}" y="${String(y)}"${more}>${escapeXml(content)}</text>`;
  const inView = (s: Span) => s.end >= view.start && s.start <= view.end;
  const parts = [
    `<rect width="100%" height="100%" fill="${palette.background}"/>`,
    label(10, 26, picture.title, ' font-size="20" font-weight="bold"'),
    label(10, 48, picture.subtitle),
    ...ticks(view, 8, start).map((at) =>
      `<path d="M${x(at).toFixed(1)} ${String(HEAD - 6)}V${String(bottom)}" stroke="${palette.inactive}" stroke-width="0.5"/>${
        label(x(at), bottom + 16, at === start ? picture.startText : `+${formatSeconds((at - start) / 1000)}`, ' text-anchor="middle"')}`),
    ...pauses.map((p) => ({ start: p.start, end: p.end ?? view.end })).filter(inView).map((p) =>
      `<rect x="${x(p.start).toFixed(1)}" y="${String(HEAD)}" width="${Math.max(2, x(p.end) - x(p.start)).toFixed(1)}" height="${String(rows.length * ROW)}" fill="url(#pause)" stroke="${palette.warning}" opacity="0.6"/>`),
    ...rows.flatMap((row, i) => {
      const y = HEAD + i * ROW;
      const [first, last] = [row.segments[0], row.segments.at(-1)];
      const time = first === undefined || last === undefined ? '' : formatSeconds((last.end - first.start) / 1000);
      return [
        label(row.child ? 28 : 10, y + 16, shorten(row.name, row.child ? 34 : 38)),
        ...row.segments.filter(inView).map((s) => box(s.kind, palette, x(s.start), y + 4, x(s.end) - x(s.start), row.before.length > 0 ? 10 : 15)),
        ...row.before.filter(inView).map((s) =>
          `<rect x="${x(s.start).toFixed(1)}" y="${String(y + 16)}" width="${Math.max(2, x(s.end) - x(s.start)).toFixed(1)}" height="4" fill="none" stroke="${palette.text}" stroke-dasharray="3 2"/>`),
        label(WIDTH - TIMES + 8, y + 16, [time, row.status].filter((s) => s !== '').join(' · ')),
      ];
    }),
    ...marks.filter((m) => m.at >= view.start && m.at <= view.end).map((m) =>
      `<path d="M${x(m.at).toFixed(1)} ${String(HEAD - 6)}V${String(bottom)}" stroke="${palette.text}" stroke-width="2"${m.dashed ? ' stroke-dasharray="6 4"' : ''}/>${
        label(x(m.at), HEAD - 10, m.text, ` text-anchor="${percent(view, m.at) > 70 ? 'end' : 'start'}"`)}`),
    ...legend.map(({ kind, text }, i) => {
      const [at, y] = [10 + (i % perLine) * LEGEND, bottom + AXIS + Math.floor(i / perLine) * ROW];
      const swatch = kind === 'pause'
        ? `<rect x="${String(at)}" y="${String(y + 4)}" width="24" height="14" fill="url(#pause)" stroke="${palette.warning}"/>`
        : kind === 'before'
          ? `<rect x="${String(at)}" y="${String(y + 9)}" width="24" height="4" fill="none" stroke="${palette.text}" stroke-dasharray="3 2"/>`
          : box(kind, palette, at, y + 4, 24, 14);
      return `${swatch}${label(at + 30, y + 16, text)}`;
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(height)}" viewBox="0 0 ${String(WIDTH)} ${String(height)}" font-family="${escapeXml(palette.font)}" font-size="12" fill="${palette.text}"><title>${escapeXml(picture.title)}</title><defs>${patterns(palette)}</defs>${parts.join('')}</svg>\n`;
}

/** The colours that the page has now. */
export function palette(): Palette {
  const style = getComputedStyle(document.body);
  const of = (name: string) => style.getPropertyValue(`--drs-${name}`).trim();
  return {
    background: of('container'), text: of('text'), success: of('success'), info: of('info'), warning: of('warning'), error: of('error'),
    inactive: of('inactive'), font: of('font'),
  };
}

/** Browsers draw nothing on canvases that are taller. */
const TALLEST = 16_000;

/** The same picture in points. */
export async function png(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(2, TALLEST / image.naturalHeight);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(image.naturalWidth * scale);
  canvas.height = Math.round(image.naturalHeight * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) {
        reject(new Error('the browser drew nothing'));
      } else {
        resolve(blob);
      }
    }, 'image/png');
  });
}
