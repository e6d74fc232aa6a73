/** Separates a server's address from an invitation's secret, also in the forms in which other programs encode it. */
const SEPARATOR = /\/join\/?(?:\?[^#]{0,500})?(?:#|%23)/;

/** The separator before a server's key alone. Such a link is not an invitation: it adds a device. */
const KEY_SEPARATOR = /\/join\/?(?:\?[^#]{0,500})?(?:#|%23)\./;

/** Returns whether a text contains an invitation's link, which the client parses (crates/client/src/invitation.rs). */
export const isInvitation = (typed: string) => SEPARATOR.test(typed) && !KEY_SEPARATOR.test(typed);

/** Returns whether a text contains a link, of an invitation or for another device. */
export const isLink = (typed: string) => SEPARATOR.test(typed);

/** Returns the server's address in a link, without the part after it. */
export const addressOf = (link: string) => link.split(SEPARATOR, 1)[0]!;
