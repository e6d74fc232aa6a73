import type { AboutProgram } from '../ipc';

/** Returns the properties of the program for a report, one per line, in English. It contains nothing about users. */
export const diagnostics = (about: AboutProgram) =>
  Object.entries(about)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
