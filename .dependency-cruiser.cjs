/** Which folder may import which: decision and report cannot reach the engine, since nothing that they may import can. @type {import('dependency-cruiser').IConfiguration} */
const allowed = {
  contracts: [],
  sampling: [],
  engine: [],
  input: ['contracts', 'sampling'],
  files: ['input'],
  workloads: ['engine', 'input', 'contracts', 'sampling'],
  runner: ['workloads', 'engine', 'files', 'input', 'contracts', 'sampling'],
  decision: ['contracts', 'sampling'],
  report: ['decision', 'files', 'input', 'contracts', 'sampling'],
  validation: ['engine', 'files', 'input', 'contracts'],
  cli: ['validation', 'report', 'decision', 'runner', 'workloads', 'engine', 'files', 'input', 'contracts', 'sampling'],
};

const folders = Object.keys(allowed);

module.exports = {
  forbidden: [
    ...Object.entries(allowed).map(([folder, others]) => {
      const below = [folder, ...others];
      return {
        name: `${folder}-imports-only-${others.join('-') || 'itself'}`,
        severity: 'error',
        from: { path: `^${folder}/` },
        to: { path: `^(${[...folders, 'test', 'bench', 'tools'].join('|')})/`, pathNot: `^(${below.join('|')})/` },
      };
    }),
    { name: 'user-error-is-a-leaf', severity: 'error', from: { path: '^input/user-error' }, to: { path: '^[a-z]+/' } },
    {
      name: 'decision-runs-in-a-browser',
      comment: 'The same module re-ranks on the page: nothing of Node, in itself or in what it imports.',
      severity: 'error',
      from: { path: '^(decision|sampling|contracts)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycles',
      comment: "Two files may name each other's types; what runs may not go in a circle.",
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-missing', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'product-uses-no-development-package',
      severity: 'error',
      from: { path: `^(${folders.join('|')})/` },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|out)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
