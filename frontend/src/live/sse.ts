/**
 * Server-sent events over fetch: EventSource cannot send a bearer token.
 * The parser follows the WHATWG event stream format.
 */

export interface StreamMessage {
  id: string | null;
  event: string;
  data: string;
}

export class SseParser {
  private rest = '';
  private event = '';
  private data: string[] = [];
  private id: string | null = null;
  /** Milliseconds the server wants between connections. */
  retry: number | null = null;

  /** Feeds a piece of the stream; returns the messages it completed. */
  push(chunk: string): StreamMessage[] {
    const out: StreamMessage[] = [];
    this.rest += chunk;
    for (;;) {
      const at = this.rest.search(/\r\n|\n|\r(?!$)/);
      if (at < 0) {
        return out;
      }
      const line = this.rest.slice(0, at);
      this.rest = this.rest.slice(at + (this.rest.startsWith('\r\n', at) ? 2 : 1));
      const message = this.line(line);
      if (message !== null) {
        out.push(message);
      }
    }
  }

  private line(line: string): StreamMessage | null {
    if (line === '') {
      const message =
        this.data.length === 0
          ? null
          : { id: this.id, event: this.event === '' ? 'message' : this.event, data: this.data.join('\n') };
      this.event = '';
      this.data = [];
      return message;
    }
    if (line.startsWith(':')) {
      return null;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') {
      this.event = value;
    } else if (field === 'data') {
      this.data.push(value);
    } else if (field === 'id' && !value.includes('\0')) {
      this.id = value;
    } else if (field === 'retry' && /^\d+$/.test(value)) {
      this.retry = Number(value);
    }
    return null;
  }
}
