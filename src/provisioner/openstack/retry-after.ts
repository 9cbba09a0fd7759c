/** Milliseconds that a `Retry-After` header asks for, seconds or a date (RFC 9110, 10.2.3); `null` when it says neither. */
export const retryAfterMs = (header: string | null, now: number): number | null => {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
};
