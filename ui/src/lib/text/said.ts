/** A sentence for each key of a union; where the key comes with something, one that is made of that. */
export type SentencesOf<R extends { key: string }> = {
  [K in R['key']]: [keyof Named<R, K>] extends [never] ? string : (named: Named<R, K>) => string;
};

type Named<R extends { key: string }, K> = Omit<Extract<R, { key: K }>, 'key'>;
