/** What the printed reports are made of. */
import { useEffect, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { sha256 } from '../execution/evidence';
import '../i18n/runs';
import { t } from '../i18n/t';
import { followTheme, lightForPrint } from '../lib/theme';
import './paper.css';

export function Facts({ items }: { items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="report-facts">
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Names and ids are not broken at their hyphens, unless they are too long for a column. */
const wholeOf = (cell: ReactNode): string | undefined => (typeof cell === 'string' && cell.length <= 24 && /^\S+$/.test(cell) ? 'report-whole' : undefined);

export function Grid({ caption, columns, rows, empty }: { caption: string; columns: readonly string[]; rows: readonly (readonly ReactNode[])[]; empty: string }) {
  return rows.length === 0 ? (
    <p>{empty}</p>
  ) : (
    <div className="report-scroll" role="region" aria-label={caption} tabIndex={0}>
      <table className="report-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c} scope="col">{c}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, k) => (k === 0 ? <th key={k} scope="row" className={wholeOf(cell)}>{cell}</th> : <td key={k} className={wholeOf(cell)}>{cell}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Paper is light, and has a line at the foot of every page, with the number of the page. */
export function usePaper(text: string): void {
  useEffect(() => {
    window.addEventListener('beforeprint', lightForPrint);
    window.addEventListener('afterprint', followTheme);
    return () => {
      window.removeEventListener('beforeprint', lightForPrint);
      window.removeEventListener('afterprint', followTheme);
    };
  }, []);
  useEffect(() => {
    const sheet = new CSSStyleSheet();
    const quoted = text.replace(/[\\"\n]/g, ' ');
    sheet.replaceSync(`@page {
      @bottom-left { content: "${quoted}"; font: 7px sans-serif; }
      @bottom-right { content: counter(page) " / " counter(pages); font: 7px sans-serif; }
    }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
    };
  }, [text]);
}

/** SHA-256 of the text, as words for people. */
export function useDigest(text: string): string {
  const [hash, setHash] = useState<{ of: string; value: string | null } | null>(null);
  useEffect(() => {
    let current = true;
    if (text !== '') {
      void sha256(text).then((value) => {
        if (current) {
          setHash({ of: text, value });
        }
      });
    }
    return () => {
      current = false;
    };
  }, [text]);
  return hash?.of !== text ? t('loading') : (hash.value ?? t('report.nohash'));
}

/** Whether the page is being printed; known before the printer looks. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const set = (value: boolean) => () => {
      flushSync(() => {
        setPrinting(value);
      });
    };
    const before = set(true);
    const after = set(false);
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
  return printing;
}
