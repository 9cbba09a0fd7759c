import { describe, expect, it } from 'vitest';
import { hasLabels, labelFilter, objectLabels, objectName, taskLabels } from '../../src/docker/names.ts';
import type { JobId, NodeId, TaskFullName } from '../../src/domain/names.ts';
import { jobSpec } from '../support/builders.ts';

const run = { jobId: 'build-red-fox' as JobId, index: 1, nodeId: 'node-1' as NodeId, spec: jobSpec('build', [1, 1]) };
const task = 'build-red-fox-t1' as TaskFullName;

describe("a task's objects on the engine", () => {
  it('are named after the task', () => {
    expect(objectName(task, { type: 'network' })).toBe('alfred-build-red-fox-t1');
    expect(objectName(task, { type: 'service', service: 'db' })).toBe('alfred-build-red-fox-t1-db');
    expect(objectName(task, { type: 'step', step: 2 })).toBe('alfred-build-red-fox-t1-2');
  });

  it('say whose they are and what for', () => {
    const labels = taskLabels('server-1', run);
    expect(objectLabels(labels, { type: 'network' })).toEqual({
      'alfred.server': 'server-1',
      'alfred.job': 'build-red-fox',
      'alfred.task': 't1',
      'alfred.index': '1',
      'alfred.role': 'network',
    });
    expect(objectLabels(labels, { type: 'service', service: 'db' })).toMatchObject({
      'alfred.role': 'service',
      'alfred.service': 'db',
    });
    expect(objectLabels(labels, { type: 'step', step: 2 })).toMatchObject({ 'alfred.role': 'step', 'alfred.step': '2' });
  });

  it('are known by all of their labels', () => {
    expect(hasLabels({ a: '1', b: '2', c: '3' }, { a: '1', b: '2' })).toBe(true);
    expect(hasLabels({ a: '1', b: '3' }, { a: '1', b: '2' })).toBe(false);
    expect(hasLabels(null, { a: '1' })).toBe(false);
    expect(labelFilter({ a: '1', b: '2' })).toEqual({ label: ['a=1', 'b=2'] });
  });
});
