/** An entry of a menu. */
export type MenuEntry = {
  name: string;
  /** Shown after the name. */
  note?: string;
  isDangerous?: boolean;
  act: () => void;
};
