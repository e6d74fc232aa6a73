import type { commands } from '../bindings.gen';

type Commands = typeof commands;
type Result<C> = C extends (...args: never[]) => Promise<infer R>
  ? R extends { status: 'ok'; data: infer T }
    ? T
    : never
  : never;

/** All commands, of which some take time. A missing one is a compile error. */
export type Fake = {
  [K in keyof Commands]: (
    ...args: Parameters<Commands[K]>
  ) => Result<Commands[K]> | Promise<Result<Commands[K]>>;
};
