/** Returns a group's title with a `#` before it, unless the title starts with one itself. */
export const withSign = (title: string) => (title.startsWith('#') ? title : `# ${title}`);

/**
 * Returns what was typed to find a person or a group without the `@` or `#` before it, which people type though names
 * and titles do not contain it.
 */
export const withoutSign = (typed: string) => typed.replace(/^[@#＠＃]+\s*/u, '');
