/**
 * Puts something between the clients and a stand-in: is given the stand-in's endpoint, and resolves with the one that
 * clients use.
 */
export type Between = (service: 'sqs' | 'dynamodb', url: string) => Promise<string>;

/** Nothing in between. */
export const direct: Between = async (_service, url) => url;

/** Told how to close what was opened, in case that something after it cannot be. */
export type OnOpen = (close: () => Promise<unknown>) => void;

/** The SDK asks for credentials; nobody looks at them here. */
export const LOCAL_CLIENT = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;
