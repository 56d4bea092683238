import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../input/package-root.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const builtProgram = join(packageRoot(), 'dist', 'cli', 'main.js');

/** Runs the built program to its end, with nothing on standard input. */
export async function physmap(...args: readonly string[]): Promise<Ended> {
  if (!existsSync(builtProgram)) throw new Error('run "npm run build" first: this test needs dist/');
  const child = spawn(process.execPath, [builtProgram, ...args], {
    cwd: packageRoot(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr), closed(child)]);
  return { code: child.exitCode, stdout, stderr };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

async function closed(child: ReturnType<typeof spawn>): Promise<void> {
  await new Promise((resolve) => child.once('close', resolve));
}
