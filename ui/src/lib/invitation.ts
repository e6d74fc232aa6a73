/** Between a server's address and an invitation's secret: as it is made, and as programs hand it on. */
const MARK = /\/join\/?(?:#|%23)/;

/** The same before a server's key alone, which is no invitation: it adds a device. */
const KEY = /\/join\/?(?:#|%23)\./;

/** Whether it is an invitation's link, which the client reads (crates/client/src/invitation.rs). */
export const isInvitation = (typed: string) => MARK.test(typed) && !KEY.test(typed);

/** Whether it is a link, of an invitation or for a further device. */
export const isLink = (typed: string) => MARK.test(typed);

/** The server's address in a link, without what stands behind it. */
export const addressOf = (link: string) => link.split(MARK, 1)[0]!;
