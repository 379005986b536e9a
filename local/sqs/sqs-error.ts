/** An answer with which SQS refuses a call. `queryCode` is the code of the old query protocol, which AWS still sends along. */
export class SqsError extends Error {
  override name = 'SqsError';
  readonly type: string;
  readonly queryCode: string;

  constructor(type: string, message: string, queryCode: string = type) {
    super(message);
    this.type = type;
    this.queryCode = queryCode;
  }
}

export function invalidParameter(message: string): SqsError {
  return new SqsError('InvalidParameterValueException', message, 'InvalidParameterValue');
}

export function missingParameter(name: string): SqsError {
  const text = `The request must contain the parameter ${name}.`;
  return new SqsError('MissingRequiredParameterException', text, 'MissingParameter');
}

export function noSuchQueue(): SqsError {
  const code = 'AWS.SimpleQueueService.NonExistentQueue';
  return new SqsError('QueueDoesNotExist', 'The specified queue does not exist.', code);
}

export function invalidReceipt(handle: unknown): SqsError {
  return new SqsError('ReceiptHandleIsInvalid', `The input receipt handle "${String(handle)}" is not valid.`);
}
