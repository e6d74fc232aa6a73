/** Separates a server's address from an invitation's secret: as it is created, and as programs pass it on. */
const MARK = /\/join\/?(?:\?[^#]{0,500})?(?:#|%23)/;

/** The separator before a server's key alone. Such a link is not an invitation: it adds a device. */
const KEY = /\/join\/?(?:\?[^#]{0,500})?(?:#|%23)\./;

/** Returns whether a text contains an invitation's link, which the client parses (crates/client/src/invitation.rs). */
export const isInvitation = (typed: string) => MARK.test(typed) && !KEY.test(typed);

/** Returns whether a text contains a link, of an invitation or for another device. */
export const isLink = (typed: string) => MARK.test(typed);

/** Returns the server's address in a link, without the part after it. */
export const addressOf = (link: string) => link.split(MARK, 1)[0]!;
