/** Returns a server's address as people read it: without the scheme. */
export const serverName = (server: string) => server.replace(/^https?:\/\//, '');
