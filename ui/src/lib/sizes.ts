import { text } from './text';

const GIGABYTE = 1e9;

/** Returns a size as text: in gigabytes from one on, below that in megabytes, with a decimal while that says something. */
export function sizeOf(bytes: number): string {
  const isLarge = bytes >= GIGABYTE;
  const n = bytes / (isLarge ? GIGABYTE : 1e6);
  const rounded = n < 10 ? Math.round(n * 10) / 10 : Math.round(n);
  return isLarge ? text.gigabytes({ n: rounded }) : text.megabytes({ n: rounded });
}
