/** Lower-case letters and digits that are not confused with each other. */
const CHARACTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP_LENGTH = 4;
/** Bytes from this value on are rejected, since they would make the first characters more likely than others. */
const REJECT_FROM = 256 - (256 % CHARACTERS.length);

/** Returns a random password: four groups of four characters, with 79 bits of entropy. */
export function generatePassword(): string {
  const groups = Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP_LENGTH }, randomCharacter).join(''),
  );
  return groups.join('-');
}

function randomCharacter(): string {
  const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
  return byte < REJECT_FROM ? CHARACTERS[byte % CHARACTERS.length]! : randomCharacter();
}
