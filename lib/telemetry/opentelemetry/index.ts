export { openTelemetry } from './opentelemetry.js';
export type { OpenTelemetryOptions } from './opentelemetry.options.js';
export type { Telemetry } from '../../core/observe/telemetry.js';
