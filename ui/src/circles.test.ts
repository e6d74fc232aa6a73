import { expect, test } from 'vitest';

const sources = import.meta.glob(['./**/*.{ts,svelte}', '!./**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;

/** Returns the files that a file imports at run time, without imports of types. */
function importsOf(file: string): string[] {
  const imported = sources[file]!.matchAll(
    /^\s*(?:import|export)\s(?!type\b)[^'";]*from '(\.[^']*)'/gm,
  );
  const dynamicImports = sources[file]!.matchAll(/\bimport\('(\.[^']*)'\)/g);
  const paths = [...imported, ...dynamicImports].map(([, path]) => path!);
  // JSON files import nothing.
  return paths
    .filter((path) => !path.endsWith('.json'))
    .map((path) => {
      const target = new URL(path, `file:///${file.slice(2)}`).pathname.slice(1).replace(/\/$/, '');
      const found = ['', '.ts', '/index.ts']
        .map((end) => `./${target}${end}`)
        .find((candidate) => candidate in sources);
      expect(found, `${path} in ${file}`).toBeDefined();
      return found!;
    });
}

test('no file imports itself, directly or through others', () => {
  const visited = new Set<string>();
  const visit = (file: string, ancestors: string[]) => {
    expect(ancestors, [...ancestors, file].join(' > ')).not.toContain(file);
    if (visited.has(file)) return;
    importsOf(file).forEach((next) => visit(next, [...ancestors, file]));
    visited.add(file);
  };
  Object.keys(sources).forEach((file) => visit(file, []));
  expect(visited.size).toBeGreaterThan(100);
});
