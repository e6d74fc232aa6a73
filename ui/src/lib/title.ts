/** Returns a group's title with a `#` before it, unless the title starts with one itself. */
export const withSign = (title: string) => (title.startsWith('#') ? title : `# ${title}`);
