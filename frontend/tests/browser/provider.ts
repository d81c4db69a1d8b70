/**
 * An OpenID provider on loopback: discovery, authorization code with PKCE
 * (S256 only), rotating refresh tokens, keys, end of session. What it signs
 * and refuses is set by the tests.
 */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';

export const CLIENT = 'drs-console';

interface Grant {
  redirectUri: string;
  challenge: string;
  nonce: string | null;
}

const b64 = (data: Buffer | string) => Buffer.from(data).toString('base64url');

export class Provider {
  /** What the next tokens say. */
  groups: string[] = [];
  audience = '';
  lifeSeconds = 0;
  refuseRefresh = false;
  /** What was asked of it. */
  refreshes = 0;
  revoked: string[] = [];
  ended: URLSearchParams[] = [];

  private keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private kid = randomUUID();
  private readonly codes = new Map<string, Grant>();
  private readonly refreshTokens = new Set<string>();
  private server: Server | null = null;

  constructor(
    private readonly dir: string,
    private readonly port: number,
  ) {}

  get issuer(): string {
    return `https://127.0.0.1:${String(this.port)}`;
  }

  /** A new signing key; the old one is gone at once. */
  rotate(): void {
    this.keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.kid = randomUUID();
  }

  /** Listens, with the answers of a provider in good order. */
  async start(): Promise<void> {
    this.groups = ['DRSOperator'];
    this.audience = CLIENT;
    this.lifeSeconds = 300;
    this.refuseRefresh = false;
    this.refreshes = 0;
    this.revoked = [];
    this.ended = [];
    const tls = (name: string) => readFileSync(join(this.dir, 'tls', name));
    this.server = createServer({ cert: tls('server.pem'), key: tls('server.key') }, (request, answer) => {
      void this.handle(request, answer);
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => {
      if (server === null) {
        resolve();
      } else {
        server.close(() => {
          resolve();
        });
      }
    });
  }

  private jwt(claims: Record<string, unknown>): string {
    const head = `${b64(JSON.stringify({ alg: 'RS256', kid: this.kid, typ: 'JWT' }))}.${b64(JSON.stringify(claims))}`;
    return `${head}.${b64(sign('RSA-SHA256', Buffer.from(head), this.keys.privateKey))}`;
  }

  private tokens(nonce: string | null): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000);
    const refresh = randomUUID();
    this.refreshTokens.add(refresh);
    const common = { iss: this.issuer, aud: this.audience, sub: 'ann-1', iat: now, exp: now + this.lifeSeconds, jti: randomUUID() };
    return {
      token_type: 'Bearer', expires_in: this.lifeSeconds, refresh_token: refresh,
      access_token: this.jwt({ ...common, scope: 'openid' }),
      id_token: this.jwt({
        ...common, ...(nonce === null ? {} : { nonce }), preferred_username: 'ann', email: 'ann@example.com', email_verified: true,
        groups: this.groups,
      }),
    };
  }

  private exchange(form: URLSearchParams): Record<string, unknown> | null {
    if (form.get('client_id') !== CLIENT) {
      return null;
    }
    if (form.get('grant_type') === 'refresh_token') {
      this.refreshes += 1;
      const known = this.refreshTokens.delete(form.get('refresh_token') ?? '');
      return known && !this.refuseRefresh ? this.tokens(null) : null;
    }
    const code = form.get('code') ?? '';
    const grant = this.codes.get(code);
    this.codes.delete(code);
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    return grant !== undefined && grant.redirectUri === form.get('redirect_uri') && grant.challenge === challenge
      ? this.tokens(grant.nonce)
      : null;
  }

  private async handle(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    let text = '';
    for await (const chunk of request) {
      text += String(chunk);
    }
    const form = new URLSearchParams(text);
    const json = (status: number, value: unknown) => {
      answer.writeHead(status, { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'no-store' });
      answer.end(JSON.stringify(value));
    };
    const go = (target: URL) => {
      answer.writeHead(303, { Location: target.href });
      answer.end();
    };
    if (url.pathname === '/.well-known/openid-configuration') {
      json(200, {
        issuer: this.issuer, authorization_endpoint: `${this.issuer}/authorize`, token_endpoint: `${this.issuer}/token`,
        jwks_uri: `${this.issuer}/keys`, end_session_endpoint: `${this.issuer}/end`, revocation_endpoint: `${this.issuer}/revoke`,
        response_types_supported: ['code'], subject_types_supported: ['public'], code_challenge_methods_supported: ['S256'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    } else if (url.pathname === '/keys') {
      json(200, { keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: this.kid, use: 'sig', alg: 'RS256' }] });
    } else if (url.pathname === '/token') {
      const tokens = this.exchange(form);
      json(tokens === null ? 400 : 200, tokens ?? { error: 'invalid_grant' });
    } else if (url.pathname === '/revoke') {
      this.refreshTokens.delete(form.get('token') ?? '');
      this.revoked.push(form.get('token_type_hint') ?? '');
      json(200, {});
    } else if (url.pathname === '/authorize' && request.method === 'GET') {
      const asked = url.searchParams;
      const good = asked.get('client_id') === CLIENT && asked.get('response_type') === 'code' && asked.get('code_challenge_method') === 'S256'
        && (asked.get('scope') ?? '').split(' ').includes('openid') && asked.has('state');
      answer.writeHead(good ? 200 : 400, { 'Content-Type': 'text/html' });
      answer.end(good
        ? `<!doctype html><html lang="en"><title>Provider</title><form method="post"><h1>Test provider</h1>
           <button name="do" value="allow">Continue as ann</button><button name="do" value="deny">Refuse</button></form></html>`
        : 'bad request');
    } else if (url.pathname === '/authorize') {
      const asked = url.searchParams;
      const target = new URL(asked.get('redirect_uri') ?? '');
      target.searchParams.set('state', asked.get('state') ?? '');
      if (form.get('do') === 'deny') {
        target.searchParams.set('error', 'access_denied');
      } else {
        const code = randomUUID();
        this.codes.set(code, {
          redirectUri: asked.get('redirect_uri') ?? '', challenge: asked.get('code_challenge') ?? '', nonce: asked.get('nonce'),
        });
        target.searchParams.set('code', code);
      }
      go(target);
    } else if (url.pathname === '/end') {
      this.ended.push(url.searchParams);
      go(new URL(url.searchParams.get('post_logout_redirect_uri') ?? this.issuer));
    } else if (url.pathname === '/favicon.ico') {
      answer.writeHead(204).end();
    } else {
      json(404, { error: 'not_found' });
    }
  }
}
