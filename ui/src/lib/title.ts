/** A group's title behind the sign of groups, which some titles have themselves. */
export const withSign = (title: string) => (title.startsWith('#') ? title : `# ${title}`);
