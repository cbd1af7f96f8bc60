/** Resolves at the first SIGTERM or SIGINT, which then don't end the process by themselves. */
export function termination(): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      process.off('SIGTERM', end).off('SIGINT', end);
      resolve();
    };
    process.on('SIGTERM', end).on('SIGINT', end);
  });
}
