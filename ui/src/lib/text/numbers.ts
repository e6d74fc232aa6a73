import { isolated } from '../direction';

let made: Intl.NumberFormat | undefined;
/** "1,297,822". What writes it is made for the first that is long enough, since that takes milliseconds. */
export const written = (n: number) =>
  n < 1000 ? String(n) : (made ??= new Intl.NumberFormat('en')).format(n);

/** "1 message", "2 messages", "1,297,822 messages". */
export const count = (n: number, one: string, many: string) =>
  `${written(n)} ${n === 1 ? one : many}`;

/** "wren, oak". */
export const listed = (names: string[]) => names.map(isolated).join(', ');
