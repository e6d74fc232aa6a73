import type { MessageId } from '../ipc';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A link to a message, for whoever may read it. What follows `#` is sent to nobody. */
export const linkTo = (server: string, id: MessageId) =>
  `${server.replace(/\/$/, '')}/message#${id}`;

/** The message of this server to which a link leads; nothing for any other link. */
export function messageLink(url: string, server: string): MessageId | null {
  const [address = '', id = ''] = url.split('#');
  return server !== '' && address === `${server.replace(/\/$/, '')}/message` && ID.test(id)
    ? id
    : null;
}
