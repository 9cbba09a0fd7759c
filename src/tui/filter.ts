/** Whether a text holds every word of a filter, in whatever case and order; an empty filter lets all through. */
export const matches = (filter: string, text: string): boolean => {
  const haystack = text.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every(word => haystack.includes(word));
};
