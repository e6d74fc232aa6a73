import { Failure } from '../ipc';
import { problemText } from '../lib/text';

/** What a person is told of something that failed, in the language that is shown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return problemText(error.problem);
  return error instanceof Error ? error.message : String(error);
}
