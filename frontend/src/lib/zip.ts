/** Several files as one, not compressed: a ZIP of small texts. */

export interface Entry {
  name: string;
  text: string;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) {
    c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return c;
});

function crc32(bytes: Uint8Array): number {
  return (bytes.reduce((crc, byte) => (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
}

/** Numbers of 2 or 4 bytes, the lowest first. */
function packed(fields: readonly (readonly [2 | 4, number])[]): Uint8Array<ArrayBuffer> {
  const out = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) {
      out.setUint16(at, value, true);
    } else {
      out.setUint32(at, value, true);
    }
    at += size;
  }
  return new Uint8Array(out.buffer);
}

/** Names are in UTF-8. */
const FLAGS = 0x0800;

/** `at`: the time of all files, told in UTC. */
export function zip(entries: readonly Entry[], at: Date): Blob {
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const files: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  const size = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.name);
    const data = new TextEncoder().encode(entry.text);
    const offset = size(files);
    // what both headers of a file have: version, flags, method, time, date, sum, sizes, lengths of name and extra field
    const common = [
      [2, 20], [2, FLAGS], [2, 0], [2, time], [2, date], [4, crc32(data)], [4, data.length], [4, data.length], [2, name.length], [2, 0],
    ] as const;
    files.push(packed([[4, 0x04034b50], ...common]), name, data);
    directory.push(packed([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), name);
  }
  const end = packed([[4, 0x06054b50], [2, 0], [2, 0], [2, entries.length], [2, entries.length], [4, size(directory)], [4, size(files)], [2, 0]]);
  return new Blob([...files, ...directory, end], { type: 'application/zip' });
}
