import type { AwsCredentials } from '../queue/sign-request.ts';

/** The credentials of the function's role: Lambda puts them into the environment, and nowhere else. */
export function roleCredentials(environment: NodeJS.ProcessEnv = process.env): AwsCredentials {
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  return {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

/**
 * In the bundles of functions this stands in for the SDK's default chain, which also knows files, single sign-on and
 * metadata services: a tenth of a bundle that no Lambda needs (`function-bundle.mjs`).
 */
export const defaultProvider = () => async (): Promise<AwsCredentials> => roleCredentials();
