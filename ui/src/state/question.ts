/** What is asked before something is done that nobody takes back. */
export type Question = {
  title: string;
  /** What will happen. */
  what: string;
  /** To what, as somebody wrote it. */
  about?: string;
  /** What is not done, and has the focus. */
  no: string;
  yes: string;
  /** Does it. */
  act: () => void;
};
