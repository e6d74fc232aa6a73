/** Between a server's address and an invitation's secret: as it is made, and as programs hand it on. */
const MARK = /\/join\/?(?:#|%23)/;

/** Whether it is an invitation's link, which the client reads (crates/client/src/address.rs). */
export const isInvitation = (typed: string) => MARK.test(typed);

/** The server's address in a link, without the secret. */
export const addressOf = (link: string) => link.split(MARK, 1)[0]!;
