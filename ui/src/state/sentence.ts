import { Failure } from '../ipc';
import { problemText } from '../lib/text';

/** Returns the sentence that describes an error, in the displayed language. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return problemText(error.problem);
  return error instanceof Error ? error.message : String(error);
}
