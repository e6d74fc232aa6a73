import type { ListedFile } from '../ipc';
import { isPicture } from './files';

/** The files of a month: first its pictures, then everything else. `month` is the time at which it starts. */
export type Month = { month: number; pictures: ListedFile[]; others: ListedFile[] };

/** Groups files by the month in which they were sent, in their order. */
export function groupByMonth(files: readonly ListedFile[]): Month[] {
  const months = new Map<number, Month>();
  for (const listed of files) {
    const sentAt = new Date(listed.sentAt);
    const month = new Date(sentAt.getFullYear(), sentAt.getMonth(), 1).getTime();
    const group = months.get(month) ?? { month, pictures: [], others: [] };
    months.set(month, group);
    (isPicture(listed.file) ? group.pictures : group.others).push(listed);
  }
  return [...months.values()];
}
