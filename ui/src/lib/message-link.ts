import type { MessageId } from '../ipc';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Returns a link to a message, for those who may read it. The part after `#` is never sent to a server. */
export const createMessageLink = (server: string, id: MessageId) =>
  `${server.replace(/\/$/, '')}/message#${id}`;

/** Returns the id of the message on this server to which a link leads, or null for any other link. */
export function messageIdOfLink(url: string, server: string): MessageId | null {
  const [address = '', id = ''] = url.split('#');
  return server !== '' && address === `${server.replace(/\/$/, '')}/message` && ID.test(id)
    ? id
    : null;
}
