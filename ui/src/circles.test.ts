import { expect, test } from 'vitest';

const sources = import.meta.glob(['./**/*.{ts,svelte}', '!./**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;

/** Returns the files that a file needs at run time. Imports of types are removed by then. */
function needs(file: string): string[] {
  const imported = sources[file]!.matchAll(
    /^\s*(?:import|export)\s(?!type\b)[^'";]*from '(\.[^']*)'/gm,
  );
  const later = sources[file]!.matchAll(/\bimport\('(\.[^']*)'\)/g);
  const paths = [...imported, ...later].map(([, path]) => path!);
  // Data needs nothing.
  return paths
    .filter((path) => !path.endsWith('.json'))
    .map((path) => {
      const at = new URL(path, `file:///${file.slice(2)}`).pathname.slice(1).replace(/\/$/, '');
      const found = ['', '.ts', '/index.ts']
        .map((end) => `./${at}${end}`)
        .find((one) => one in sources);
      expect(found, `${path} in ${file}`).toBeDefined();
      return found!;
    });
}

test('no file needs itself, through whatever others', () => {
  const done = new Set<string>();
  const visit = (file: string, above: string[]) => {
    expect(above, [...above, file].join(' > ')).not.toContain(file);
    if (done.has(file)) return;
    needs(file).forEach((next) => visit(next, [...above, file]));
    done.add(file);
  };
  Object.keys(sources).forEach((file) => visit(file, []));
  expect(done.size).toBeGreaterThan(100);
});
