/** Returns a server's address without the scheme. */
export const serverName = (server: string) => server.replace(/^https?:\/\//, '');
