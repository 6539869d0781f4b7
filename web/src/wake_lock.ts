// Keeps the screen of a phone on. Browsers take the lock away with the page out of sight.

/** Returns how to end it. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  let ended = false;
  const take = async () => {
    if (document.hidden) return;
    // Refused at low battery, for one.
    lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
    if (ended) void lock?.release();
  };
  document.addEventListener('visibilitychange', take);
  void take();
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', take);
    void lock?.release();
  };
}
