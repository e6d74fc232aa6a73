/** Small letters and digits that nobody takes for another one, read out or written down. */
const SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const IN_GROUP = 4;
/** Bytes from here on would make the first signs likelier. */
const BELOW = 256 - (256 % SIGNS.length);

/** A password to be passed on: four groups of four, chosen by chance, of 79 bits. */
export function newPassword(): string {
  const groups = Array.from({ length: GROUPS }, () =>
    Array.from({ length: IN_GROUP }, sign).join(''),
  );
  return groups.join('-');
}

function sign(): string {
  const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
  return byte < BELOW ? SIGNS[byte % SIGNS.length]! : sign();
}
