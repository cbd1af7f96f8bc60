import type { Measuring, MeasuredConnection, Telemetry } from '../../core/observe/telemetry.js';
import { ownOptions } from '../../core/options/own-options.js';
import { MeasuredByOpenTelemetry } from './measured-by-opentelemetry.js';
import type { OpenTelemetryOptions } from './opentelemetry.options.js';
import { OPEN_TELEMETRY_OPTIONS } from './opentelemetry.options.js';

/**
 * Metrics and traces of connections through `@opentelemetry/api`: `HcpVaultModule.forRoot({ source, telemetry: openTelemetry() })`. Takes whatever provider
 * is registered with the API, one that comes later too; while there is none nothing is loaded, and nothing is measured. docs/metrics.md lists the instruments.
 * Never a value or a token; a secret's name with `secretNames: true` only. Throws SecretConfigurationError for an option that there is not.
 */
export function openTelemetry(options?: OpenTelemetryOptions): Telemetry {
  const { secretNames = false } = ownOptions(options, OPEN_TELEMETRY_OPTIONS, 'openTelemetry');
  return {
    kind: 'opentelemetry',
    measure: (connection: MeasuredConnection): Measuring => new MeasuredByOpenTelemetry(connection, { secretNames }),
  };
}
