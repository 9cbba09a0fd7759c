import { expect, it } from 'vitest';
import { jobfileJsonSchema } from '../../src/jobfile/schema.ts';

const schema = JSON.parse(JSON.stringify(jobfileJsonSchema()));

it('the committed JSON Schema is what the validation says; `-u` renews it', async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../src/jobfile/jobfile.schema.json');
});

it('every key has a description for the editor, and what can be shown an example', () => {
  const undescribed: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (path.endsWith('/properties') && !('description' in value)) undescribed.push(`${path}/${key}`);
      visit(value, `${path}/${key}`);
    }
  };
  visit(schema, '');
  expect(undescribed).toEqual([]);
  expect(schema.properties.name.examples).toEqual(['test', 'nightly-e2e']);
});

it('asks for the same keys as the validation, and for no others', () => {
  expect(schema.required).toEqual(['version', 'name', 'steps', 'tasks']);
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.steps.items.required).toEqual(['dockerfile', 'context']);
});
