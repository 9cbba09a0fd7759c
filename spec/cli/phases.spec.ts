import { describe, expect, it } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';
import { openPhases } from '../../src/cli/phases.ts';
import { createVirtualTime } from '../support/virtual-time.ts';
import { fakeIo } from './support/io.ts';
import { openScreen } from './support/screen.ts';

const plain = { json: false, verbose: false, color: false };

const onScreen = (columns = 60) => {
  const screen = openScreen({ columns });
  const { io } = fakeIo({ stderr: screen.stream });
  const { time, advance } = createVirtualTime();
  return { screen, advance, phases: openPhases(io, createOutput(io, plain), time.scheduler) };
};

describe('phases on a terminal', () => {
  it('turn while they go on, and become ✓, ! or ✗ in the order of their ends', async () => {
    const { screen, phases, advance } = onScreen();
    const one = phases.start('building one');
    const two = phases.start('building two');
    one.detail('#5 RUN make');
    await advance(100);
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      ⠙ building one  #5 RUN make
      ⠙ building two
      "
    `);
    two.done('built two');
    one.fail('building one');
    phases.start('uploading').warn('uploaded, but slowly');
    phases.end();
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      ✓ built two
      ✗ building one
      ! uploaded, but slowly
      "
    `);
    expect(await screen.hasCursor()).toBe(true);
  });

  it('keep notes above them', async () => {
    const { screen, phases } = onScreen();
    phases.start('building');
    phases.note('#1 FROM scratch\n#2 COPY . .');
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      #1 FROM scratch
      #2 COPY . .
      ⠋ building
      "
    `);
  });

  it('are never wider than the terminal', async () => {
    const { screen, phases, advance } = onScreen(24);
    phases.start('building hack/Dockerfile').detail('#12 RUN apt-get install 日本語');
    await advance(100);
    expect(await screen.text()).toBe('\n⠙ building hack/Dockerf…\n');
  });

  it('that were under way when the command gave up count as failed, and the cursor comes back', async () => {
    const { screen, phases } = onScreen();
    const phase = phases.start('building');
    phases.end();
    phase.done('too late');
    expect(await screen.text()).toBe('\n✗ building\n');
    expect(await screen.hasCursor()).toBe(true);
  });
});

describe('phases without a terminal', () => {
  it('say when they begin and how they ended', () => {
    const { io, stderr } = fakeIo();
    const phases = openPhases(io, createOutput(io, plain), createVirtualTime().time.scheduler);
    const phase = phases.start('building');
    phase.detail('nobody hears of this');
    phase.done('built');
    phases.end();
    expect(stderr()).toBe('building …\n✓ built\n');
  });
});
