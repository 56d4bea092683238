import { describe, expect, it } from 'vitest';
import { progressOn } from '../../cli/progress.js';
import { recordingTerminal } from './recording-terminal.js';

describe('elsewhere than on a terminal', () => {
  it('progress is a plain line at each tenth, and no more however many steps there are', () => {
    const terminal = recordingTerminal();
    const progress = progressOn(terminal, 'runs');
    for (let done = 0; done <= 1000; done += 1) progress.update(done, 1000, 0);
    progress.finish();
    expect(terminal.notes().split('\n').filter(Boolean)).toEqual(
      [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000].map((done) => `runs ${done}/1000`),
    );
  });

  it('says how many steps needed no work', () => {
    const terminal = recordingTerminal();
    progressOn(terminal, 'runs').update(4, 4, 3);
    expect(terminal.notes()).toBe('runs 4/4, 3 reused\n');
  });
});

describe('on a terminal', () => {
  it('progress is one line that is drawn over, full at the end', () => {
    const terminal = recordingTerminal({ live: true, columns: 40 });
    const progress = progressOn(terminal, 'runs');
    for (let done = 0; done <= 10; done += 1) progress.update(done, 10, 0);
    progress.finish();
    const drawn = terminal.notes();
    expect(drawn.split('\n')).toHaveLength(2);
    const frames = drawn.trimEnd().split('\r').filter(Boolean);
    expect(frames.at(0)).toMatch(/^\[-+\] runs 0\/10$/u);
    expect(frames.at(-1)).toMatch(/^\[#+\] runs 10\/10$/u);
  });

  it.each([20, 40, 200])('no frame is wider than %d columns', (columns) => {
    const terminal = recordingTerminal({ live: true, columns });
    const progress = progressOn(terminal, 'runs');
    progress.update(12, 96, 0);
    progress.update(96, 96, 90);
    for (const frame of terminal.notes().split('\r')) expect(frame.length).toBeLessThan(columns);
  });

  it('nothing is drawn when there is nothing to do', () => {
    const terminal = recordingTerminal({ live: true });
    progressOn(terminal, 'runs').finish();
    expect(terminal.notes()).toBe('');
  });
});
