// A page that calls its function and says what came back.
void (async () => {
  const { callBridge } = globalThis.__bridge;
  const context = await callBridge('getContext');
  const answer = await callBridge('invoke', { functionKey: 'run', payload: { source: '(payload, context) => context.accountId', payload: {} } });
  document.body.textContent = `${context.moduleKey} for ${answer.ok}`;
})();
