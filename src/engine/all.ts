/** All of them, or the first fault once every one has ended: nothing goes on behind the back of who cleans up. */
export async function all<T>(work: Iterable<Promise<T>>): Promise<T[]> {
  const ended = await Promise.allSettled(work);
  return ended.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
