import { text } from './text';

const GIGABYTE = 1e9;

/** Returns a size as text, in gigabytes or else megabytes, with a decimal below 10. */
export function formatSize(bytes: number): string {
  const isLarge = bytes >= GIGABYTE;
  const n = bytes / (isLarge ? GIGABYTE : 1e6);
  const rounded = n < 10 ? Math.round(n * 10) / 10 : Math.round(n);
  return isLarge ? text.gigabytes({ n: rounded }) : text.megabytes({ n: rounded });
}

/**
 * Returns the size of a file as text: in bytes below a kilobyte, in kilobytes below a megabyte, or else as
 * `formatSize`.
 */
export function formatFileSize(bytes: number): string {
  if (bytes < 1000) return text.bytes({ n: bytes });
  return bytes < 999_500 ? text.kilobytes({ n: Math.round(bytes / 1000) }) : formatSize(bytes);
}

/** Returns how much of a file was transferred, such as "1.2 MB of 3.1 MB". */
export const formatProgress = (done: number, total: number) =>
  text.ofBytes({ done: formatFileSize(done), total: formatFileSize(total) });
