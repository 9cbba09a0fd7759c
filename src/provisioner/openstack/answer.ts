import type { z } from 'zod';

/** What a service answered, checked; throws an error that says where the answer is not what its API promises. `what`: as in "a token". */
export const parseAnswer = <Shape extends z.ZodType>(shape: Shape, body: unknown, what: string): z.infer<Shape> => {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`the cloud's answer is not ${what}: ${issue?.path.join('.') || 'the whole of it'}: ${issue?.message}`);
};
