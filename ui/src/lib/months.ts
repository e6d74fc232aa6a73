import type { ListedFile } from '../ipc';
import { isPicture } from './files';

/** The files of a month: first its pictures, then everything else. `month` is the time at which it starts. */
export type Month = { month: number; pictures: ListedFile[]; others: ListedFile[] };

/** Returns files by the month in which they were sent, in their order. */
export function monthsOf(files: readonly ListedFile[]): Month[] {
  const months = new Map<number, Month>();
  for (const one of files) {
    const at = new Date(one.sentAt);
    const month = new Date(at.getFullYear(), at.getMonth(), 1).getTime();
    const of = months.get(month) ?? { month, pictures: [], others: [] };
    months.set(month, of);
    (isPicture(one.file) ? of.pictures : of.others).push(one);
  }
  return [...months.values()];
}
