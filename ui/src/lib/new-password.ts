/** Lower-case letters and digits that are not mistaken for each other, read aloud or written down. */
const CHARACTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const IN_GROUP = 4;
/** Bytes from this value on are skipped: they would make the first characters more likely than the others. */
const BELOW = 256 - (256 % CHARACTERS.length);

/** Returns a random password to be passed on: four groups of four characters, with 79 bits of entropy. */
export function newPassword(): string {
  const groups = Array.from({ length: GROUPS }, () =>
    Array.from({ length: IN_GROUP }, character).join(''),
  );
  return groups.join('-');
}

function character(): string {
  const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
  return byte < BELOW ? CHARACTERS[byte % CHARACTERS.length]! : character();
}
