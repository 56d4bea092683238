/** Exit codes of every command; `physmap --help` lists them. */
export const exitCode = {
  done: 0,
  fault: 1,
  badInput: 2,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export const exitCodeHelp = `
Exit codes:
  0    done
  1    a run failed, or physmap itself did (then with a stack trace)
  2    a mistake in what was given: the message says where and what was expected
  130  interrupted by Ctrl+C; the next run goes on where this one stopped`;
