/**
 * Stands in for Atlassian's feature-gate client, which Atlaskit asks about unfinished features. That client is a telemetry
 * library that would call home; here every gate is closed and every experiment has its default, without a network. See `vite.config.ts`.
 */
const featureGates = {
  checkGate: (): boolean => false,
  getExperimentValue: <Value>(_experiment: string, _parameter: string, fallback: Value): Value => fallback,
  initializeCompleted: (): boolean => true,
};

export default featureGates;
