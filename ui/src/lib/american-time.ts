/**
 * Times in American English, written without `Intl`, whose first formatter takes milliseconds that the first paint
 * would wait for. Each function returns what `Intl.DateTimeFormat` returns for `en-US` (format-time.test.ts).
 */

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const monthName = (date: Date) => MONTHS[date.getMonth()]!;
const weekdayName = (date: Date) => WEEKDAYS[date.getDay()]!;
const two = (n: number) => String(n).padStart(2, '0');

/** Returns "Tue". */
export const weekday = (date: Date) => weekdayName(date).slice(0, 3);

/** Returns "Mar 12". */
export const dayMonth = (date: Date) => `${monthName(date).slice(0, 3)} ${date.getDate()}`;

/** Returns "Mar 12, 2026". */
export const date = (date: Date) => `${dayMonth(date)}, ${date.getFullYear()}`;

/** Returns "March 2026". */
export const month = (date: Date) => `${monthName(date)} ${date.getFullYear()}`;

/** Returns "Thursday, March 12". */
export const longDay = (date: Date) => `${weekdayName(date)}, ${monthName(date)} ${date.getDate()}`;

/** Returns "Thursday, March 12, 2026". */
export const longDate = (date: Date) => `${longDay(date)}, ${date.getFullYear()}`;

/** Returns "2:02", the time without "PM". */
export const clock12Short = (date: Date) =>
  `${date.getHours() % 12 || 12}:${two(date.getMinutes())}`;

/** Returns "2:02 PM". */
export const clock12 = (date: Date) =>
  `${clock12Short(date)} ${date.getHours() < 12 ? 'AM' : 'PM'}`;

/** Returns "14:02". */
export const clock24 = (date: Date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
