const heard = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once when the signal aborts, unless it has; gives what ends that. However many requests heed one signal, it has one listener of ours: a
 * signal looks through all of its own whenever one comes or goes.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = heard.get(signal);
  if (!listeners) {
    const all = new Set<() => void>();
    heard.set(signal, (listeners = all));
    const tell = (): void => {
      heard.delete(signal);
      for (const listener of all) listener();
    };
    signal.addEventListener('abort', tell, { once: true });
  }
  const own = listeners.add(listener);
  return () => void own.delete(listener);
}
