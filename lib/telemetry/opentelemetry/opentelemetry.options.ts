import type { OptionKinds } from '../../core/options/option-kinds.js';

export interface OpenTelemetryOptions {
  /**
   * Whether secrets' names are attributes of metrics and spans: a time series for each secret, and names in whatever keeps them.
   * @default false
   */
  readonly secretNames?: boolean | undefined;
}

export const OPEN_TELEMETRY_OPTIONS: OptionKinds<OpenTelemetryOptions> = { secretNames: 'boolean' };
