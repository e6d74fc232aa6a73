import { Failure } from '../ipc';
import { text } from '../lib/text';

/** What a person is told of something that failed, in the language that is shown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return text.errors[error.code]({ message: error.message });
  return error instanceof Error ? error.message : String(error);
}
