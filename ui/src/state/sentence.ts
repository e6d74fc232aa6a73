import { Failure } from '../ipc';
import { errorText } from '../lib/text';

/** What a person is told of something that failed, in the language that is shown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return errorText(error.code, error.message);
  return error instanceof Error ? error.message : String(error);
}
