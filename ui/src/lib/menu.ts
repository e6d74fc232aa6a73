/** An entry of a menu. */
export type MenuEntry = {
  name: string;
  /** Shown after the name. */
  hint?: string;
  isDangerous?: boolean;
  act: () => void;
};
