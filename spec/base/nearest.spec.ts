import { expect, it } from 'vitest';
import { nearest } from '../../src/base/nearest.ts';

const known = ['version', 'name', 'steps', 'tasks', 'services'];

it.each([
  ['nmae', 'name'],
  ['task', 'tasks'],
  ['Tasks', 'tasks'],
  ['serivces', 'services'],
  ['verison', 'version'],
  ['step', 'steps'],
])('takes %s for %s', (word, meant) => expect(nearest(word, known)).toBe(meant));

it.each(['image', 'x', '', 'retention'])('takes %j for nothing that it knows', word => expect(nearest(word, known)).toBeNull());
