import { describe, expect, it, vi } from 'vitest';
import { openLiveLines } from '../../src/cli/live-lines.ts';
import { openScreen } from './support/screen.ts';

describe('live lines', () => {
  it('take the place of the ones before, however many those were', async () => {
    const screen = openScreen();
    screen.stream.write('$ alfred run job.yaml\n');
    const live = openLiveLines(screen.stream);
    live.draw(['one', 'two', 'three']);
    live.draw(['only one now']);
    expect(await screen.text()).toBe('\n$ alfred run job.yaml\nonly one now\n');
    live.draw(['first', 'second']);
    expect(await screen.text()).toBe('\n$ alfred run job.yaml\nfirst\nsecond\n');
  });

  it('stay below what is to be kept', async () => {
    const screen = openScreen();
    const live = openLiveLines(screen.stream);
    live.draw(['⠋ building']);
    live.draw(['⠙ building'], ['✓ read the jobfile']);
    live.draw(['⠹ building']);
    expect(await screen.text()).toBe('\n✓ read the jobfile\n⠹ building\n');
  });

  it('leave nothing behind on a terminal that was made narrower while they were shown', async () => {
    const screen = openScreen({ columns: 60 });
    const live = openLiveLines(screen.stream);
    live.draw(['a'.repeat(58), 'b'.repeat(30)]);
    await screen.resize(25);
    live.draw(['c'.repeat(25), 'd']);
    expect(await screen.text()).toBe(`\n${'c'.repeat(25)}\nd\n`);
  });

  it('leave nothing behind on a terminal that was made wider', async () => {
    const screen = openScreen({ columns: 25 });
    const live = openLiveLines(screen.stream);
    live.draw(['a'.repeat(25), 'b']);
    await screen.resize(60);
    live.draw(['c'.repeat(60), 'd']);
    expect(await screen.text()).toBe(`\n${'c'.repeat(60)}\nd\n`);
  });

  it('show their last ones on a terminal with too few rows', async () => {
    const screen = openScreen({ rows: 3 });
    const live = openLiveLines(screen.stream);
    live.draw(['1', '2', '3', '4']);
    live.draw(['1', '2', '3', 'four']);
    expect(await screen.text()).toBe('\n3\nfour\n');
  });

  it('hide the cursor, and give it back at the end', async () => {
    const screen = openScreen();
    const live = openLiveLines(screen.stream);
    live.draw(['working']);
    expect(await screen.hasCursor()).toBe(false);
    live.end();
    expect(await screen.hasCursor()).toBe(true);
    screen.stream.write('$ ');
    expect(await screen.text()).toBe('\nworking\n$\n');
  });

  it('write nothing when nothing changed', () => {
    const { stream } = openScreen();
    const live = openLiveLines(stream);
    live.draw(['same']);
    const write = vi.spyOn(stream, 'write');
    live.draw(['same']);
    expect(write).not.toHaveBeenCalled();
  });
});
