import type { AboutProgram } from '../ipc';

/** Returns what is told of the program in a report, a line each: nothing of its users, and in English for whoever reads it. */
export const diagnostics = (about: AboutProgram) =>
  Object.entries(about)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
