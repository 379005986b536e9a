/**
 * Text with `${env:NAME}`, `${file:PATH}`, `${ssm:NAME}` or `${secretsmanager:NAME#KEY}` in place of what must not stand in
 * a file: the functions read it when they need it (`lib/config/secret-reader.ts`), so that no bundle and no compiled plan
 * ever holds a secret.
 */
export type SecretText = string;

/** Puts secrets in place of their references; throws, or rejects with, an Error that names the reference. */
export type ReadSecret = (text: SecretText) => string | Promise<string>;

/** How a server of the user's knows us. */
export type RemoteAuth =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly username: string; readonly password: SecretText }
  | { readonly type: 'bearer'; readonly token: SecretText }
  | OAuth2Auth
  | SigV4Auth;

/** Client credentials grant (RFC 6749, section 4.4); the token is kept until shortly before it ends. */
export interface OAuth2Auth {
  readonly type: 'oauth2';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: SecretText;
  readonly scopes: readonly string[];
  /** Further parameters of the token request, such as `audience`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** AWS Signature Version 4, for Amazon Managed Service for Prometheus (`aps`). */
export interface SigV4Auth {
  readonly type: 'sigv4';
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: SecretText;
  readonly secretAccessKey: SecretText;
  /** Absent with long-lived keys. */
  readonly sessionToken?: SecretText;
}

/** PEM texts. Certificates are always verified; a private CA is named here instead of switching that off. */
export interface RemoteTls {
  readonly ca?: SecretText;
  readonly cert?: SecretText;
  readonly key?: SecretText;
  /** The name that the certificate must be for, where it is not the URL's. */
  readonly serverName?: string;
}

/** Addresses that are no public ones and have to be allowed before we connect to them. */
export const NETWORKS = ['private', 'loopback'] as const;
export type Network = (typeof NETWORKS)[number];

/** Everything about reaching the servers of a source beside their URLs. */
export interface RemoteAccess {
  readonly auth: RemoteAuth;
  /** Sent with every request; values may hold secrets. */
  readonly headers: Readonly<Record<string, SecretText>>;
  readonly tls: RemoteTls;
  readonly allowNetworks: readonly Network[];
}
