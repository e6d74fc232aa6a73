/** Returns a group's title with a `#` before it, unless the title starts with one itself. */
export const withHash = (title: string) => (title.startsWith('#') ? title : `# ${title}`);

/**
 * Returns a typed name of a person or a group without a leading `@` or `#`, which is not part of names and titles.
 */
export const withoutPrefix = (typed: string) => typed.replace(/^[@#＠＃]+\s*/u, '');
