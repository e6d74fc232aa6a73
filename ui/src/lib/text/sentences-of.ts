/** A sentence for each key of a union. If a key has parameters, its sentence is a function of them. */
export type SentencesOf<R extends { key: string }> = {
  [K in R['key']]: [keyof ParametersOf<R, K>] extends [never]
    ? string
    : (parameters: ParametersOf<R, K>) => string;
};

type ParametersOf<R extends { key: string }, K> = Omit<Extract<R, { key: K }>, 'key'>;
